"""Money on the bank account: booked by staff for the reference that it carries.

What comes pays the orders of the checkout one after another. Less than is due is kept as a part until the
rest comes; what comes beyond what is due, twice or too late goes back (docs/adr/0047). Nothing here
believes a proof: only who reads the account books.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import audit, clock, idempotency, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order import timeline
from shop.order.models import Order
from shop.order.states import AWAITING, OrderState
from shop.payment import attempts, intake, ledger, refunds, transfers
from shop.payment.models import Payment, PaymentAllocation, PaymentEvent
from shop.payment.states import ATTEMPT, AttemptState
from shop.payment.transfer_models import (
    BankReceipt,
    BankReceiptShare,
    BankTransfer,
    TransferProof,
)
from shop.payment.transfer_states import PROOF, ProofState
from shop.payment.transfers import TRANSFER

MOST = 10**12
"""Minor units that one receipt may have: more is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a receipt, in minor units: for orders, what they still lack, and what goes back."""

    taken_minor: int = 0
    lacking_minor: int = 0
    surplus_minor: int = 0


def book(
    reference: str,
    *,
    amount_minor: int,
    bank_reference: str,
    actor: str,
    key: str,
    hold: timedelta,
    store_ids: Sequence[int] | None = None,
    user_id: int | None = None,
) -> Booked:
    """Money with ``reference`` is on the account; ``bank_reference`` is the bank's own number for it.

    ``store_ids``: whose staff books; None is the platform. ``hold``: how long the rest of a part may take.
    Raises ``NotFound("transfer-missing")`` also for a checkout with an order of another store,
    ``Invalid("payment-amount-range")``, ``Invalid("bank-reference-missing")`` and
    ``Conflict("bank-reference-used")``. The same ``key`` counts once.
    """
    known = idempotency.begin("bank-receipt", key, [reference, amount_minor, bank_reference])
    transfer = of_reference(reference, store_ids)
    if known is not None:
        return Booked(*map(int, known.split()))
    if not 0 < amount_minor < MOST:
        raise Invalid("payment-amount-range", field="amount")
    said = " ".join(bank_reference.split())[:80]
    if not reference_key(said):
        raise Invalid("bank-reference-missing", field="bank_reference")
    orders = transfers.orders_of(transfer.checkout_id)
    receipt_id = _receipt(transfer.id, said, amount_minor, actor)
    left = amount_minor
    for order in sorted(orders, key=lambda row: row.state == OrderState.CANCELLED):
        left -= _pay(order, receipt_id, left, said, actor)
    if left:
        _surplus(orders, receipt_id, left, said, actor)
    lacking = _wait_for_rest(orders, hold, taken=left < amount_minor)
    accept_proofs(transfer.id, actor)
    done = Booked(amount_minor - left, lacking, left)
    audit.write(
        "transfer.book",
        f"transfer {transfer.reference}",
        actor=actor,
        user_id=user_id,
        store_id=orders[0].store_id if len({row.store_id for row in orders}) == 1 else None,
        amount_minor=amount_minor,
        reference=said,
        surplus_minor=left,
    )
    idempotency.finish(
        "bank-receipt", key, f"{done.taken_minor} {done.lacking_minor} {done.surplus_minor}"
    )
    return done


def reference_key(text: str) -> str:
    """The bank's number for a receipt, however it was typed."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(ch for ch in wide.casefold() if ch.isalnum())[:80]


def of_reference(reference: str, store_ids: Sequence[int] | None = None) -> BankTransfer:
    """The transfer of a reference, however it was typed. ``store_ids``: only if all its orders are theirs.

    Raises ``NotFound("transfer-missing")``.
    """
    found = db.session.scalar(
        select(BankTransfer).where(
            BankTransfer.reference == ids.normalise_reference(reference[:40])
        )
    )
    if found is None or (store_ids is not None and not _all_of(found.checkout_id, store_ids)):
        raise NotFound("transfer-missing")
    return found


def close_short(order_id: int, *, actor: str) -> None:
    """The order ends before all its money came: the payment ends at what came, so that it can go back."""
    payment = transfers.payment_of(order_id)
    came = transfers.came_for(payment.id) if payment is not None else 0
    if payment is None or not came or payment.state == AttemptState.PAID:
        return
    ATTEMPT.check(AttemptState(payment.state), AttemptState.PAID)
    payment.state, payment.amount_minor = AttemptState.PAID, came
    payment.paid_at, payment.next_query_at = clock.now(), None
    db.session.execute(
        update(PaymentAllocation)
        .where(PaymentAllocation.payment_id == payment.id)
        .values(amount_minor=came)
    )
    _event(payment, came, {"short": True})
    ledger.settle(order_id, actor=actor)


