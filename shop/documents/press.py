"""The press: one document at a time in each process, which bounds what drawing takes.

A font keeps notes on the document that it is drawn into, so two threads must not share it; 200 slips
take about a second and 60 MB more than the idle process. Call it outside transactions.
"""

from collections.abc import Sequence
from threading import Lock

from shop.documents.bill_data import Bill
from shop.documents.label_data import Label
from shop.documents.queries import Slip

PARCELS = ("slip", "label", "label-a4", "pick")
"""What is drawn of parcels; the pick list alone is in the language of who asks."""

_one = Lock()


def parcels(kind: str, slips: Sequence[Slip], locale: str) -> bytes:
    """Slips, labels or a pick list. Raises ``ValueError`` for another kind or nothing to draw."""
    if kind not in PARCELS or not slips:
        raise ValueError(kind)
    with _one:
        # Here, since drawing brings a library of 13 MB: processes that never print do without.
        from shop.documents import labels, packing, picking

        if kind == "slip":
            return packing.packing_slips(slips)
        if kind == "pick":
            return picking.pick_list(slips, locale)
        return labels.address_labels(slips, "a4" if kind == "label-a4" else "4x6")


def bills(found: Sequence[Bill]) -> bytes:
    """Invoices and credit notes, one after the other."""
    with _one:
        from shop.documents import billing  # as above

        return billing.bills(found)


def label(found: Label) -> bytes:
    """An address label of its own."""
    with _one:
        from shop.documents import labels  # as above

        return labels.single(found)
