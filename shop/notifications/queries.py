"""Reading the record of messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.core.db import db
from shop.notifications.models import Message


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in a list."""

    id: int
    public_id: str
    recipient: str
    template: str
    locale: str
    subject: str
    state: str
    created_at: datetime
    sent_at: datetime | None


def latest(
    *, recipient: str = "", before: int | None = None, limit: int = 50
) -> Sequence[MessageRow]:
    """Messages, newest first; ``before``: the id of the last one shown."""
    query = select(
        Message.id,
        Message.public_id,
        Message.recipient,
        Message.template,
        Message.locale,
        Message.subject,
        Message.state,
        Message.created_at,
        Message.sent_at,
    )
    if recipient:
        query = query.where(Message.recipient.contains(recipient, autoescape=True))
    if before is not None:
        query = query.where(Message.id < before)
    rows = db.session.execute(query.order_by(Message.id.desc()).limit(limit))
    return [MessageRow(*row) for row in rows]


def get(public_id: str) -> Message | None:
    """A message by its public id."""
    return db.session.scalar(select(Message).where(Message.public_id == public_id))