def accept_proofs(transfer_id: int, actor: str) -> None:
    """The money is there: what was sent to show it is right."""
    db.session.execute(
        update(TransferProof)
        .where(
            TransferProof.transfer_id == transfer_id,
            TransferProof.state.in_(PROOF.sources(ProofState.ACCEPTED)),
        )
        .values(state=ProofState.ACCEPTED, actor=actor, decided_at=clock.now())
    )


def _all_of(checkout_id: int, store_ids: Sequence[int]) -> bool:
    others = select(Order.id).where(
        Order.checkout_id == checkout_id, Order.store_id.not_in(store_ids)
    )
    return db.session.scalar(others.limit(1)) is None


def _receipt(transfer_id: int, reference: str, amount_minor: int, actor: str) -> int:
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(BankReceipt)
    made = db.session.execute(
        insert.values(
            public_id=ids.public_id(),
            transfer_id=transfer_id,
            reference=reference,
            reference_key=reference_key(reference),
            amount_minor=amount_minor,
            actor=actor,
            at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["reference_key"])
        .returning(BankReceipt.id)
    ).scalar()
    if made is None:
        raise Conflict("bank-reference-used", field="bank_reference", reference=reference)
    return int(made)


def _pay(order: Order, receipt_id: int, left: int, reference: str, actor: str) -> int:
    """Give an order what it lacks of ``left`` minor units; returns how many it took.

    A closed order takes nothing but all it costs: then its goods are taken again, or it goes back whole.
    """
    payment = transfers.payment_of(order.id)
    if payment is None or payment.state == AttemptState.PAID or not left:
        return 0
    if order.payment_state not in AWAITING:
        return 0
    due = payment.amount_minor - transfers.came_for(payment.id)
    if left < due and order.state != OrderState.OPEN:
        return 0
    taken = min(left, due)
    _share(receipt_id, payment.id, taken)
    timeline.note(order.id, "transfer_booked", actor=actor, amount_minor=taken, reference=reference)
    payment.reference = reference
    db.session.flush()  # the sums below must see the share
    if taken < due:
        ledger.settle(order.id, actor=actor)
        outbox.record("transfer.part", order_id=order.id, lacking_minor=due - taken)
        return taken
    intake.paid(
        intake.Paid(
            TRANSFER,
            payment.attempt_no,
            payment.amount_minor,
            "",
            payment.attempt_no,
            detail={"reference": reference},
            tops_up=True,
        ),
        actor=actor,
    )
    return taken


def _surplus(
    orders: Sequence[Order], receipt_id: int, amount: int, reference: str, actor: str
) -> None:
    """What nobody owes is a payment of its own, which goes back whole and counts for no order."""
    order = orders[0]
    payment = attempts.new_attempt(
        order.checkout_id, TRANSFER, {order.id: amount}, order.currency, None
    )
    payment.state, payment.flag = AttemptState.PAID, ledger.SURPLUS
    payment.reference = reference
    payment.paid_at, payment.next_query_at = clock.now(), None
    db.session.flush()  # its share and its event name it
    _share(receipt_id, payment.id, amount)
    _event(payment, amount, {"reference": reference})
    timeline.note(
        order.id, "transfer_surplus", actor=actor, amount_minor=amount, reference=reference
    )
    db.session.flush()  # the refund reserves on the share of the payment
    refunds.whole(payment.id, order.id, reason="surplus", actor=actor)


def _wait_for_rest(orders: Sequence[Order], hold: timedelta, *, taken: bool) -> int:
    """Orders that lack money still: they wait for it as long as at first, counted from now. Minor units."""
    lacking = 0
    short = []
    for order in orders:
        payment = transfers.payment_of(order.id)
        if order.state != OrderState.OPEN or payment is None or payment.state == AttemptState.PAID:
            continue
        if order.payment_state in AWAITING:
            lacking += payment.amount_minor - transfers.came_for(payment.id)
            short.append(order)
    if taken:
        transfers.wait_until(short, clock.now() + hold)
    return lacking


def _share(receipt_id: int, payment_id: int, amount: int) -> None:
    db.session.add(
        BankReceiptShare(receipt_id=receipt_id, payment_id=payment_id, amount_minor=amount)
    )


def _event(payment: Payment, amount: int, detail: dict[str, object]) -> None:
    db.session.add(
        PaymentEvent(
            payment_id=payment.id,
            gateway=TRANSFER,
            provider_event_id=payment.attempt_no,
            kind="paid",
            amount_minor=amount,
            detail=detail,
        )
    )
