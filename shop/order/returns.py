"""The way of a return up to its money: asked for, decided, sent, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order import lock, return_terms, timeline
from shop.order.models import OrderLine
from shop.order.return_models import ReturnLine, ReturnRequest
from shop.order.return_states import ACTIVE, RETURN, ReturnState

REASONS = (
    "damaged",
    "wrong-item",
    "not-as-described",
    "size",
    "changed-mind",
    "quality",
    "other",
)
SEND_WITHIN = timedelta(days=14)
"""An approved return that was not sent by then is over."""
ASKED_AT_MOST = 2
"""A line that was refused so often is settled: a refusal may be asked about once more."""
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a line, and why they go back."""

    quantity: int
    reason: str


def returnable(order_id: int) -> dict[int, int]:
    """Line id → units that may go back: goods that were shipped, neither returned nor under return, and not
    refused twice."""
    received_at, terms = return_terms.of_received(order_id)
    until = terms.open_until(received_at)
    if until is not None and clock.now() >= until:
        return {}
    active = (
        select(func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(ReturnLine.line_id == OrderLine.id, ReturnRequest.state.in_(ACTIVE))
        .correlate(OrderLine)
        .scalar_subquery()
    )
    settled = (
        select(ReturnLine.line_id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(ReturnRequest.order_id == order_id, ReturnRequest.state == ReturnState.REFUSED)
        .group_by(ReturnLine.line_id)
        .having(func.count() >= ASKED_AT_MOST)
    )
    left = db.session.execute(
        select(OrderLine.id, OrderLine.shipped - OrderLine.returned - active)
        .where(OrderLine.id.not_in(settled))
        .where(OrderLine.order_id == order_id, OrderLine.kind == "physical")
        .order_by(OrderLine.id)
    )
    return {line_id: int(units) for line_id, units in left if units > 0}


def check(order_id: int, wanted: Mapping[str, Wanted]) -> list[tuple[int, Wanted]]:
    """What of ``wanted`` (by line public id) is chosen, by line id. Raises ``Invalid`` for too many
    units, a reason that there is not, or nothing."""
    left = returnable(order_id)
    chosen = []
    for line in lock.lines(order_id):
        units = wanted.get(line.public_id)
        if units is None or units.quantity == 0:
            continue
        most = left.get(line.id, 0)
        if not 0 < units.quantity <= most:
            raise Invalid("return-quantity", field=f"quantity-{line.public_id}", maximum=most)
        if units.reason not in REASONS:
            raise Invalid("return-reason", field=f"reason-{line.public_id}")
        chosen.append((line.id, units))
    if not chosen:
        raise Invalid("return-empty", field="quantities")
    return chosen


def create(
    order_id: int, wanted: Mapping[str, Wanted], amount_minor: int, text: str, *, actor: str
) -> ReturnRequest:
    """Write a return down. ``wanted`` by line public id; ``amount_minor`` is what was promised for it.

    The caller holds the order's lock. Raises ``Invalid`` for too many units or no reason.
    """
    if len(text) > LONGEST:
        raise Invalid("text-too-long", field="text", maximum=LONGEST)
    chosen = check(order_id, wanted)
    hours = return_terms.of_order(order_id).answer_hours
    row = ReturnRequest(
        order_id=order_id,
        amount_minor=amount_minor,
        text=text,
        answer_by=clock.now() + timedelta(hours=hours),
    )
    db.session.add(row)
    db.session.flush()  # its lines name its id
    for line_id, units in chosen:
        db.session.add(
            ReturnLine(
                return_id=row.id, line_id=line_id, quantity=units.quantity, reason=units.reason
            )
        )
    _note(row, "return_requested", actor, amount_minor=amount_minor)
    tell(row, "return.asked")
    return row


def approve(public_id: str, *, instructions: str, actor: str) -> None:
    """The shop takes it back; ``instructions`` say where to send it."""
    if not instructions.strip():
        raise Invalid("return-address-missing", field="instructions")
    if len(instructions) > LONGEST:
        raise Invalid("text-too-long", field="instructions", maximum=LONGEST)
    row = hold(public_id)
    agree(row, instructions.strip())
    _note(row, "return_approved", actor)


def refuse(public_id: str, *, reason: str, actor: str) -> None:
    """The shop does not take it back, and says why."""
    if not reason.strip():
        raise Invalid("return-refusal-missing", field="reason")
    row = hold(public_id)
    _move(row, ReturnState.REFUSED)
    row.refusal = reason.strip()[:500]
    row.ended_at = clock.now()
    _note(row, "return_refused", actor, why=row.refusal)
    tell(row, "return.refused")


def send(order_id: int, public_id: str, *, carrier: str, tracking_number: str, actor: str) -> None:
    """The shopper has handed the parcel over."""
    if not tracking_number.strip() or len(tracking_number) > 60 or len(carrier) > 24:
        raise Invalid("return-tracking", field="tracking_number")
    row = hold(public_id, order_id)
    _move(row, ReturnState.IN_TRANSIT)
    row.carrier, row.tracking_number = carrier.strip(), tracking_number.strip()
    _note(row, "return_sent", actor, tracking_number=row.tracking_number)
    tell(row, "return.sent")


def withdraw(order_id: int, public_id: str, *, actor: str) -> None:
    """The shopper keeps it after all."""
    row = hold(public_id, order_id)
    _move(row, ReturnState.WITHDRAWN)
    row.ended_at = clock.now()
    _note(row, "return_withdrawn", actor)


def hold(public_id: str, order_id: int | None = None) -> ReturnRequest:
    """The return, its order locked first. Raises ``NotFound``, also for another order's."""
    found = db.session.scalar(
        select(ReturnRequest.order_id).where(ReturnRequest.public_id == public_id)
    )
    if found is None or order_id not in (None, found):
        raise NotFound("return-missing")
    lock.order(found)
    return db.session.scalars(
        select(ReturnRequest)
        .where(ReturnRequest.public_id == public_id)
        .execution_options(populate_existing=True)
    ).one()


def ask(row: ReturnRequest, new: ReturnState) -> None:
    """Raise ``Conflict("return-moved-on")`` unless the return may become ``new``."""
    if not RETURN.allows(ReturnState(row.state), new):
        raise Conflict("return-moved-on", state=row.state)


def agree(row: ReturnRequest, instructions: str) -> None:
    """A held return is approved, and to be sent within ``SEND_WITHIN``; who agreed is noted by the caller."""
    _move(row, ReturnState.APPROVED)
    row.instructions, row.send_by = instructions, clock.now() + SEND_WITHIN
    tell(row, "return.approved")


def tell(row: ReturnRequest, event: str) -> None:
    """Let whoever listens know; mails are made of it."""
    outbox.record(event, return_id=row.public_id, order_id=row.order_id)


def _move(row: ReturnRequest, new: ReturnState) -> None:
    ask(row, new)
    row.state = new


def _note(row: ReturnRequest, kind: str, actor: str, **detail: object) -> None:
    timeline.note(row.order_id, kind, actor=actor, return_id=row.public_id, **detail)
