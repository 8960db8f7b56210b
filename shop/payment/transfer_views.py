"""Reading one bank transfer, whole."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import aliased

from shop.catalog.photos import Photo
from shop.core import ids
from shop.core.lookups import Lookup, Rows, askable
from shop.order.models import Checkout, Order
from shop.order.states import AWAITING, OrderState, PaymentState
from shop.payment import ledger
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.transfer_models import (
    BankReceipt,
    BankReceiptShare,
    BankTransfer,
    TransferProof,
)
from shop.payment.transfer_states import ProofState
from shop.payment.transfers import TRANSFER

_Meant = aliased(Payment)


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof, as pages show it. ``photo``: None for a PDF."""

    public_id: str
    name: str
    photo: Photo | None
    payer: str
    paid_on: date | None
    state: ProofState
    reason: str
    note: str
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Money that came, in minor units."""

    at: datetime
    amount_minor: int
    reference: str


@dataclass(frozen=True, slots=True)
class TransferPart:
    """An order of a transfer: what it costs by transfer, and what came of it."""

    number: str
    store_id: int
    state: OrderState
    payment_state: PaymentState
    amount_minor: int
    came_minor: int
    expires_at: datetime | None

    @property
    def lacking_minor(self) -> int:
        """What is still to come, while it is waited for."""
        waits = self.state == OrderState.OPEN and self.payment_state in AWAITING
        return self.amount_minor - self.came_minor if waits else 0


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer, whole. Minor units."""

    reference: str
    created_at: datetime
    currency: str
    parts: list[TransferPart]
    receipts: list[ReceiptRow]
    proofs: list[ProofRow]

    @property
    def lacking_minor(self) -> int:
        """What is still to be transferred."""
        return sum(part.lacking_minor for part in self.parts)

    @property
    def came_minor(self) -> int:
        """What came of it."""
        return sum(part.came_minor for part in self.parts)

    @property
    def expires_at(self) -> datetime | None:
        """Until when it is waited for."""
        times = [part.expires_at for part in self.parts if part.lacking_minor and part.expires_at]
        return min(times, default=None)

    @property
    def waiting_proofs(self) -> list[ProofRow]:
        """Those that nobody has looked at."""
        return [proof for proof in self.proofs if proof.state == ProofState.SENT]


@askable
def of_checkout(checkout_id: int) -> Lookup[TransferView | None]:
    """The transfer of a checkout, None when it is not paid that way."""
    return _view(BankTransfer.checkout_id == checkout_id)


@askable
def of_reference(reference: str) -> Lookup[TransferView | None]:
    """The transfer that a reference means, however it was typed."""
    return _view(BankTransfer.reference == ids.normalise_reference(reference[:40]))


def _view(which: ColumnElement[bool]) -> Lookup[TransferView | None]:
    return Lookup(
        _read,
        select(BankTransfer.reference, BankTransfer.created_at, Checkout.currency)
        .join(Checkout, Checkout.id == BankTransfer.checkout_id)
        .where(which),
        select(
            Order.number,
            Order.store_id,
            Order.state,
            Order.payment_state,
            Payment.amount_minor,
            came().label("came"),
            Order.expires_at,
        )
        .join(BankTransfer, BankTransfer.checkout_id == Order.checkout_id)
        .join(Payment, Payment.id == latest())
        .where(which)
        .order_by(Order.id),
        select(BankReceipt.at, BankReceipt.amount_minor, BankReceipt.reference)
        .join(BankTransfer, BankTransfer.id == BankReceipt.transfer_id)
        .where(which)
        .order_by(BankReceipt.id),
        select(
            TransferProof.public_id,
            TransferProof.name,
            TransferProof.width,
            TransferProof.height,
            TransferProof.widths,
            TransferProof.payer,
            TransferProof.paid_on,
            TransferProof.state,
            TransferProof.reason,
            TransferProof.note,
            TransferProof.created_at,
            TransferProof.decided_at,
        )
        .join(BankTransfer, BankTransfer.id == TransferProof.transfer_id)
        .where(which)
        .order_by(TransferProof.id),
    )


def _read(heads: Rows, parts: Rows, receipts: Rows, proofs: Rows) -> TransferView | None:
    if not heads:
        return None
    (head,) = heads
    return TransferView(
        head.reference,
        head.created_at,
        head.currency,
        [
            TransferPart(
                row.number,
                row.store_id,
                OrderState(row.state),
                PaymentState(row.payment_state),
                row.amount_minor,
                int(row.came),
                row.expires_at,
            )
            for row in parts
        ],
        [ReceiptRow(row.at, row.amount_minor, row.reference) for row in receipts],
        [
            ProofRow(
                row.public_id,
                row.name,
                Photo(row.name, row.width, row.height, tuple(map(int, row.widths.split())))
                if row.widths
                else None,
                row.payer,
                row.paid_on,
                ProofState(row.state),
                row.reason,
                row.note,
                row.created_at,
                row.decided_at,
            )
            for row in proofs
        ],
    )


def latest() -> ScalarSelect[int]:
    """The payment by transfer of the order of the query around it."""
    return (
        select(func.max(PaymentAllocation.payment_id))
        .join(_Meant, _Meant.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.order_id == Order.id,
            _Meant.gateway == TRANSFER,
            _Meant.flag != ledger.SURPLUS,
        )
        .correlate(Order)
        .scalar_subquery()
    )


def came() -> ScalarSelect[int]:
    """What came of the payment of the query around it."""
    return (
        select(func.coalesce(func.sum(BankReceiptShare.amount_minor), 0))
        .where(BankReceiptShare.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
