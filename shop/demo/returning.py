"""Returns of the demo's past: one that was refunded, one that waits for the shop's answer."""

from datetime import datetime, timedelta

from shop.core import clock, ids
from shop.core.transaction import transaction
from shop.order import returns
from shop.order.returns import Wanted
from shop.payment import return_refunds

ENDINGS = ("return-asked", "returned")
_ADDRESS = "松间 退货组\n浙江省杭州市西湖区文三路 1 号\nSongjian returns, 1 Wensan Road, Hangzhou"


def live(order_id: int, line: str, ending: str, received_at: datetime, *, actor: str) -> None:
    """One unit of a received line is to go back; "returned" ends with its refund asked for."""
    if ending == "return-asked":
        # Lately, whenever it was received: the shop still has time to answer.
        _ask(order_id, line, "damaged", clock.now() - timedelta(hours=3), actor)
        return
    go_back(order_id, line, 1, "changed-mind", received_at, actor)


def go_back(
    order_id: int, line: str, units: int, reason: str, received_at: datetime, actor: str
) -> None:
    """Units of a line go back within four days, and their refund is asked for."""
    at = received_at + timedelta(days=1)
    asked = _ask(order_id, line, reason, at, actor, units)
    with clock.at(at + timedelta(hours=5)), transaction():
        returns.approve(asked, instructions=_ADDRESS, actor="Lin Wei")
    with clock.at(at + timedelta(hours=27)), transaction():
        returns.send(order_id, asked, carrier="SF", tracking_number="SF7300555012", actor=actor)
    with clock.at(at + timedelta(hours=70)), transaction():
        return_refunds.receive(asked, restock={line}, include_delivery=False, actor="Lin Wei")


def _ask(order_id: int, line: str, reason: str, at: datetime, actor: str, units: int = 1) -> str:
    text = "There is a scratch on one side." if reason == "damaged" else ""
    with clock.at(at), transaction():
        wanted = {line: Wanted(units, reason)}
        return return_refunds.request(order_id, wanted, text, actor=actor, key=ids.token())
