"""What must hold of returns: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.core.db import db
from shop.order.models import OrderLine
from shop.order.return_models import ReturnLine, ReturnRequest
from shop.order.return_states import ACTIVE, ReturnState
from shop.payment.models import Refund


def differences() -> list[str]:
    """Returns that do not agree with their lines or their refunds: a sentence each, with ids."""
    return [*_under_return(), *_inspected(), *_refunds()]


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
    """Every inspected unit counts as returned; plain refunds may have brought back more."""
    units = func.sum(ReturnLine.quantity)
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.returned, units)
        .join(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(ReturnRequest.state == ReturnState.REFUNDED)
        .group_by(OrderLine.id, OrderLine.returned)
        .having(units > OrderLine.returned)
    )
    return [
        f"order line {lid}: {int(seen)} units inspected in returns, {back} returned"
        for lid, back, seen in rows
    ]


def _refunds() -> list[str]:
    rows = db.session.execute(
        select(ReturnRequest.id, ReturnRequest.amount_minor, Refund.id, Refund.amount_minor)
        .join(Refund, Refund.id == ReturnRequest.refund_id)
        .where(
            (Refund.amount_minor != ReturnRequest.amount_minor)
            | (Refund.order_id != ReturnRequest.order_id)
        )
    )
    return [
        f"return {rid}: worth {amount}, its refund {fid} is {given}, or of another order"
        for rid, amount, fid, given in rows
    ]
