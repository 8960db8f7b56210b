"""Rows of coupons, with what somebody has done with them."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, SQLColumnExpression, bindparam, func, select

from shop.campaigns.data import CouponView
from shop.campaigns.guards import lives
from shop.campaigns.models import Coupon, CouponGrant, CouponUse
from shop.campaigns.offers import coupon_view
from shop.core.db import db


@lru_cache(maxsize=4)
def listed(ahead: bool, of_stores: bool) -> Select[Any]:
    """Coupons that are given out and can be had at ``now``; built once, since the front page asks."""
    now: Any = bindparam("now", type_=Coupon.starts_at.type)
    query = coupon_rows().where(
        Coupon.listed.is_(True),
        lives(Coupon, now),
        Coupon.total_limit.is_(None) | (Coupon.used < Coupon.total_limit),
    )
    if not ahead:
        query = query.where(Coupon.starts_at <= now)
    if of_stores:
        stores: Any = bindparam("stores", expanding=True)
        query = query.where(Coupon.store_id.is_(None) | Coupon.store_id.in_(stores))
    return query.order_by(*soonest_first()).limit(bindparam("limit", type_=Integer))


def coupon_rows() -> Select[Any]:
    """Coupons with their claims, and whether and how often somebody has claimed and used them: nobody, but
    for the parameters ``customer`` (his key) and ``me`` (his id)."""
    grants = select(func.count(CouponGrant.id)).where(CouponGrant.coupon_id == Coupon.id)
    used = select(CouponUse.used).where(
        CouponUse.coupon_id == Coupon.id,
        CouponUse.customer_key == bindparam("customer", ""),
    )
    return select(
        Coupon,
        grants.correlate(Coupon).scalar_subquery().label("claims"),
        grants.where(CouponGrant.user_id == bindparam("me", 0))
        .correlate(Coupon)
        .scalar_subquery()
        .label("claimed"),
        func.coalesce(used.correlate(Coupon).scalar_subquery(), 0).label("used_by_me"),
    )


def views(
    query: Select[Any], values: dict[str, Any], now: datetime, locale: str
) -> list[CouponView]:
    """The rows of ``coupon_rows`` as shoppers see them. One statement."""
    return [
        coupon_view(
            row.Coupon,
            now,
            locale,
            claims=row.claims,
            claimed=bool(row.claimed),
            used_by_me=row.used_by_me,
        )
        for row in db.session.execute(query, values)
    ]


def soonest_first() -> tuple[SQLColumnExpression[Any], ...]:
    """Their order."""
    return Coupon.ends_at.is_(None), Coupon.ends_at, Coupon.id
