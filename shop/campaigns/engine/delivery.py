"""What the parcel of one store costs."""

from collections.abc import Iterable
from dataclasses import dataclass

from shop.campaigns.engine.quote import Progress
from shop.campaigns.engine.values import DeliveryRule, Line


@dataclass(frozen=True, slots=True)
class Parcel:
    """The rate to pay, whether it was waived, and what is missing to that."""

    fee_minor: int = 0
    waived: bool = False
    progress: Progress | None = None


def rate(rule: DeliveryRule, goods_minor: int, lines: Iterable[Line]) -> int:
    """What a parcel with these lines costs before it is waived; lines that do not travel do not count.

    By weight in grams, by worth after all offers, or by pieces: the highest tier that is reached, below
    the first one ``flat_minor``. Per item: so much for each piece.
    """
    sent = [line for line in lines if line.needs_delivery]
    pieces = sum(line.quantity for line in sent)
    if rule.kind == "per_item":
        return rule.flat_minor * pieces
    grams = sum(line.weight_grams * line.quantity for line in sent)
    measured = {"weight": grams, "price": goods_minor, "count": pieces}.get(rule.kind, 0)
    reached = [tier for tier in rule.tiers if tier[0] <= measured]
    return max(reached)[1] if reached else rule.flat_minor


def parcel(
    store_id: int, rule: DeliveryRule, goods_minor: int, lines: Iterable[Line] = ()
) -> Parcel:
    """The rate of the store's method, waived once its goods are worth enough after all offers."""
    fee = rate(rule, goods_minor, lines)
    if fee == 0:
        return Parcel(waived=True)
    if rule.free_from_minor is None:
        return Parcel(fee)
    if goods_minor >= rule.free_from_minor:
        return Parcel(waived=True)
    return Parcel(
        fee,
        progress=Progress(
            "delivery",
            None,
            store_id,
            {},
            goods_minor,
            rule.free_from_minor,
            off_minor=fee,
        ),
    )
