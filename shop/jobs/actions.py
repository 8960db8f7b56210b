"""What a handler's name stands for: a mail, or something to be done."""

from collections.abc import Callable, Mapping
from typing import Any

from shop.jobs import (
    brands,
    cards,
    imports,
    mails,
    paper,
    payments,
    searches,
    shorts,
    uploads,
    waiting,
)

ACTIONS: dict[str, Callable[[Mapping[str, Any], int], None]] = {
    "brand.merge": brands.merge_asked,
    "giftcards.write_code": cards.write_code,
    "import.apply": uploads.apply_asked,
    "import.check": uploads.check_asked,
    "import.undo": imports.undo_asked,
    "orders.note_filled": shorts.note_filled,
    "orders.note_short": shorts.note_short,
    "paper.credit_note": paper.credit_note,
    "paper.invoice": paper.invoice,
    "payment.close_left": payments.close_left,
    "refund.submit": payments.submit_refund,
    "search.reindex_store": searches.reindex_store,
    "search.reindex_category": searches.reindex_category,
    "search.reindex_brand": searches.reindex_brand,
    "waits.serve": waiting.serve,
    "waits.forget_product": waiting.forget_product,
}


def run(handler: str, payload: Mapping[str, Any], delivery_id: int) -> None:
    """Do what ``handler`` stands for. Raises ``LookupError`` for a name that is no longer known."""
    if mails.is_mail(handler):
        mails.deliver(handler, payload, delivery_id)
        return
    ACTIONS[handler](payload, delivery_id)
