"""What orders are told of their units that a count did not find."""

from collections.abc import Mapping
from typing import Any

from shop.core import idempotency
from shop.core.transaction import transaction
from shop.order import shorts


def note_short(payload: Mapping[str, Any], delivery_id: int) -> None:
    """``stock.short``: the newest orders lost units."""
    _note("short", payload, delivery_id)


def note_filled(payload: Mapping[str, Any], delivery_id: int) -> None:
    """``stock.filled``: the oldest of them got units again."""
    _note("filled", payload, delivery_id)


def _note(kind: str, payload: Mapping[str, Any], delivery_id: int) -> None:
    key = f"delivery-{delivery_id}"
    with transaction():
        if idempotency.begin("note-shorts", key, delivery_id) is None:
            shorts.note(kind, payload["lines"], actor=str(payload.get("actor", "system")))
            idempotency.finish("note-shorts", key, "done")
