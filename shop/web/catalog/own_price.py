"""What one unit costs this visitor: as a member, and with the best coupon there is to be had.

Both are what the cart would charge, by the same engine and under the same running promotions.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shop.campaigns import queries as campaigns
from shop.campaigns.data import CouponView
from shop.campaigns.engine.price import price
from shop.campaigns.engine.values import CouponRule, Customer, Line, MemberRule, Rules
from shop.campaigns.engine.values import Promotion as Offer
from shop.catalog.views import ProductPage, VariantView
from shop.core import clock
from shop.core.i18n import pick
from shop.membership import queries as membership
from shop.web.ui import kept
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import user_id

_LOOKED_AT = 20
"""Of how many coupons, the soonest to end first, the best is sought."""


@dataclass(frozen=True, slots=True)
class MemberPrice:
    """What one unit costs this visitor, and the level that gives it."""

    minor: int
    level: str


@dataclass(frozen=True, slots=True)
class CouponPrice:
    """What one unit costs with a coupon that can be had."""

    minor: int
    coupon: CouponView


def member_price(page: ProductPage, variant: VariantView) -> MemberPrice | None:
    """What the cart would charge a member for one. One statement, none for guests."""
    rules = _member_rules(page)
    if not rules.members:
        return None
    quote = price([_line(page, variant)], rules, Customer(user_id()), clock.now())
    (level,) = rules.members.values()
    return MemberPrice(quote.total_minor, pick(level.names, current_lang()))


def coupon_price(page: ProductPage, variant: VariantView) -> CouponPrice | None:
    """The lowest price that a coupon makes, of those that this visitor can have and use; none that takes
    nothing off.

    No statement for guests once what the store gives out is kept; at most three for members.
    """
    uid, now = user_id(), clock.now()
    coupons, offers = _given_out(page, now)
    fitting = [coupon for coupon in coupons if _fits(coupon, page, variant, now)]
    if not fitting:
        return None
    if uid is not None:  # who has claimed or used one is another question for each
        own = campaigns.listed_coupons([page.store.id], uid, now, current_lang(), limit=_LOOKED_AT)
        fitting = [coupon for coupon in own if _fits(coupon, page, variant, now)]
    line = _line(page, variant)
    best: CouponPrice | None = None
    rules = replace(_member_rules(page), promotions=offers)
    lowest = price([line], rules, Customer(uid), now).total_minor
    for coupon in fitting:
        rules = replace(rules, coupons=(_rule(coupon),), coupon_code=coupon.code)
        total = price([line], rules, Customer(uid), now).total_minor
        if total < lowest:
            lowest, best = total, CouponPrice(total, coupon)
    return best


def _given_out(page: ProductPage, now: datetime) -> tuple[list[CouponView], tuple[Offer, ...]]:
    """The coupons that the store or the platform gives out, and what promotions run, today or later; kept."""
    store_id, lang = page.store.id, current_lang()

    def read() -> tuple[list[CouponView], tuple[Offer, ...]]:
        coupons = campaigns.listed_coupons(
            [store_id], None, now, lang, limit=_LOOKED_AT, ahead=True
        )
        if not coupons:
            return [], ()
        return coupons, campaigns.running_offers([store_id], page.currency, now, ahead=True)

    return kept.value(("coupons", store_id, lang), read)


def _fits(coupon: CouponView, page: ProductPage, variant: VariantView, now: datetime) -> bool:
    """Whether a coupon may count for one unit now."""
    runs = coupon.starts_at <= now and (coupon.ends_at is None or now < coupon.ends_at)
    left = coupon.left_for_me != 0 and coupon.remaining != 0
    reached = coupon.threshold_minor <= variant.price_minor
    return runs and left and reached and coupon.currency == page.currency


def _member_rules(page: ProductPage) -> Rules:
    level = membership.discounts(user_id(), [page.store.id]).get(page.store.id)
    if level is None:
        return Rules(page.currency)
    rule = MemberRule(level.level_id, level.discount_bp, level.names)
    return Rules(page.currency, members={page.store.id: rule})


def _line(page: ProductPage, variant: VariantView) -> Line:
    return Line(
        key=variant.id,
        store_id=page.store.id,
        product_id=page.id,
        category_id=page.category_id,
        kind="service",  # leaves delivery out, which is said on a line of its own
        unit_price_minor=variant.price_minor,
        quantity=1,
    )


def _rule(coupon: CouponView) -> CouponRule:
    return CouponRule(
        coupon_id=coupon.id,
        code=coupon.code,
        store_id=coupon.store_id,
        currency=coupon.currency,
        kind=coupon.kind,
        value=coupon.value,
        threshold_minor=coupon.threshold_minor,
        labels=coupon.titles or {"en": coupon.code, "zh": coupon.code},
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        left=coupon.remaining,
        left_for_customer=coupon.left_for_me,
    )
