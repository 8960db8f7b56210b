"""What shoppers send to show that they have transferred. Staff look at it; it pays nothing by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from shop.catalog.photos import PRIVATE
from shop.core import audit, clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order import timeline
from shop.order.models import Order
from shop.payment import transfer_money, transfers
from shop.payment.transfer_models import BankTransfer, TransferProof
from shop.payment.transfer_states import PROOF, ProofState

FOLDER = f"{PRIVATE}transfers"
"""Where proofs lie in media storage."""

MOST_WAITING, MOST_EVER = 6, 30
MOST_PDF = 5 * 1024 * 1024
REASONS = ("not-arrived", "unreadable", "other-account", "other-amount", "other")
"""Why a proof is declined."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in storage already. ``widths``: of a picture, none for a PDF."""

    name: str
    width: int = 0
    height: int = 0
    widths: tuple[int, ...] = ()


def check_pdf(raw: bytes) -> None:
    """Refuse what is no PDF by its content, or too large; readers never open it here, it is only kept.

    Raises ``Invalid``: "proof-too-large", "proof-unreadable".
    """
    if len(raw) > MOST_PDF:
        raise Invalid("proof-too-large", field="proofs", limit_mb=MOST_PDF // 1024 // 1024)
    if not raw.startswith(b"%PDF-") or b"%%EOF" not in raw[-2048:]:
        raise Invalid("proof-unreadable", field="proofs")


def send(
    order_id: int, files: Sequence[Stored], *, payer: str, paid_on: date | None, actor: str
) -> int:
    """Keep proofs for the transfer of an order's checkout; returns how many.

    Raises ``NotFound`` when the order is not paid by transfer, ``Invalid("proof-missing")`` without a file,
    ``Invalid("payer-too-long")``, ``Invalid("proof-date")`` for a day that cannot be meant and
    ``Conflict("proofs-too-many")``.
    """
    if not files:
        raise Invalid("proof-missing", field="proofs")
    if len(payer) > 80:
        raise Invalid("payer-too-long", field="payer", maximum=80)
    today = clock.now().date()
    if paid_on is not None and not today - timedelta(days=90) <= paid_on <= today + timedelta(1):
        raise Invalid("proof-date", field="paid_on")
    transfer = _of_order(order_id)
    orders = transfers.orders_of(transfer.checkout_id)
    waiting, ever = db.session.execute(
        select(
            func.count().filter(TransferProof.state == ProofState.SENT),
            func.count(),
        ).where(TransferProof.transfer_id == transfer.id)
    ).one()
    if waiting + len(files) > MOST_WAITING or ever + len(files) > MOST_EVER:
        raise Conflict("proofs-too-many", maximum=MOST_WAITING)
    for one in files:
        db.session.add(
            TransferProof(
                transfer_id=transfer.id,
                name=one.name,
                width=one.width,
                height=one.height,
                widths=" ".join(map(str, one.widths)),
                payer=" ".join(payer.split()),
                paid_on=paid_on,
            )
        )
    for order in orders:
        timeline.note(order.id, "transfer_proof", actor=actor, files=len(files))
    return len(files)


def decline(
    public_id: str,
    reason: str,
    note: str,
    *,
    actor: str,
    store_ids: Sequence[int] | None = None,
    user_id: int | None = None,
) -> str:
    """Say that a proof shows no payment, and why; the shopper is mailed. Returns the transfer's reference.

    Raises ``NotFound``, ``Invalid("reason-missing")``, ``Invalid("note-too-long")`` and
    ``Conflict("proof-decided")``.
    """
    reference = db.session.scalar(
        select(BankTransfer.reference)
        .join(TransferProof, TransferProof.transfer_id == BankTransfer.id)
        .where(TransferProof.public_id == public_id)
    )
    transfer = transfer_money.of_reference(reference or "", store_ids)
    said = " ".join(note.split())
    if reason not in REASONS or (reason == "other" and not said):
        raise Invalid("reason-missing", field="reason")
    if len(said) > 255:
        raise Invalid("note-too-long", field="note", maximum=255)
    orders = transfers.orders_of(transfer.checkout_id)
    proof = db.session.scalars(
        select(TransferProof)
        .where(TransferProof.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if not PROOF.allows(ProofState(proof.state), ProofState.DECLINED):
        raise Conflict("proof-decided")
    proof.state, proof.reason, proof.note = ProofState.DECLINED, reason, said
    proof.actor, proof.decided_at = actor, clock.now()
    for order in orders:
        timeline.note(order.id, "transfer_declined", actor=actor, why=said, reason=reason)
    audit.write(
        "transfer.decline",
        f"transfer {transfer.reference}",
        actor=actor,
        user_id=user_id,
        store_id=orders[0].store_id if len({row.store_id for row in orders}) == 1 else None,
        proof=public_id,
        reason=reason,
    )
    outbox.record("transfer.declined", order_id=orders[0].id, proof_id=proof.id)
    return transfer.reference


def known(names: Collection[str]) -> set[str]:
    """Which of these stored files belong to a proof."""
    return set(
        db.session.scalars(
            select(TransferProof.name).where(TransferProof.name.in_(names)).distinct()
        )
    )


def _of_order(order_id: int) -> BankTransfer:
    found = db.session.scalar(
        select(BankTransfer)
        .join(Order, Order.checkout_id == BankTransfer.checkout_id)
        .where(Order.id == order_id)
    )
    if found is None:
        raise NotFound("transfer-missing")
    return found
