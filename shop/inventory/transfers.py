"""Goods from one location to another: written down, sent, received in parts.

What is sent is on nobody's hand until it is received. A unit that does not arrive, or not whole, is received
and written off in one: so the movements of kind ``transferred`` always sum to what is in transit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import queries, stocked
from shop.inventory.flow_checks import SOURCE
from shop.inventory.flow_models import Transfer, TransferLine
from shop.inventory.levels import MAX_QUANTITY, Step, StockShort, change, hold
from shop.inventory.models import StockMovement
from shop.inventory.states import TRANSFER, TransferState

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a line that came, and units that never will or came broken."""

    received: int = 0
    lost: int = 0


def draft(store_id: int, source_id: int, target_id: int, *, note: str, actor: str) -> str:
    """Begin a transfer; returns its public id. Raises ``Invalid("transfer-same-place")``, ``NotFound``."""
    if source_id == target_id:
        raise Invalid("transfer-same-place", field="target")
    stocked.check_places(store_id, [source_id, target_id])
    row = Transfer(
        store_id=store_id, source_id=source_id, target_id=target_id, note=note[:200], actor=actor
    )
    db.session.add(row)
    db.session.flush()  # its lines name its id
    return row.public_id


def set_line(store_id: int, public_id: str, variant_id: int, quantity: int) -> None:
    """Put units of a variant into a draft; 0 takes it out.

    Raises ``Conflict("transfer-sent")``, ``Invalid`` (``quantity-out-of-range``, ``lines-too-many``).
    """
    row = _locked(store_id, public_id)
    if row.state != TransferState.DRAFT:
        raise Conflict("transfer-sent")
    if not 0 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    stocked.check_variants(store_id, [variant_id])
    line = (TransferLine.transfer_id == row.id) & (TransferLine.variant_id == variant_id)
    if not quantity:
        db.session.execute(delete(TransferLine).where(line))
        return
    changed = update(TransferLine).where(line).values(quantity=quantity).returning(TransferLine.id)
    if db.session.scalar(changed) is None:
        if len(_lines(row.id)) >= MOST_LINES:
            raise Invalid("lines-too-many", field="code", maximum=MOST_LINES)
        db.session.add(TransferLine(transfer_id=row.id, variant_id=variant_id, quantity=quantity))
        db.session.flush()  # a second change in the same transaction finds it


def add(store_id: int, public_id: str, variant_id: int, units: int = 1) -> None:
    """So many units more of a variant: what a scan does. Raises as ``set_line``."""
    row = _locked(store_id, public_id)
    before = next((line.quantity for line in _lines(row.id) if line.variant_id == variant_id), 0)
    set_line(store_id, public_id, variant_id, before + units)


def send(store_id: int, public_id: str, *, actor: str) -> None:
    """The goods leave: what is promised must stay. Raises ``Conflict`` (``transfer-empty``,
    ``transfer-short`` with the variant and what is free), ``IllegalTransition``."""
    row = _locked(store_id, public_id)
    TRANSFER.check(TransferState(row.state), TransferState.SENT)
    lines = _lines(row.id)
    if not lines:
        raise Conflict("transfer-empty")
    wanted = {line.variant_id: line.quantity for line in lines}
    steps = [Step(variant_id, row.source_id, -units) for variant_id, units in wanted.items()]
    try:
        change(steps, "transferred", actor=actor, source=SOURCE + public_id, firm=True)
    except StockShort as error:
        variant_id = error.params["variant_id"]
        on_hand = queries.on_hand(variant_id, row.source_id)
        raise Conflict(
            "transfer-short",
            variant_id=variant_id,
            free=max(0, on_hand - queries.reserved(variant_id, row.source_id)),
            wanted=wanted[variant_id],
            sku=stocked.sku(variant_id),
        ) from error
    row.state = TransferState.SENT
    row.sent_at = clock.now()


def receive(
    store_id: int, public_id: str, arrived: Mapping[int, Arrived], *, reason: str, actor: str
) -> bool:
    """Book what came (variant id → units); returns whether the transfer is done by that.

    Raises ``Conflict("transfer-not-sent")``, ``Invalid("transfer-too-many")``,
    ``Invalid("nothing-arrived")``.
    """
    row = _locked(store_id, public_id)
    if row.state != TransferState.SENT:
        raise Conflict("transfer-not-sent")
    arrived = {vid: came for vid, came in arrived.items() if came.received or came.lost}
    if not arrived:
        raise Invalid("nothing-arrived", field="received")
    hold(arrived)
    for variant_id, came in sorted(arrived.items()):
        _count(row.id, variant_id, came)
    steps = [
        Step(vid, row.target_id, came.received) for vid, came in arrived.items() if came.received
    ]
    change(steps, "transferred", actor=actor, source=SOURCE + public_id)
    for variant_id, came in sorted(arrived.items()):
        if came.lost:
            _write_off(variant_id, row.target_id, came.lost, public_id, reason, actor)
    if all(line.received + line.lost == line.quantity for line in _lines(row.id)):
        TRANSFER.check(TransferState(row.state), TransferState.DONE)
        row.state = TransferState.DONE
        row.done_at = clock.now()
    return row.state == TransferState.DONE


def cancel(store_id: int, public_id: str) -> None:
    """Give up a transfer that was not sent. Raises ``IllegalTransition``."""
    row = _locked(store_id, public_id)
    TRANSFER.check(TransferState(row.state), TransferState.CANCELLED)
    row.state = TransferState.CANCELLED
    row.done_at = clock.now()


def _count(transfer_id: int, variant_id: int, came: Arrived) -> None:
    done = None
    if min(came.received, came.lost) >= 0 and max(came.received, came.lost) <= MAX_QUANTITY:
        done = db.session.scalar(
            update(TransferLine)
            .where(
                TransferLine.transfer_id == transfer_id,
                TransferLine.variant_id == variant_id,
                TransferLine.received + TransferLine.lost + came.received + came.lost
                <= TransferLine.quantity,
            )
            .values(
                received=TransferLine.received + came.received, lost=TransferLine.lost + came.lost
            )
            .returning(TransferLine.id)
        )
    if done is None:
        raise Invalid("transfer-too-many", field="received", variant_id=variant_id)


def _write_off(
    variant_id: int, location_id: int, units: int, public_id: str, reason: str, actor: str
) -> None:
    """Received and gone: two movements, of which the level sees nothing in between."""
    on_hand = queries.on_hand(variant_id, location_id)
    for kind, quantity, balance in (
        ("transferred", units, on_hand + units),
        ("adjusted", -units, on_hand),
    ):
        db.session.add(
            StockMovement(
                variant_id=variant_id,
                location_id=location_id,
                kind=kind,
                quantity=quantity,
                balance=balance,
                reason=reason[:200] if kind == "adjusted" else "",
                source=SOURCE + public_id,
                actor=actor,
            )
        )
        db.session.flush()  # in this order in the ledger


def _locked(store_id: int, public_id: str) -> Transfer:
    row = db.session.scalar(
        select(Transfer)
        .where(Transfer.store_id == store_id, Transfer.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("transfer-unknown")
    return row


def _lines(transfer_id: int) -> list[TransferLine]:
    return list(
        db.session.scalars(
            select(TransferLine)
            .where(TransferLine.transfer_id == transfer_id)
            .order_by(TransferLine.variant_id)
            .execution_options(populate_existing=True)
        )
    )
