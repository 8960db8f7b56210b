"""What the shopper reads of returns on the pages of orders: until when, and how the newest one stands."""

from datetime import datetime

from flask_babel import gettext as _

from shop.core import clock
from shop.order import return_terms
from shop.order.return_queries import AGREED
from shop.order.return_states import ReturnState
from shop.order.views import OrderRow, OrderView


def return_by(order: OrderView) -> datetime | None:
    """The end of the window to ask for a return; None where none runs, it is over, or all came back."""
    if order.received_at is None or not any(
        line.kind in {"physical", "service"} and line.shipped > line.returned
        for line in order.lines
    ):
        return None
    until = return_terms.of_store(order.store_id).open_until(order.received_at)
    return until if until is not None and until > clock.now() else None


def return_sentence(row: OrderRow) -> str:
    """How an open return stands, for a list; "" where none is."""
    if row.returning == ReturnState.REQUESTED:
        return _("You asked for a return; the shop is looking at it.")
    if row.returning == ReturnState.APPROVED:
        return _("Your return is approved: please send it back.")
    if row.returning == AGREED:
        return _("The shop agreed: your money goes back.")
    if row.returning == ReturnState.IN_TRANSIT:
        return _("Your return is on its way to the shop.")
    return ""
