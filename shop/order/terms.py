"""What a store has decided about its parcels: whom it sends with, how long shoppers may pay and wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import Invalid
from shop.order.carriers.data import CARRIERS
from shop.store import services as stores
from shop.store.models import Store

KEY = "parcels"
"""Where these settings lie in the settings of a store."""

AFTER_DELIVERY, AFTER_SHIPPING = 7, 15
MOST_DAYS, MOST_MINUTES = 90, 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Terms:
    """``carriers``: codes in use, the first ``carrier`` by default. Days until an order counts as received,
    ``after_delivery`` and, where no tracking tells, ``after_shipping``. ``pay_minutes`` None: as the
    platform has it."""

    carriers: tuple[str, ...] = tuple(CARRIERS)
    carrier: str = "SF"
    after_delivery: int = AFTER_DELIVERY
    after_shipping: int = AFTER_SHIPPING
    pay_minutes: int | None = None


def read(settings: Mapping[str, Any]) -> Terms:
    """The terms among a store's settings; what is missing is as it comes."""
    kept = settings.get(KEY) or {}
    codes = tuple(code for code in CARRIERS if code in kept.get("carriers", CARRIERS))
    codes = codes or tuple(CARRIERS)
    carrier = kept.get("carrier", "SF")
    return Terms(
        carriers=codes,
        carrier=carrier if carrier in codes else codes[0],
        after_delivery=int(kept.get("after_delivery", AFTER_DELIVERY)),
        after_shipping=int(kept.get("after_shipping", AFTER_SHIPPING)),
        pay_minutes=kept.get("pay_minutes"),
    )


def of_store(store_id: int) -> Terms:
    """The terms of a store."""
    return read(db.session.scalar(select(Store.settings).where(Store.id == store_id)) or {})


def change(store_id: int, terms: Terms) -> None:
    """Keep other terms for a store. Raises ``Invalid`` for what cannot be meant, with its ``field``."""
    if not terms.carriers or any(code not in CARRIERS for code in terms.carriers):
        raise Invalid("carriers-missing", field="carriers")
    if terms.carrier not in terms.carriers:
        raise Invalid("carrier-not-used", field="carrier")
    for field in ("after_delivery", "after_shipping"):
        if not 1 <= getattr(terms, field) <= MOST_DAYS:
            raise Invalid("days-out-of-range", field=field, maximum=MOST_DAYS)
    if terms.pay_minutes is not None and not 5 <= terms.pay_minutes <= MOST_MINUTES:
        raise Invalid("minutes-out-of-range", field="pay_minutes", maximum=MOST_MINUTES)
    kept = {
        "carriers": list(terms.carriers),
        "carrier": terms.carrier,
        "after_delivery": terms.after_delivery,
        "after_shipping": terms.after_shipping,
        "pay_minutes": terms.pay_minutes,
    }
    stores.update(store_id, settings={KEY: kept})


def time_to_pay(store_ids: Iterable[int], otherwise: timedelta) -> timedelta:
    """How long a checkout of these stores waits for its money: the shortest of what they decided."""
    rows = db.session.scalars(select(Store.settings).where(Store.id.in_(list(store_ids))))
    given = [read(settings).pay_minutes for settings in rows]
    return min(
        (timedelta(minutes=one) if one is not None else otherwise for one in given),
        default=otherwise,
    )
