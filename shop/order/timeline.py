"""The order's diary: append-only, who did what and why."""

from typing import Any

from shop.core import clock
from shop.core.db import db
from shop.order.models import TimelineEntry


def note(order_id: int, kind: str, *, actor: str, **detail: Any) -> None:
    """Write ``kind`` into the order's timeline; ``detail`` holds ids, amounts and codes."""
    db.session.add(
        TimelineEntry(order_id=order_id, kind=kind, actor=actor, detail=detail, at=clock.now())
    )
