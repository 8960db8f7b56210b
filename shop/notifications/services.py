"""The record of messages: written before a mail leaves, marked after."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, ids
from shop.core.db import db
from shop.notifications.models import Message
from shop.notifications.render import Draft


def record(delivery_id: int | None, drafts: Sequence[Draft]) -> None:
    """Write messages down for sending; a recipient who has one of this delivery gets no second."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Message)
    for draft in drafts:
        db.session.execute(
            insert.values(
                public_id=ids.public_id(),
                delivery_id=delivery_id,
                recipient=draft.recipient,
                channel="email",
                template=draft.template,
                locale=draft.locale,
                subject=draft.subject[:255],
                text=draft.text,
                html=draft.html,
                unsubscribe_url=draft.unsubscribe or None,
                state="queued",
                attempts=0,
                created_at=clock.now(),
            ).on_conflict_do_nothing(index_elements=["delivery_id", "recipient", "channel"])
        )


def trying(message_id: int) -> None:
    """Count a try."""
    _set(message_id, attempts=Message.attempts + 1)


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
