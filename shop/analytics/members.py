"""A store's members with what they bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from shop.account.models import User
from shop.core.contact import fold
from shop.core.db import db
from shop.membership.models import Level, Membership
from shop.order.models import Order, OrderContact


@dataclass(frozen=True, slots=True)
class Member:
    """A person who joined a store, or bought there with an account."""

    user_id: int
    public_id: str
    name: str
    email: str
    phone: str
    level_names: dict[str, Any] | None
    spent_minor: int
    orders: int
    last_order_at: datetime | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some members and where the next begin."""

    rows: list[Member]
    next_cursor: int | None


def members(
    store_id: int,
    *,
    level: str = "",
    q: str = "",
    user: str = "",
    after: int | None = None,
    limit: int = 50,
) -> MemberPage:
    """Members of a store, who joined last first. Two statements.

    ``level``: public id of a level, or ``none``; ``user``: public id of one person.
    """
    query = (
        select(Membership, User, Level.names)
        .join(User, User.id == Membership.user_id)
        .outerjoin(Level, Level.id == Membership.level_id)
        .where(Membership.store_id == store_id)
        .order_by(Membership.id.desc())
        .limit(limit + 1)
    )
    if level == "none":
        query = query.where(Membership.level_id.is_(None))
    elif level:
        query = query.where(Level.public_id == level)
    if q:
        part = fold(q)
        query = query.where(
            or_(
                User.username_key.contains(part, autoescape=True),
                User.email_key.contains(part, autoescape=True),
                User.display_name.icontains(q, autoescape=True),
            )
        )
    if user:
        query = query.where(User.public_id == user)
    if after is not None:
        query = query.where(Membership.id < after)
    found = db.session.execute(query).all()
    bought = {
        user_id: (int(count), last)
        for user_id, count, last in db.session.execute(
            select(Order.user_id, func.count(), func.max(Order.placed_at))
            .where(Order.store_id == store_id, Order.user_id.in_([row[1].id for row in found]))
            .group_by(Order.user_id)
        )
    }
    rows = [
        Member(
            person.id,
            person.public_id,
            person.display_name or person.username,
            person.email,
            person.phone or "",
            names,
            membership.spent_minor,
            bought.get(person.id, (0, None))[0],
            bought.get(person.id, (0, None))[1],
            membership.created_at,
        )
        for membership, person, names in found[:limit]
    ]
    return MemberPage(rows, found[limit - 1][0].id if len(found) > limit else None)


def buyer(store_ids: Sequence[int], public_id: str) -> Member | None:
    """Somebody with an account who bought of a store without ever joining. Two statements."""
    row = db.session.execute(
        select(User, func.count(Order.id), func.max(Order.placed_at), func.min(Order.placed_at))
        .join(Order, Order.user_id == User.id)
        .where(User.public_id == public_id, Order.store_id.in_(store_ids))
        .group_by(User.id)
    ).first()
    if row is None:
        return None
    person, count, last, first = row
    return Member(
        person.id,
        person.public_id,
        person.display_name or person.username,
        person.email,
        person.phone or "",
        None,
        0,
        count,
        last,
        first,
    )


def last_address(store_ids: Sequence[int], user_id: int) -> OrderContact | None:
    """Where the last order of somebody went."""
    return db.session.scalar(
        select(OrderContact)
        .join(Order, Order.id == OrderContact.order_id)
        .where(Order.store_id.in_(store_ids), Order.user_id == user_id)
        .order_by(Order.placed_at.desc())
        .limit(1)
    )


def orders_of(store_ids: Sequence[int], user_id: int, limit: int = 20) -> list[int]:
    """Ids of somebody's orders, newest first."""
    return list(
        db.session.scalars(
            select(Order.id)
            .where(Order.store_id.in_(store_ids), Order.user_id == user_id)
            .order_by(Order.placed_at.desc(), Order.id.desc())
            .limit(limit)
        )
    )
