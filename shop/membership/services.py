"""Levels of a store, and moving members between them."""

from collections.abc import Mapping

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.money import MAX_MINOR
from shop.membership.models import Level, Membership

MOST_BP = 9000


def create_level(
    store_id: int, names: Mapping[str, str], *, rank: int, spend_from_minor: int, discount_bp: int
) -> Level:
    """Add a step to a store's membership, and move members whom it fits.

    ``names``: locale → name; ``spend_from_minor``: reached at this much, in the store's currency;
    ``discount_bp``: hundredths of a percent off, 0 to 9000. A higher rank must take more spending. Raises
    ``Invalid`` ("level-name-missing", "amount-out-of-range", "discount-out-of-range", "level-order") and
    ``Conflict("level-rank-taken")``.
    """
    _check(store_id, None, names, rank, spend_from_minor, discount_bp)
    level = Level(
        store_id=store_id,
        rank=rank,
        names=dict(names),
        spend_from_minor=spend_from_minor,
        discount_bp=discount_bp,
    )
    try:
        with db.session.begin_nested():
            db.session.add(level)
            db.session.flush()  # the unique rank decides here
    except IntegrityError:
        raise Conflict("level-rank-taken", rank=rank) from None
    _place(Membership.store_id == store_id, store_id)
    return level


def update_level(
    level_id: int, *, names: Mapping[str, str], spend_from_minor: int, discount_bp: int
) -> None:
    """Change a level, and move members whom the change moves. Raises as ``create_level``, ``NotFound``."""
    level = db.session.get(Level, level_id, with_for_update=True, populate_existing=True)
    if level is None:
        raise NotFound("level-unknown")
    _check(level.store_id, level.id, names, level.rank, spend_from_minor, discount_bp)
    level.names = dict(names)
    level.spend_from_minor = spend_from_minor
    level.discount_bp = discount_bp
    db.session.flush()  # the members are placed by what the table says
    _place(Membership.store_id == level.store_id, level.store_id)


def join(store_id: int, user_id: int) -> None:
    """Make a user a member of a store, at the level that is reached by spending nothing, if there is one.

    Joining twice is harmless.
    """
    _ensure(store_id, user_id)
    _place(_one(store_id, user_id), store_id)


def add_spent(store_id: int, user_id: int, delta_minor: int) -> None:
    """Count what a member paid (or, negative, got back) and move them to the level that follows from it.

    Makes them a member first, if need be. What is given back never makes the count negative.
    """
    _ensure(store_id, user_id)
    spent = Membership.spent_minor + delta_minor
    db.session.execute(
        update(Membership)
        .where(_one(store_id, user_id))
        .values(spent_minor=case((spent < 0, 0), else_=spent))
    )
    _place(_one(store_id, user_id), store_id)


def _one(store_id: int, user_id: int) -> ColumnElement[bool]:
    return (Membership.store_id == store_id) & (Membership.user_id == user_id)


def _ensure(store_id: int, user_id: int) -> None:
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Membership)
    db.session.execute(
        insert.values(
            store_id=store_id, user_id=user_id, spent_minor=0, created_at=clock.now()
        ).on_conflict_do_nothing(index_elements=["store_id", "user_id"])
    )


def _place(which: ColumnElement[bool], store_id: int) -> None:
    """The level follows from what was spent: the highest whose step is reached, or none."""
    reached = (
        select(Level.id)
        .where(Level.store_id == store_id, Level.spend_from_minor <= Membership.spent_minor)
        .order_by(Level.spend_from_minor.desc())
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )
    db.session.execute(
        update(Membership).where(which).values(level_id=reached),
        execution_options={"synchronize_session": False},
    )


def _check(
    store_id: int,
    level_id: int | None,
    names: Mapping[str, str],
    rank: int,
    spend_from_minor: int,
    discount_bp: int,
) -> None:
    if not names or not all(name.strip() for name in names.values()):
        raise Invalid("level-name-missing", field="name")
    if not 0 <= spend_from_minor < MAX_MINOR:
        raise Invalid("amount-out-of-range", field="spend_from")
    if not 0 <= discount_bp <= MOST_BP:
        raise Invalid("discount-out-of-range", field="discount", maximum=MOST_BP)
    others = db.session.execute(
        select(Level.rank, Level.spend_from_minor).where(
            Level.store_id == store_id, Level.id != (level_id or 0)
        )
    )
    for other_rank, other_from in others:
        if other_rank != rank and (other_rank > rank) != (other_from > spend_from_minor):
            raise Invalid("level-order", field="spend_from", rank=other_rank)
