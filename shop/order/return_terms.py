"""What a store has decided about its returns: how long shoppers may ask, how soon it answers, where to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import Invalid
from shop.order.models import Order
from shop.store import services as stores
from shop.store.models import Store

KEY = "returns"
"""Where these settings lie in the settings of a store."""

LEAST_HOURS, MOST_HOURS = 24, 14 * 24
LEAST_DAYS, MOST_DAYS = 7, 365
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """``window_days`` after the receipt a return may be asked for; without an answer within
    ``answer_hours`` it counts as approved, and goes to where ``instructions`` say ("": ask the store)."""

    window_days: int = 30  # as the product pages and the help say
    answer_hours: int = 48
    instructions: str = ""

    def open_until(self, received_at: datetime | None) -> datetime | None:
        """When the window closes; None while the order was not received, and it stays open."""
        return received_at + timedelta(days=self.window_days) if received_at else None


def read(settings: Mapping[str, Any]) -> Terms:
    """The terms among a store's settings; what is missing is as it comes."""
    kept = settings.get(KEY) or {}
    return Terms(**{name: kept[name] for name in asdict(Terms()) if name in kept})


def of_store(store_id: int) -> Terms:
    """The terms of a store."""
    return read(db.session.scalar(select(Store.settings).where(Store.id == store_id)) or {})


def of_order(order_id: int) -> Terms:
    """The terms of the store that an order was placed with."""
    query = (
        select(Store.settings).join(Order, Order.store_id == Store.id).where(Order.id == order_id)
    )
    return read(db.session.scalar(query) or {})


def change(store_id: int, terms: Terms) -> None:
    """Keep other terms for a store. Raises ``Invalid`` for what cannot be meant, with its ``field``."""
    if not LEAST_DAYS <= terms.window_days <= MOST_DAYS:
        raise Invalid("return-window", field="window_days", minimum=LEAST_DAYS, maximum=MOST_DAYS)
    if not LEAST_HOURS <= terms.answer_hours <= MOST_HOURS:
        raise Invalid("return-hours", field="answer_hours", minimum=LEAST_HOURS, maximum=MOST_HOURS)
    if len(terms.instructions) > LONGEST:
        raise Invalid("text-too-long", field="instructions", maximum=LONGEST)
    stores.update(store_id, settings={KEY: asdict(terms)})
