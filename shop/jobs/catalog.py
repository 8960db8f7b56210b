"""What happens to goods by itself."""

import structlog

from shop.catalog import collection_members, publishing
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


@job
def follow_rules() -> int:
    """Let collections follow rules that were changed or that time moves on; returns how many rows changed.

    A transaction for each batch: stopped in between, the next run goes on. Harmless to run twice.
    """
    done = 0
    ids = collection_members.due()
    db.session.rollback()
    for collection_id in ids:
        done += follow_rule(collection_id)
    return done


def follow_rule(collection_id: int) -> int:
    """Let one collection follow its rule to the end; returns how many rows changed."""
    done = 0
    while True:
        with transaction():
            changed = collection_members.evaluate(collection_id)
        done += changed
        if changed < collection_members.BATCH:
            return done


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
