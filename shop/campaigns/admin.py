"""Reading campaigns for those who run them. Every query starts from the stores the reader works for."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from shop.campaigns import validation
from shop.campaigns.coupon_rows import coupon_rows
from shop.campaigns.data import CouponView, PromotionView
from shop.campaigns.guards import lives
from shop.campaigns.models import Coupon, Promotion, Redemption, RedemptionShare
from shop.campaigns.offers import coupon_view, promotion_view
from shop.campaigns.states import OfferState
from shop.core.db import db


def coupons(
    store_ids: Collection[int],
    now: datetime,
    locale: str,
    *,
    platform: bool = False,
    state: OfferState | None = None,
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[CouponView], str | None]:
    """Coupons of these stores (``platform``: and the platform's), newest first, with their usage.

    ``after``: the public id of the last one shown. Answers the page and the next ``after``. One
    statement.
    """
    query = _with_usage().where(_of_stores(Coupon.store_id, store_ids, platform))
    if state is not None:
        query = query.where(_in_state(state, now))
    if search.strip():
        query = query.where(Coupon.code_key.contains(validation.code_key(search), autoescape=True))
    if after is not None:
        last = select(Coupon.id).where(Coupon.public_id == after).scalar_subquery()
        query = query.where(Coupon.id < last)
    rows = db.session.execute(query.order_by(Coupon.id.desc()).limit(limit + 1)).all()
    views = [_view(row, now, locale) for row in rows[:limit]]
    return views, views[-1].public_id if len(rows) > limit else None


def coupon(
    public_id: str,
    store_ids: Collection[int],
    now: datetime,
    locale: str,
    *,
    platform: bool = False,
) -> CouponView | None:
    """One of these stores' coupons, or None: another store's does not exist for the reader."""
    row = db.session.execute(
        _with_usage().where(
            Coupon.public_id == public_id, _of_stores(Coupon.store_id, store_ids, platform)
        )
    ).first()
    return None if row is None else _view(row, now, locale)


def promotions(
    store_ids: Collection[int],
    now: datetime,
    locale: str,
    *,
    platform: bool = False,
    limit: int = 100,
) -> list[PromotionView]:
    """Promotions of these stores, those that end last first. One statement."""
    rows = db.session.scalars(
        select(Promotion)
        .where(_of_stores(Promotion.store_id, store_ids, platform))
        .order_by(Promotion.starts_at.desc(), Promotion.id.desc())
        .limit(limit)
    )
    return [promotion_view(row, now, locale) for row in rows]


def promotion(
    public_id: str,
    store_ids: Collection[int],
    now: datetime,
    locale: str,
    *,
    platform: bool = False,
) -> PromotionView | None:
    """One of these stores' promotions, or None."""
    row = db.session.scalar(
        select(Promotion).where(
            Promotion.public_id == public_id, _of_stores(Promotion.store_id, store_ids, platform)
        )
    )
    return None if row is None else promotion_view(row, now, locale)


def _with_usage() -> Select[Any]:
    redeemed = (
        select(func.coalesce(func.sum(RedemptionShare.amount_minor), 0))
        .join(Redemption, Redemption.id == RedemptionShare.redemption_id)
        .where(Redemption.coupon_id == Coupon.id, RedemptionShare.released_at.is_(None))
        .correlate(Coupon)
        .scalar_subquery()
    )
    return coupon_rows().add_columns(redeemed.label("redeemed_minor"))


def _view(row: Any, now: datetime, locale: str) -> CouponView:
    return coupon_view(
        row.Coupon, now, locale, claims=row.claims, redeemed_minor=int(row.redeemed_minor)
    )


def _of_stores(
    column: InstrumentedAttribute[int | None], store_ids: Collection[int], platform: bool
) -> ColumnElement[bool]:
    owned = column.in_(store_ids)
    return or_(owned, column.is_(None)) if platform else owned


def _in_state(state: OfferState, now: datetime) -> ColumnElement[bool]:
    used_up = Coupon.total_limit.is_not(None) & (Coupon.used >= Coupon.total_limit)
    begun = Coupon.starts_at <= now
    match state:
        case OfferState.SCHEDULED:
            return lives(Coupon, now) & ~begun
        case OfferState.ACTIVE:
            return lives(Coupon, now) & begun & ~used_up
        case OfferState.USED_UP:
            return lives(Coupon, now) & begun & used_up
        case OfferState.ENDED:
            return ~lives(Coupon, now)
