"""What the demo's people will have bought: planned first, so that stock can be received that covers it."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shop.demo import texts


@dataclass
class Purchase:
    """One order to come: who, when, what (SKU → units), and how far it gets.

    ``ending``: unpaid, expired, cancelled, paid, shipped, received, refunded,
    return-asked, returned, cod, cod-received.
    """

    username: str
    at: datetime
    skus: dict[str, int]
    ending: str
    review: Mapping[str, Any] | None = None
    reviewed_sku: str = ""
    method: str = field(default="alipay")


def plan(chance: random.Random, now: datetime) -> list[Purchase]:
    """Every purchase of the past, oldest first."""
    goods = {product["slug"]: product for _, product in texts.products()}
    people = {person["name"]: person["username"] for person in texts.read("customers")["customer"]}
    planned = [
        _reviewed(row, goods, people, chance, now) for row in texts.read("reviews")["review"]
    ]
    usernames = list(people.values())
    sellable = [
        (slug, variant["sku"])
        for slug, product in goods.items()
        if product["kind"] == "physical"
        for variant in product["variants"]
        if variant["stock"] > 4
    ]
    endings = (
        ["paid"] * 9
        + ["shipped"] * 7
        + ["received"] * 24
        + ["cancelled"] * 3
        + ["expired"] * 3
        + ["refunded"] * 3
        + ["cod"] * 3
        + ["cod-received"] * 2
        + ["unpaid"] * 3
    )
    for ending in endings:
        planned.append(_plain(ending, chance.choice(usernames), sellable, chance, now))
    # The shopper that the demo signs in as has an order in every tab.
    for ending in ("unpaid", "paid", "shipped", "received", "refunded", "return-asked", "returned"):
        planned.append(_plain(ending, "amelia", sellable, chance, now))
    in_order = sorted(planned, key=lambda purchase: purchase.at)
    return [_by_wechat(one) if at % 3 == 1 else one for at, one in enumerate(in_order)]


def _by_wechat(purchase: Purchase) -> Purchase:
    return purchase if purchase.method == "cod" else replace(purchase, method="wechatpay")


def _reviewed(
    row: Mapping[str, Any],
    goods: Mapping[str, Any],
    people: Mapping[str, str],
    chance: random.Random,
    now: datetime,
) -> Purchase:
    product = goods[row["product"]]
    wanted = row.get("values")
    variant = next(
        (
            v
            for v in product["variants"]
            if wanted is None or list(v.get("values", [])) == list(wanted)
        ),
        product["variants"][0],
    )
    at = now - timedelta(days=row["days_ago"] + chance.randrange(4, 10), hours=chance.randrange(24))
    return Purchase(
        people[row["author"]],
        at,
        {variant["sku"]: chance.choice((1, 1, 1, 2))},
        "received",
        row,
        variant["sku"],
    )


_AGE = {"paid": (2, 60), "shipped": (60, 150), "cod": (5, 70), "unpaid": (0, 0)}
_AGE |= {"return-asked": (24 * 5, 24 * 9), "returned": (24 * 12, 24 * 18)}


def _plain(
    ending: str,
    username: str,
    sellable: list[tuple[str, str]],
    chance: random.Random,
    now: datetime,
) -> Purchase:
    low, high = _AGE.get(ending, (24 * 8, 24 * 40))
    at = now - timedelta(hours=chance.randint(low, high), minutes=chance.randrange(5, 25))
    picked = chance.sample(sellable, chance.choice((1, 1, 2, 2, 3)))
    skus = {sku: chance.choice((1, 1, 1, 2)) for _, sku in picked}
    return Purchase(
        username, at, skus, ending, method="cod" if ending.startswith("cod") else "alipay"
    )


def demand(planned: list[Purchase]) -> Counter[str]:
    """Units of each SKU that the past takes for good."""
    taken: Counter[str] = Counter()
    for purchase in planned:
        if purchase.ending not in {"cancelled", "expired"}:
            taken.update(purchase.skus)
    return taken
