"""Coupons and promotions as pages read them: made of rows, without a query of their own."""

from datetime import datetime

from shop.campaigns.data import CouponView, PromotionView, Tier
from shop.campaigns.models import Coupon, Promotion
from shop.campaigns.states import end_of, state_of
from shop.core.i18n import pick


def coupon_view(
    row: Coupon,
    now: datetime,
    locale: str,
    *,
    claims: int,
    claimed: bool = False,
    used_by_me: int = 0,
    redeemed_minor: int = 0,
) -> CouponView:
    """A coupon in one language."""
    ends_at = end_of(row.ends_at, row.ended_at)
    return CouponView(
        id=row.id,
        public_id=row.public_id,
        code=row.code,
        store_id=row.store_id,
        kind=row.kind,
        value=row.value,
        threshold_minor=row.threshold_minor,
        currency=row.currency,
        title=pick(row.titles, locale) or row.code,
        titles=row.titles,
        starts_at=row.starts_at,
        ends_at=ends_at,
        listed=row.listed,
        total_limit=row.total_limit,
        per_user_limit=row.per_user_limit,
        used=row.used,
        claims=claims,
        claimed=claimed,
        used_by_me=used_by_me,
        redeemed_minor=redeemed_minor,
        state=state_of(now, row.starts_at, ends_at, used=row.used, total_limit=row.total_limit),
    )


def promotion_view(row: Promotion, now: datetime, locale: str) -> PromotionView:
    """A promotion in one language."""
    ends_at = end_of(row.ends_at, row.ended_at)
    return PromotionView(
        id=row.id,
        public_id=row.public_id,
        store_id=row.store_id,
        title=pick(row.titles, locale),
        titles=row.titles,
        tiers=tiers_of(row),
        currency=row.currency,
        priority=row.priority,
        starts_at=row.starts_at,
        ends_at=ends_at,
        state=state_of(now, row.starts_at, ends_at),
    )


def tiers_of(row: Promotion) -> tuple[Tier, ...]:
    """The tiers of a promotion, as they were written."""
    return tuple(Tier(tier["over_minor"], tier["off_minor"]) for tier in row.rule["tiers"])
