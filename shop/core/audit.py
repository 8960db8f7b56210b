"""Who did what: staff and operator actions, written in the transaction that did them."""

from typing import Any

from shop.core.db import db
from shop.core.models import AuditEntry


def write(
    action: str,
    subject: str,
    *,
    actor: str,
    user_id: int | None = None,
    store_id: int | None = None,
    **detail: Any,
) -> None:
    """Record ``action`` (noun.verb) on ``subject`` (``order 261122-3KX6BR``) by ``actor``."""
    db.session.add(
        AuditEntry(
            action=action,
            subject=subject,
            actor=actor,
            user_id=user_id,
            store_id=store_id,
            detail=detail,
        )
    )
