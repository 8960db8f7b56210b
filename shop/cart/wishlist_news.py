"""What members are told of their wishlist: each drop of a price once, each return once.

A drop is measured against the price of the day it was saved, or against the one told of since; when the
price rises again, the measure rises with it (never above the first), so that the next drop is told too.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, null, or_, select, update

from shop.account.models import User
from shop.cart.models import WishlistItem
from shop.catalog.models import ListingRow
from shop.core import outbox
from shop.core.db import db

_MEASURE = func.coalesce(WishlistItem.told_price_minor, WishlistItem.saved_price_minor)
_SEEN = func.coalesce(WishlistItem.seen_available, WishlistItem.was_available)


def due(limit: int = 500, after: int = 0) -> list[int]:
    """Members (with a confirmed address, who want such mails) to whom there is something to tell, by id."""
    return list(
        db.session.scalars(
            select(User.id)
            .join(WishlistItem, WishlistItem.user_id == User.id)
            .join(ListingRow, ListingRow.product_id == WishlistItem.product_id)
            .where(
                User.id > after,
                User.wishlist_mails.is_(True),
                User.disabled_at.is_(None),
                User.confirmed_at.is_not(None),
                WishlistItem.removed_at.is_(None),
                ListingRow.published_at.is_not(None),
                or_(_dropped(), _returned()),
            )
            .group_by(User.id)
            .order_by(User.id)
            .limit(limit)
        )
    )


def tell(user_id: int) -> int:
    """Write down what this member is now told, and record it; returns how many products it concerns.

    Records ``wishlist.changed{user_id, drops, back}``: ``drops`` are pairs of product id and the price
    before (minor units), ``back`` product ids. The guarded updates let two runs tell a thing once.
    """
    rows = db.session.execute(
        select(
            WishlistItem.id,
            WishlistItem.product_id,
            _MEASURE.label("before"),
            ListingRow.price_minor,
            ListingRow.available,
        )
        .join(ListingRow, ListingRow.product_id == WishlistItem.product_id)
        .where(
            WishlistItem.user_id == user_id,
            WishlistItem.removed_at.is_(None),
            ListingRow.published_at.is_not(None),
            or_(_dropped(), _returned()),
        )
        .order_by(WishlistItem.id)
    ).all()
    drops, back = [], []
    for row in rows:
        if _changed(row.id, row.price_minor < _MEASURE, told_price_minor=row.price_minor):
            drops.append([row.product_id, row.before])
        if row.available and _changed(row.id, _SEEN.is_(False), seen_available=True):
            back.append(row.product_id)
    if drops or back:
        outbox.record("wishlist.changed", user_id=user_id, drops=drops, back=back)
    return len({product_id for product_id, _ in drops} | set(back))


def follow(item_ids: Sequence[int]) -> None:
    """Let the measures of some wishes follow what rose or sold out: nobody is told of that."""
    price, available = (
        select(column)
        .where(ListingRow.product_id == WishlistItem.product_id)
        .correlate(WishlistItem)
        .scalar_subquery()
        for column in (ListingRow.price_minor, ListingRow.available)
    )
    raised = case(
        (price >= WishlistItem.saved_price_minor, null()),
        (price > WishlistItem.told_price_minor, price),
        else_=WishlistItem.told_price_minor,
    )
    db.session.execute(
        update(WishlistItem)
        .where(WishlistItem.id.in_(item_ids))
        .values(
            told_price_minor=raised,
            seen_available=case((available.is_(False), False), else_=WishlistItem.seen_available),
        )
        .execution_options(synchronize_session=False)
    )


def behind(limit: int = 500) -> list[int]:
    """Members' wishes whose product rose in price or sold out since it was last looked at."""
    return list(
        db.session.scalars(
            select(WishlistItem.id)
            .join(ListingRow, ListingRow.product_id == WishlistItem.product_id)
            .where(
                WishlistItem.user_id.is_not(None),
                WishlistItem.removed_at.is_(None),
                or_(
                    ListingRow.price_minor > WishlistItem.told_price_minor,
                    and_(_SEEN.is_(True), ListingRow.available.is_(False)),
                ),
            )
            .order_by(WishlistItem.id)
            .limit(limit)
        )
    )


def _dropped() -> ColumnElement[bool]:
    return ListingRow.price_minor < _MEASURE


def _returned() -> ColumnElement[bool]:
    return and_(ListingRow.available.is_(True), _SEEN.is_(False))


def _changed(item_id: int, still: ColumnElement[bool], **values: object) -> bool:
    changed = (
        update(WishlistItem)
        .where(WishlistItem.id == item_id, WishlistItem.removed_at.is_(None), still)
        .values(**values)
        .returning(WishlistItem.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(changed) is not None
