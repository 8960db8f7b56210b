"""The record of messages: written before a mail leaves, marked after."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, ids
from shop.core.db import db
from shop.notifications.models import Message
from shop.notifications.render import Draft


def record(drafts: Mapping[int, Sequence[Draft]]) -> None:
    """Write the messages of each delivery down; a recipient who has one of a delivery gets no second."""
    moment = clock.now()
    rows = [
        {
            "public_id": ids.public_id(),
            "delivery_id": delivery_id,
            "recipient": draft.recipient,
            "channel": "email",
            "template": draft.template,
            "locale": draft.locale,
            "subject": draft.subject[:255],
            "text": draft.text,
            "html": draft.html,
            "unsubscribe_url": draft.unsubscribe or None,
            "state": "queued",
            "attempts": 0,
            "created_at": moment,
        }
        for delivery_id, of_it in drafts.items()
        for draft in of_it
    ]
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Message)
        db.session.execute(
            insert.on_conflict_do_nothing(index_elements=["delivery_id", "recipient", "channel"]),
            rows,
        )


def trying(delivery_ids: Sequence[int]) -> list[Message]:
    """Count a try of each message of these deliveries that has not left yet; returns those messages,
    oldest first and cut loose from the session."""
    rows = db.session.scalars(
        update(Message)
        .where(Message.delivery_id.in_(delivery_ids), Message.state == "queued")
        .values(attempts=Message.attempts + 1)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()
    for row in rows:
        db.session.expunge(row)
    return sorted(rows, key=lambda row: row.id)


def sent(message_id: int) -> None:
    """The mail has left."""
    _set(message_id, state="sent", sent_at=clock.now())


def failed(message_id: int) -> None:
    """The mail server refused it for good."""
    _set(message_id, state="failed")


def _set(message_id: int, **values: object) -> None:
    db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == "queued")
        .values(**values)
        .execution_options(synchronize_session=False)
    )
