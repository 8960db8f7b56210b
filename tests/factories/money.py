"""A difference with a bill, and a refund that the provider refused."""

from datetime import timedelta

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.payment import queries, reconciliation, refund_answers, refunds
from shop.payment.bills.base import day_of
from shop.payment.reconcile_models import Difference
from shop.payment.states import RefundState
from tests.factories.orders import Placed, paid_order
from tests.factories.transfers import make_proof, transfer_order


def make_difference(placed: Placed | None = None, day_back: int = 1) -> str:
    """A bill without a payment; returns the public id of the difference."""
    day = day_of(clock.now()) - timedelta(days=day_back)
    with transaction():
        reconciliation.settle("alipay", day, [], None)
        one = Difference(
            gateway="alipay",
            day=day,
            kind="missing_there",
            no=f"XPDIFF{day_back:04d}{placed.payment if placed else 0}",
            here_minor=1000,
            there_minor=0,
            payment_id=placed.payment if placed else None,
        )
        db.session.add(one)
        db.session.flush()  # the caller is given its id
        return one.public_id


def make_stuck_refund(variant: int, state: RefundState = RefundState.FAILED) -> tuple[str, Placed]:
    """A refund of a whole order that came back refused (or, at the provider, stuck)."""
    placed = paid_order(variant)
    with transaction():
        number = refunds.whole(placed.payment or 0, placed.order, reason="damaged", actor="test")
    assert number is not None
    refund_id = queries.refund_id(number) or 0
    with transaction():
        refund_answers.claim(refund_id)
    steps = [state] if state == RefundState.FAILED else [RefundState.PROCESSING, state]
    for step in steps:
        with transaction():
            refund_answers.answered(refund_id, step)
    return number, placed


def money_of(variant: int) -> dict[str, str]:
    """Values for the placeholders of the pages of money."""
    number, placed = make_stuck_refund(variant)
    by_transfer, reference = transfer_order(variant)
    return {
        "refund_no": number,
        "difference": make_difference(placed),
        "bank_transfer": reference,
        "proof": make_proof(by_transfer.order),
    }
