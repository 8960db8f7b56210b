"""Reading gift cards and balances: for the store that owes them, and for the member who has them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from shop.account.models import User
from shop.core import clock
from shop.core.db import db
from shop.order.models import Order
from shop.payment.card_codes import normalised
from shop.payment.card_models import GiftCard, GiftCardEntry
from shop.payment.card_states import CardState
from shop.payment.models import PaymentAllocation, Refund

LIMIT = 50


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card or, with ``member``, a balance. ``standing``: active, used-up, expired or void."""

    id: int
    public_id: str
    store_id: int
    last_four: str
    currency: str
    balance_minor: int
    standing: str
    recipient: str
    message: str
    created_at: datetime
    expires_at: datetime | None
    member: str
    member_id: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """Some cards and where the next begin."""

    rows: list[CardRow]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A movement, as pages show it. ``number``: of the order that was paid or paid back."""

    kind: str
    amount_minor: int
    balance_minor: int
    actor: str
    reason: str
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """What a member has with one store, and how it came to be, the latest first."""

    card: CardRow
    entries: list[EntryRow] = field(default_factory=list)


def listed(
    store_ids: Sequence[int], *, q: str = "", after: int | None = None, limit: int = LIMIT
) -> CardPage:
    """Cards and balances of some stores, the newest first; ``q``: the last characters of a code, or a part
    of the mail or the name of who has it. One statement."""
    query = _cards().where(GiftCard.store_id.in_(store_ids)).order_by(GiftCard.id.desc())
    if q:
        query = query.where(
            or_(
                GiftCard.last_four == (normalised(q)[-4:] or "-"),
                GiftCard.recipient.icontains(q, autoescape=True),
                User.email.icontains(q, autoescape=True),
                User.display_name.icontains(q, autoescape=True),
                User.username.icontains(q, autoescape=True),
            )
        )
    if after is not None:
        query = query.where(GiftCard.id < after)
    rows = [_row(*found) for found in db.session.execute(query.limit(limit + 1))]
    return CardPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def one(public_id: str, store_ids: Sequence[int]) -> CardRow | None:
    """A card of some stores."""
    found = db.session.execute(
        _cards().where(GiftCard.public_id == public_id, GiftCard.store_id.in_(store_ids))
    ).first()
    return _row(*found) if found is not None else None


def owed(store_ids: Sequence[int], currency: str) -> int:
    """What these stores owe to the holders of their cards and balances, in minor units."""
    total = select(func.coalesce(func.sum(GiftCard.balance_minor), 0)).where(
        GiftCard.store_id.in_(store_ids), GiftCard.currency == currency
    )
    return int(db.session.execute(total).scalar_one())


def entries(card_ids: Sequence[int], limit: int = 200) -> dict[int, list[EntryRow]]:
    """What moved on some cards, the latest first. One statement."""
    paid = (
        select(func.min(Order.number))
        .join(PaymentAllocation, PaymentAllocation.order_id == Order.id)
        .where(PaymentAllocation.payment_id == GiftCardEntry.payment_id)
        .scalar_subquery()
    )
    back = (
        select(Order.number)
        .join(Refund, Refund.order_id == Order.id)
        .where(Refund.id == GiftCardEntry.refund_id)
        .scalar_subquery()
    )
    found: dict[int, list[EntryRow]] = {}
    for entry, number in db.session.execute(
        select(GiftCardEntry, func.coalesce(paid, back, ""))
        .where(GiftCardEntry.card_id.in_(card_ids))
        .order_by(GiftCardEntry.id.desc())
        .limit(limit)
    ):
        found.setdefault(entry.card_id, []).append(
            EntryRow(
                entry.kind,
                entry.amount_minor,
                entry.balance_minor,
                entry.actor,
                entry.reason,
                number,
                entry.at,
            )
        )
    return found


def accounts_of(user_id: int) -> list[Account]:
    """What a member has with each store. Two statements."""
    query = _cards().where(GiftCard.user_id == user_id).order_by(GiftCard.id)
    rows = [_row(*found) for found in db.session.execute(query)]
    moved = entries([row.id for row in rows]) if rows else {}
    return [Account(row, moved.get(row.id, [])) for row in rows]


def balance_with(store_id: int, user_id: int, currency: str) -> CardRow | None:
    """What a member has with a store, when something was ever there."""
    found = db.session.execute(
        _cards().where(
            GiftCard.store_id == store_id,
            GiftCard.user_id == user_id,
            GiftCard.currency == currency,
        )
    ).first()
    return _row(*found) if found is not None else None


def _cards() -> Any:
    return select(GiftCard, User).outerjoin(User, User.id == GiftCard.user_id)


def _row(card: GiftCard, user: User | None) -> CardRow:
    standing = card.state
    if card.state == CardState.ACTIVE:
        if card.expires_at is not None and card.expires_at <= clock.now():
            standing = str(CardState.EXPIRED)
        elif not card.balance_minor:
            standing = "used-up"
    return CardRow(
        card.id,
        card.public_id,
        card.store_id,
        card.last_four,
        card.currency,
        card.balance_minor,
        standing,
        card.recipient,
        card.message,
        card.created_at,
        card.expires_at,
        (user.display_name or user.username) if user is not None else "",
        user.public_id if user is not None else "",
    )
