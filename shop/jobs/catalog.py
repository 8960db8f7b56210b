"""What happens to goods by itself."""

import structlog

from shop.catalog import publishing
from shop.core import audit
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs.context import job

log = structlog.get_logger(__name__)


@job
def publish_due() -> int:
    """Publish the drafts whose hour has come, a transaction each. Harmless to run twice."""
    ids = publishing.due()
    db.session.rollback()
    return sum(_publish(product_id) for product_id in ids)


def _publish(product_id: int) -> bool:
    subject = f"product {product_id}"
    try:
        with transaction():
            published = publishing.publish_due(product_id)
            if published:
                audit.write("product.publish", subject, actor="system")
    except ShopError as error:  # it stays a draft, and is not tried again every minute
        log.warning("not published", product=product_id, error=str(error))
        with transaction():
            publishing.unschedule(product_id)
            audit.write("product.unpublishable", subject, actor="system", reason=error.reason)
        return False
    return published
