"""Reading levels and standings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, select

from shop.account.models import User
from shop.core.db import db
from shop.membership.models import Level, Membership


class Discount(NamedTuple):
    """What a member's level is worth. ``discount_bp``: hundredths of a percent; ``names``: locale → name."""

    level_id: int
    discount_bp: int
    names: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LevelView:
    """A step of a store's membership and how many stand on it."""

    id: int
    public_id: str
    rank: int
    names: dict[str, Any]
    spend_from_minor: int
    discount_bp: int
    members: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a user stands with a store, and what the next level takes. None: no such level."""

    spent_minor: int
    level: Discount | None
    next_names: dict[str, Any] | None
    to_next_minor: int | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in the merchant's list."""

    user_id: int
    user_public_id: str
    name: str
    email: str
    level_names: dict[str, Any] | None
    spent_minor: int


def discounts(user_id: int | None, store_ids: Sequence[int]) -> dict[int, Discount]:
    """What the levels of a user are worth in some stores; stores without one are left out.

    One statement.
    """
    if user_id is None or not store_ids:
        return {}
    rows = db.session.execute(
        select(Membership.store_id, Level.id, Level.discount_bp, Level.names)
        .join(Level, Level.id == Membership.level_id)
        .where(
            Membership.user_id == user_id,
            Membership.store_id.in_(set(store_ids)),
            Level.discount_bp > 0,
        )
    )
    return {store_id: Discount(level_id, bp, names) for store_id, level_id, bp, names in rows}


def standing(user_id: int, store_id: int) -> Standing:
    """Where a user stands with a store; somebody who never joined has spent nothing."""
    row = db.session.execute(
        select(Membership.spent_minor, Level)
        .outerjoin(Level, Level.id == Membership.level_id)
        .where(Membership.user_id == user_id, Membership.store_id == store_id)
    ).first()
    spent, level = row if row else (0, None)
    following = db.session.execute(
        select(Level.names, Level.spend_from_minor)
        .where(Level.store_id == store_id, Level.spend_from_minor > spent)
        .order_by(Level.spend_from_minor)
        .limit(1)
    ).first()
    return Standing(
        spent_minor=spent,
        level=Discount(level.id, level.discount_bp, level.names) if level else None,
        next_names=following.names if following else None,
        to_next_minor=following.spend_from_minor - spent if following else None,
    )


def levels(store_id: int) -> list[LevelView]:
    """A store's levels, lowest first, with the number of their members. One statement."""
    rows = db.session.execute(
        select(Level, func.count(Membership.id))
        .outerjoin(Membership, Membership.level_id == Level.id)
        .where(Level.store_id == store_id)
        .group_by(Level.id)
        .order_by(Level.rank)
    )
    return [
        LevelView(
            level.id,
            level.public_id,
            level.rank,
            level.names,
            level.spend_from_minor,
            level.discount_bp,
            members,
        )
        for level, members in rows
    ]


def members(
    store_ids: Sequence[int], *, after: int | None = None, limit: int = 50
) -> list[MemberRow]:
    """Members of some stores, who joined last first; ``after``: the last membership id shown."""
    query = (
        select(
            User.id,
            User.public_id,
            User.display_name,
            User.username,
            User.email,
            Level.names,
            Membership.spent_minor,
        )
        .join(User, User.id == Membership.user_id)
        .outerjoin(Level, Level.id == Membership.level_id)
        .where(Membership.store_id.in_(store_ids))
    )
    if after is not None:
        query = query.where(Membership.id < after)
    rows = db.session.execute(query.order_by(Membership.id.desc()).limit(limit))
    return [
        MemberRow(user_id, public_id, display or username, email, names, spent)
        for user_id, public_id, display, username, email, names, spent in rows
    ]
