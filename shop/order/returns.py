"""The way of a return up to its money: asked for, decided, sent, withdrawn, or repaired."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from shop.catalog.images import Picture
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order import lock, return_outcomes, return_photos, return_terms, returnable, timeline
from shop.order.carriers.data import CARRIERS
from shop.order.models import OrderLine
from shop.order.return_models import Replacement, ReturnLine, ReturnRequest
from shop.order.return_outcomes import NOTHING_CAME, Wanted
from shop.order.return_states import RETURN, Outcome, ReturnState

__all__ = ["Wanted"]

REASONS = (
    "damaged",
    "wrong-item",
    "not-as-described",
    "size",
    "changed-mind",
    "quality",
    "other",
    NOTHING_CAME,
)
SEND_WITHIN = timedelta(days=14)
"""An approved return that was not sent by then is over."""
LONGEST = 2000


def check(order_id: int, wanted: Mapping[str, Wanted]) -> list[tuple[OrderLine, Wanted]]:
    """What of ``wanted`` (by line public id) is chosen. Raises ``Invalid`` for too many units, a reason
    that there is not, or nothing."""
    left = returnable.of_order(order_id).units
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
        chosen.append((line, units))
    if not chosen:
        raise Invalid("return-empty", field="quantities")
    return chosen


def create(
    order_id: int,
    wanted: Mapping[str, Wanted],
    amount_minor: int,
    text: str,
    *,
    actor: str,
    outcome: str = Outcome.REFUND,
    pictures: Sequence[Picture] = (),
) -> ReturnRequest:
    """Write a return down. ``wanted`` by line public id; ``amount_minor`` is what was promised for it, or
    what it is worth where goods are to come instead; ``pictures`` are stored already.

    The caller holds the order's lock. Raises ``Invalid`` for too many units or no reason, and as
    ``return_outcomes.check``.
    """
    if len(text) > LONGEST:
        raise Invalid("text-too-long", field="text", maximum=LONGEST)
    chosen = check(order_id, wanted)
    fitting, variants = return_outcomes.check(chosen, outcome)
    hours = return_terms.of_order(order_id).answer_hours
    row = ReturnRequest(
        order_id=order_id,
        amount_minor=amount_minor,
        text=text,
        outcome=fitting,
        answer_by=clock.now() + timedelta(hours=hours),
    )
    db.session.add(row)
    db.session.flush()  # its lines name its id
    lines = [
        ReturnLine(
            return_id=row.id,
            line_id=line.id,
            quantity=units.quantity,
            reason=units.reason,
            note=units.note.strip(),
        )
        for line, units in chosen
    ]
    db.session.add_all(lines)
    db.session.flush()  # what is to come instead names their ids
    for line, variant_id in zip(lines, variants, strict=False):
        db.session.add(Replacement(return_line_id=line.id, variant_id=variant_id))
    return_photos.attach(row.id, pictures)
    _note(
        row,
        "return_requested",
        actor,
        amount_minor=amount_minor,
        outcome=str(fitting),
        photos=len(pictures),
    )
    tell(row, "return.asked")
    return row


def approve(public_id: str, *, instructions: str, actor: str) -> None:
    """The shop takes it back; ``instructions`` say where to send it."""
    row = hold(public_id)
    if not instructions.strip() and row.outcome != Outcome.MONEY:
        raise Invalid("return-address-missing", field="instructions")
    if len(instructions) > LONGEST:
        raise Invalid("text-too-long", field="instructions", maximum=LONGEST)
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
    if row.outcome == Outcome.MONEY:
        raise Conflict("return-nothing-to-send")
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
    tell(row, "return.withdrawn")


def repair(public_id: str, *, carrier: str, tracking_number: str, actor: str) -> None:
    """The shop has mended the goods and sent them again: they were never given back.

    Raises ``Invalid`` for a parcel without carrier or number, ``Conflict`` where no repair was asked for.
    """
    if carrier not in CARRIERS:
        raise Invalid("carrier-unknown", field="carrier")
    if not tracking_number.strip() or len(tracking_number) > 60:
        raise Invalid("return-tracking", field="tracking_number")
    row = hold(public_id)
    if row.outcome != Outcome.REPAIR:
        raise Conflict("return-moved-on", state=row.state)
    _move(row, ReturnState.REPAIRED)
    row.back_carrier, row.back_number = carrier, tracking_number.strip()
    row.ended_at = clock.now()
    _note(row, "return_repaired", actor, carrier=carrier, tracking_number=row.back_number)
    tell(row, "return.repaired")


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


def agree(row: ReturnRequest, instructions: str, *, quiet: bool = False) -> None:
    """A held return is approved, and to be sent within ``SEND_WITHIN`` unless it is about money only; who
    agreed is noted by the caller. ``quiet``: there is better news to tell."""
    _move(row, ReturnState.APPROVED)
    if row.outcome != Outcome.MONEY:
        row.instructions, row.send_by = instructions, clock.now() + SEND_WITHIN
    if not quiet:
        tell(row, "return.approved")


def tell(row: ReturnRequest, event: str) -> None:
    """Let whoever listens know; mails are made of it."""
    outbox.record(event, return_id=row.public_id, order_id=row.order_id)


def _move(row: ReturnRequest, new: ReturnState) -> None:
    ask(row, new)
    row.state = new


def _note(row: ReturnRequest, kind: str, actor: str, **detail: object) -> None:
    timeline.note(row.order_id, kind, actor=actor, return_id=row.public_id, **detail)
