"""What must hold of returns: for ``flask doctor`` and for tests."""

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from shop.core.db import db
from shop.order.models import Order, OrderLine
from shop.order.return_models import Replacement, ReturnLine, ReturnRequest
from shop.order.return_states import ACTIVE, Outcome, ReturnState
from shop.payment.models import Refund, RefundLine
from shop.payment.states import ACTIVE_REFUNDS


def differences() -> list[str]:
    """Returns that do not agree with their lines or their refunds: a sentence each, with ids."""
    return [*_under_return(), *_inspected(), *_refunds(), *_exchanged(), *_paid_once(), *_free()]


def _under_return() -> list[str]:
    """No two returns over one unit: what is under return was shipped and has not come back."""
    units = func.sum(ReturnLine.quantity)
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.shipped, OrderLine.returned, units)
        .join(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(ReturnRequest.state.in_(ACTIVE))
        .group_by(OrderLine.id, OrderLine.shipped, OrderLine.returned)
        .having(units > OrderLine.shipped - OrderLine.returned)
    )
    return [
        f"order line {lid}: {int(asked)} units under return, of {shipped} shipped and {back} returned"
        for lid, shipped, back, asked in rows
    ]


def _inspected() -> list[str]:
    """Every inspected unit counts as returned; plain refunds may have brought back more. What was about
    money only was never sent."""
    units = func.sum(ReturnLine.quantity)
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.returned, units)
        .join(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(
            or_(
                ReturnRequest.state == ReturnState.EXCHANGED,
                and_(
                    ReturnRequest.state == ReturnState.REFUNDED,
                    ReturnRequest.outcome != Outcome.MONEY,
                ),
            )
        )
        .group_by(OrderLine.id, OrderLine.returned)
        .having(units > OrderLine.returned)
    )
    return [
        f"order line {lid}: {int(seen)} units inspected in returns, {back} returned"
        for lid, back, seen in rows
    ]


def _refunds() -> list[str]:
    """The money of a replacement lies with the order of the goods that it replaced."""
    replaces = exists().where(
        OrderLine.order_id == ReturnRequest.order_id, Replacement.line_id == OrderLine.id
    )
    rest = aliased(Refund)
    more = func.coalesce(
        select(func.sum(rest.amount_minor)).where(rest.rest_of_id == Refund.id).scalar_subquery(), 0
    )
    rows = db.session.execute(
        select(ReturnRequest.id, ReturnRequest.amount_minor, Refund.id, Refund.amount_minor + more)
        .join(Refund, Refund.id == ReturnRequest.refund_id)
        .where(
            (Refund.amount_minor + more != ReturnRequest.amount_minor)
            | ((Refund.order_id != ReturnRequest.order_id) & ~replaces)
        )
    )
    return [
        f"return {rid}: worth {amount}, its refund {fid} is {given}, or of another order"
        for rid, amount, fid, given in rows
    ]


def _exchanged() -> list[str]:
    """Every line of an exchanged return was replaced by as many units, and nothing else was."""
    sent = aliased(OrderLine)
    over = ReturnRequest.state == ReturnState.EXCHANGED
    rows = db.session.execute(
        select(
            ReturnRequest.id, ReturnRequest.state, ReturnLine.id, ReturnLine.quantity, sent.quantity
        )
        .join(ReturnLine, ReturnLine.return_id == ReturnRequest.id)
        .outerjoin(Replacement, Replacement.return_line_id == ReturnLine.id)
        .outerjoin(sent, sent.id == Replacement.line_id)
        .where(
            or_(
                over & or_(sent.id.is_(None), sent.quantity != ReturnLine.quantity),
                ~over & sent.id.is_not(None),
            )
        )
    )
    return [
        f"return {rid}: {state}, and of {units} units of its line {lid} {sent_units or 0} were replaced"
        for rid, state, lid, units, sent_units in rows
    ]


def _paid_once() -> list[str]:
    """No unit was both paid back and replaced."""
    refunded = (
        select(RefundLine.line_id, func.sum(RefundLine.quantity).label("units"))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.state.in_(ACTIVE_REFUNDS))
        .group_by(RefundLine.line_id)
        .subquery()
    )
    sent, paid = aliased(OrderLine), aliased(OrderLine)
    replaced = func.sum(sent.quantity - sent.cancelled - sent.returned)
    back = func.coalesce(refunded.c.units, 0)
    rows = db.session.execute(
        select(paid.id, paid.quantity, replaced, back)
        .join(Replacement, Replacement.paid_line_id == paid.id)
        .join(sent, sent.id == Replacement.line_id)
        .outerjoin(refunded, refunded.c.line_id == paid.id)
        .group_by(paid.id, paid.quantity, back)
        .having(replaced + back > paid.quantity)
    )
    return [
        f"order line {lid}: of {units} units {int(sent_units)} are replaced and {int(given)} refunded"
        for lid, units, sent_units, given in rows
    ]


def _free() -> list[str]:
    """What replaces goods costs nothing, and no figure of sales counts it."""
    rows = db.session.execute(
        select(Order.id, Order.number, Order.total_minor)
        .where(
            or_(Order.total_minor != 0, Order.paid_at.is_not(None)),
            exists().where(OrderLine.order_id == Order.id, Replacement.line_id == OrderLine.id),
        )
        .order_by(Order.id)
    )
    return [
        f"order {oid} ({number}): replaces goods, yet costs {total} or counts as paid"
        for oid, number, total in rows
    ]
