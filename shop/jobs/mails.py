"""Mails: recorded, sent outside of any transaction, marked as sent.

Killed before the record: made again. Killed after it: the record is found and sent. Killed between the
mail server's yes and our mark: sent again under the same Message-ID. What the server refuses for good is
marked as failed; any other error fails the delivery, which is tried again later.
"""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from rq.timeouts import BaseTimeoutException

from shop import subscriptions
from shop.core import outbox
from shop.core.transaction import transaction
from shop.jobs.context import ending
from shop.jobs.trying import LEASE, failed
from shop.notifications import senders, services
from shop.notifications.models import Message
from shop.notifications.render import Draft

_BATCH = 20
_SECONDS = 20.0
"""After so long of a lease no further mail of the batch is begun."""

log = structlog.get_logger(__name__)


def is_mail(handler: str) -> bool:
    """Whether a delivery to ``handler`` is made of mails."""
    return handler in subscriptions.MAILS


def deliver(handler: str, payload: Mapping[str, Any], delivery_id: int) -> None:
    """Make the mails of a delivery, and send those that have not left yet. Raises what went wrong."""
    drafts = subscriptions.MAILS[handler](payload)
    with transaction():
        services.record({delivery_id: drafts})
        messages = services.trying([delivery_id])
    with senders.sender().line() as send:
        for message in messages:
            taken = _sent(send, message)
            with transaction():
                _mark(message, taken)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a batch. What is neither delivered nor failed was given back."""

    taken: int = 0
    delivered: int = 0
    failed: int = 0


def deliver_new() -> Made:
    """Take deliveries of mails that nobody has tried yet, and make them.

    Each mail is marked as soon as it has left, so that a worker killed in the middle repeats one at most.
    """
    ends = time.monotonic() + _SECONDS
    with transaction():
        taken = outbox.claim_new(subscriptions.MAILS.keys(), LEASE, _BATCH)
    if not taken:
        return Made()
    drafts: dict[int, list[Draft]] = {}
    for one in taken:
        try:
            drafts[one.id] = subscriptions.MAILS[one.handler](one.payload)
        except BaseTimeoutException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails this delivery alone
            failed(one.id, one.handler, error)
    with transaction():
        services.record(drafts)
        messages = services.trying(list(drafts))
        waiting = {number: [m for m in messages if m.delivery_id == number] for number in drafts}
        done = [number for number, of_it in waiting.items() if not of_it]
        outbox.done(*done)
    for number in done:
        del waiting[number]
    names = {one.id: one.handler for one in taken}
    sent = _send_all(waiting, names, ends)
    vain = len(taken) - len(done) - sent - len(waiting)
    return Made(len(taken), len(done) + sent, vain)


def _send_all(waiting: dict[int, list[Message]], names: Mapping[int, str], ends: float) -> int:
    """Send the messages of each delivery, as far as the time goes; returns how many deliveries are done.

    What could not be begun is given back, and left in ``waiting``.
    """
    done = 0
    with ExitStack() as lines:
        send: senders.Line | None = None
        for number in list(waiting):
            if time.monotonic() > ends or ending():
                break
            messages = waiting.pop(number)
            try:
                if send is None:
                    send = lines.enter_context(senders.sender().line())
                for message in messages:
                    taken = _sent(send, message)
                    with transaction():
                        _mark(message, taken)
                        if message is messages[-1]:
                            outbox.done(number)
            except BaseTimeoutException:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it fails this delivery alone
                failed(number, names[number], error)
            else:
                done += 1
                log.info("delivered", handler=names[number], delivery=number)
    if waiting:
        log.warning("the rest of a batch of mails waits", deliveries=len(waiting))
        with transaction():
            outbox.release(waiting)
    return done


def _sent(send: senders.Line, message: Message) -> bool:
    """Whether the mail server took it; False when it never will."""
    try:
        send(senders.as_mail(message))
    except (senders.Refused, ValueError) as error:  # ValueError: an address no header can hold
        log.error("mail refused", message=message.public_id, error=str(error))
        return False
    return True


def _mark(message: Message, taken: bool) -> None:
    (services.sent if taken else services.failed)(message.id)
