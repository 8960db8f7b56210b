"""Reading who waits for what is sold out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from shop.account.models import User
from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.inventory.models import StockWait

_WAITS = StockWait.told_at.is_(None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, for staff: at which address, since when, in which language."""

    id: int
    email: str
    member: bool
    locale: str
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """A variant that some wait for: how many, since when the first."""

    variant_id: int
    public_id: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom the mail of a request goes to."""

    variant_id: int
    public_id: str
    email: str
    locale: str


def waits(variant_id: int, user_id: int) -> ColumnElement[bool]:
    """The condition that a member waits for a variant, for a statement that asks for more."""
    return exists().where(StockWait.variant_id == variant_id, StockWait.user_id == user_id, _WAITS)


def per_product(product_ids: Collection[int]) -> dict[int, int]:
    """How many wait for some variant of each product; none are left out. One statement."""
    rows = db.session.execute(
        select(Variant.product_id, func.count())
        .join(StockWait, StockWait.variant_id == Variant.id)
        .where(Variant.product_id.in_(product_ids), Variant.archived_at.is_(None), _WAITS)
        .group_by(Variant.product_id)
    )
    return dict(rows.all())


def per_variant(variant_ids: Collection[int]) -> dict[int, int]:
    """How many wait for each variant; none are left out. One statement."""
    rows = db.session.execute(
        select(StockWait.variant_id, func.count())
        .where(StockWait.variant_id.in_(variant_ids), _WAITS)
        .group_by(StockWait.variant_id)
    )
    return dict(rows.all())


def most_wanted(
    store_ids: Sequence[int],
    *,
    product_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[WaitedFor]:
    """The variants of some stores that people wait for, most wanted first. One statement."""
    count = func.count()
    query = (
        select(Variant.id, Variant.public_id, count, func.min(StockWait.created_at))
        .join(StockWait, StockWait.variant_id == Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.store_id.in_(store_ids),
            Product.status != "archived",
            Variant.archived_at.is_(None),
            _WAITS,
        )
        .group_by(Variant.id, Variant.public_id)
        .order_by(count.desc(), Variant.id)
        .offset(offset)
        .limit(limit)
    )
    if product_id is not None:
        query = query.where(Variant.product_id == product_id)
    return [WaitedFor(*row) for row in db.session.execute(query)]


def queue(variant_id: int, *, after: int = 0, limit: int = 100) -> list[Waiting]:
    """Who waits for a variant, who asked first first. One statement."""
    rows = db.session.execute(
        select(
            StockWait.id,
            func.coalesce(User.email, StockWait.email),
            StockWait.user_id,
            StockWait.locale,
            StockWait.created_at,
        )
        .outerjoin(User, User.id == StockWait.user_id)
        .where(StockWait.variant_id == variant_id, _WAITS)
        .order_by(StockWait.created_at, StockWait.id)
        .offset(after)
        .limit(limit)
    )
    return [
        Waiting(row.id, row[1], row.user_id is not None, row.locale, row.created_at) for row in rows
    ]


def addressee(wait_id: int) -> Addressee | None:
    """Whom a served request's mail goes to; None when it was withdrawn or the account is closed."""
    row = db.session.execute(
        select(
            StockWait.variant_id,
            StockWait.public_id,
            func.coalesce(User.email, StockWait.email),
            func.coalesce(User.locale, StockWait.locale),
        )
        .outerjoin(User, User.id == StockWait.user_id)
        .where(StockWait.id == wait_id, User.disabled_at.is_(None))
    ).one_or_none()
    return None if row is None else Addressee(*row)


def waited_for_beside(public_id: str) -> list[int] | None:
    """The variants that the address of this request waits for; None for an unknown request."""
    key = db.session.scalar(select(StockWait.email_key).where(StockWait.public_id == public_id))
    if key is None:
        return None
    return list(
        db.session.scalars(
            select(StockWait.variant_id)
            .where(StockWait.email_key == key, _WAITS)
            .order_by(StockWait.created_at.desc(), StockWait.id.desc())
            .limit(100)
        )
    )
