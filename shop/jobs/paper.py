"""Papers that come of themselves: the invoice with the payment, the credit note with the refund."""

from collections.abc import Mapping
from typing import Any

from shop.core.transaction import transaction
from shop.documents import queries, services


def invoice(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """``order.paid``: issue the invoice, where the store issues them of itself. Run again, it is the same."""
    if queries.automatic(payload["order_id"]):
        with transaction():
            services.issue(payload["order_id"], actor="system")


def credit_note(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """``refund.done``: a bill that was given out is corrected; what was never billed needs nothing."""
    if queries.billed(payload["order_id"]):
        with transaction():
            services.issue(payload["order_id"], actor="system")
