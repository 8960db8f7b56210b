"""What every try of a delivery has in common: how long it may take, and what becomes of one in vain."""

from datetime import timedelta

import structlog

from shop.core import outbox
from shop.core.db import db
from shop.core.transaction import transaction

LEASE = timedelta(seconds=60)
"""For so long a delivery is one worker's. A job ends before it (``queue``)."""

log = structlog.get_logger(__name__)


def failed(delivery_id: int, handler: str, error: Exception) -> None:
    """Write a failure down, and that it is to be tried again later."""
    db.session.rollback()
    with transaction():
        again = outbox.failed(delivery_id, f"{type(error).__name__}: {error}")
    log.error(
        "delivery failed",
        handler=handler,
        delivery=delivery_id,
        again=again.isoformat() if again else "never",
        exc_info=error,
    )
