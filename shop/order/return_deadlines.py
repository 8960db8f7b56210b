"""Returns in time: silence approves, the store is reminded before, and what is never sent is over.

Time never pays: money goes back only for goods that somebody has looked at (``shop.payment``).
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, select

from shop.core import clock
from shop.core.db import db
from shop.order import return_terms, returns, timeline
from shop.order.return_models import ReturnRequest
from shop.order.return_states import ReturnState

REMINDED_BEFORE = timedelta(hours=12)


def to_approve(limit: int = 500) -> list[str]:
    """Returns without an answer whose time has come, the longest first."""
    return _ids(
        ReturnRequest.state == ReturnState.REQUESTED,
        ReturnRequest.answer_by <= clock.now(),
        limit=limit,
    )


def approve_due(public_id: str) -> bool:
    """Count a return as approved when its time has come; False when it was answered meanwhile."""
    row = returns.hold(public_id)
    if row.state != ReturnState.REQUESTED or row.answer_by is None or row.answer_by > clock.now():
        return False
    returns.agree(row, return_terms.of_order(row.order_id).instructions)
    timeline.note(
        row.order_id, "return_approved", actor="system", return_id=public_id, reason="in-time"
    )
    returns.tell(row, "return.approved_in_time")
    return True


def to_remind(limit: int = 500) -> list[str]:
    """Returns that will count as approved within twelve hours, whose stores were not told yet."""
    now = clock.now()
    return _ids(
        ReturnRequest.state == ReturnState.REQUESTED,
        ReturnRequest.answer_by > now,
        ReturnRequest.answer_by <= now + REMINDED_BEFORE,
        ReturnRequest.reminded_at.is_(None),
        limit=limit,
    )


def remind(public_id: str) -> bool:
    """Tell the store until when it may still decide; False when it did, or was told."""
    row = returns.hold(public_id)
    if row.state != ReturnState.REQUESTED or row.reminded_at is not None:
        return False
    row.reminded_at = clock.now()
    returns.tell(row, "return.due")
    return True


def to_close(limit: int = 500) -> list[str]:
    """Approved returns that were not sent in time."""
    return _ids(
        ReturnRequest.state == ReturnState.APPROVED,
        ReturnRequest.send_by <= clock.now(),
        limit=limit,
    )


def close_unsent(public_id: str) -> bool:
    """End an approved return that was never sent; False when it was sent or withdrawn meanwhile.

    Its units may be asked for again while the window is open."""
    row = returns.hold(public_id)
    if row.state != ReturnState.APPROVED or row.send_by is None or row.send_by > clock.now():
        return False
    returns.ask(row, ReturnState.WITHDRAWN)
    row.state, row.lapsed, row.ended_at = ReturnState.WITHDRAWN, True, clock.now()
    timeline.note(row.order_id, "return_lapsed", actor="system", return_id=public_id)
    returns.tell(row, "return.lapsed")
    return True


def _ids(*where: ColumnElement[bool], limit: int) -> list[str]:
    query = select(ReturnRequest.public_id).where(*where).order_by(ReturnRequest.id).limit(limit)
    return list(db.session.scalars(query))
