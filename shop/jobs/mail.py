"""Mails: recorded, sent outside of any transaction, marked as sent."""

from collections.abc import Mapping
from typing import Any

import structlog

from shop import subscriptions
from shop.core.db import db
from shop.core.transaction import transaction
from shop.notifications import queries, senders, services

log = structlog.get_logger(__name__)


def deliver(handler: str, payload: Mapping[str, Any], delivery_id: int) -> None:
    """Make the mails of a delivery, and send those that have not left yet.

    Killed before the record: made again. Killed after it: the record is found and sent. Killed between
    the mail server's yes and our mark: sent again under the same Message-ID. What the server refuses
    for good is marked as failed; any other error is raised, and the delivery tried again later.
    """
    drafts = subscriptions.MAILS[handler](payload)
    with transaction():
        services.record(delivery_id, drafts)
    messages = queries.queued(delivery_id)
    db.session.rollback()  # the mail server may be slow: no transaction waits for it
    sender = senders.sender()
    for message in messages:
        with transaction():
            services.trying(message.id)
        try:
            sender.send(senders.as_mail(message))
        except (senders.Refused, ValueError) as error:  # ValueError: an address no header can hold
            log.error("mail refused", message=message.public_id, error=str(error))
            with transaction():
                services.failed(message.id)
        else:
            with transaction():
                services.sent(message.id)
