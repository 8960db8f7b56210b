"""Until when an order can be returned, as its page says it."""

from datetime import datetime

from shop.core import clock
from shop.order import return_terms
from shop.order.views import OrderView


def return_by(order: OrderView) -> datetime | None:
    """The end of the window to ask for a return; None where none runs, or it is over."""
    if not order.physical or order.received_at is None:
        return None
    until = return_terms.of_store(order.store_id).open_until(order.received_at)
    return until if until is not None and until > clock.now() else None
