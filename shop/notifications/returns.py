"""Mails about returns: to the people of the store what a shopper wants, to the shopper what came of it."""

from collections.abc import Mapping
from typing import Any

from shop.notifications import links, people
from shop.notifications.render import Draft, draft
from shop.order import return_queries
from shop.order.carriers import data
from shop.order.mail_views import order_mail
from shop.order.return_states import ReturnState

Payload = Mapping[str, Any]


def asked(payload: Payload) -> list[Draft]:
    """``return.asked``: somebody wants to give goods back, and until when to decide."""
    return _to_store(payload, "asked", ReturnState.REQUESTED)


def due(payload: Payload) -> list[Draft]:
    """``return.due``: in less than twelve hours it counts as approved."""
    return _to_store(payload, "due", ReturnState.REQUESTED)


def approved_in_time(payload: Payload) -> list[Draft]:
    """``return.approved_in_time``: nobody decided."""
    return _to_store(payload, "in_time", ReturnState.APPROVED)


def sent(payload: Payload) -> list[Draft]:
    """``return.sent``: goods come back, to be looked at."""
    return _to_store(payload, "sent", ReturnState.IN_TRANSIT)


def approved(payload: Payload) -> list[Draft]:
    """``return.approved``: where to send it, and until when."""
    return _to_buyer(payload, "approved")


def refused(payload: Payload) -> list[Draft]:
    """``return.refused``: why."""
    return _to_buyer(payload, "refused")


def received(payload: Payload) -> list[Draft]:
    """``return.received``: the store has looked at it, and gives back so much."""
    return _to_buyer(payload, "received")


def lapsed(payload: Payload) -> list[Draft]:
    """``return.lapsed``: it was not sent in time."""
    return _to_buyer(payload, "lapsed")


def paid(payload: Payload) -> list[Draft]:
    """``return.paid``: money alone goes back."""
    return _to_buyer(payload, "paid")


def exchanged(payload: Payload) -> list[Draft]:
    """``return.exchanged``: what is wanted instead is on order."""
    return _to_buyer(payload, "exchanged")


def repaired(payload: Payload) -> list[Draft]:
    """``return.repaired``: the goods are on their way back."""
    return _to_buyer(payload, "repaired")


def withdrawn(payload: Payload) -> list[Draft]:
    """``return.withdrawn``: its buyer keeps the goods after all."""
    return _to_store(payload, "withdrawn", ReturnState.WITHDRAWN)


def _to_store(payload: Payload, news: str, state: ReturnState) -> list[Draft]:
    drafts = []
    order = order_mail(payload["order_id"])
    for reader in people.of_store(order.store_id) if order is not None else []:
        mine = order_mail(payload["order_id"], reader.locale)
        found = return_queries.one(payload["return_id"], reader.locale)
        if mine is None or found is None or found.state != state:  # moved on meanwhile
            continue
        drafts.append(
            draft(
                reader.email,
                "return_asked",
                reader.locale,
                timezone=mine.timezone,
                order=mine,
                found=found,
                news=news,
                link=links.admin_returns(reader.locale),
            )
        )
    return drafts


def _to_buyer(payload: Payload, news: str) -> list[Draft]:
    order = order_mail(payload["order_id"])
    if order is None or not order.email:  # erased meanwhile, or ordered by phone alone
        return []
    found = return_queries.one(payload["return_id"], order.locale)
    if found is None:
        return []
    return [
        draft(
            order.email,
            "return_news",
            order.locale,
            timezone=order.timezone,
            order=order,
            found=found,
            news=news,
            link=links.order(found.replacement, order.locale)
            if found.replacement
            else links.returns(order.number, order.locale),
            carrier=data.name(found.back_carrier, order.locale) if found.back_carrier else "",
        )
    ]
