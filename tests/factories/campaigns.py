"""Offers for tests, made through the services; and bare checkouts for coupons to be used at."""

from itertools import count

from shop.campaigns import services
from shop.campaigns.data import CouponData, PromotionData, Tier
from shop.core import ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order.models import Checkout, Order

_number = count(1)


def make_coupon(store_id: int | None = None, **fields) -> int:
    """Make a coupon of ¥30 off (``CouponData`` overrides) and return its id."""
    given = {
        "code": f"CODE{next(_number)}",
        "kind": "amount",
        "value": 3000,
        "currency": None if store_id else "CNY",
        "titles": {"en": "Welcome", "zh": "新客礼券"},
    }
    with transaction():
        return services.create_coupon(CouponData(store_id, **(given | fields)), actor="test").id


def make_promotion(
    store_id: int | None = None, tiers: tuple[tuple[int, int], ...] = ((30000, 3000),), **fields
) -> int:
    """Make a spend-and-save promotion of (over, off) tiers and return its id."""
    given = {
        "titles": {"en": "Autumn tea", "zh": "秋茶满减"},
        "currency": None if store_id else "CNY",
    }
    steps = tuple(Tier(over, off) for over, off in tiers)
    with transaction():
        return services.create_promotion(
            PromotionData(store_id, tiers=steps, **(given | fields)), actor="test"
        ).id


def make_bare_checkout(*store_ids: int, user_id: int | None = None) -> tuple[int, list[int]]:
    """A checkout with an order per store and nothing in them: (checkout id, order ids)."""
    with transaction():
        checkout = Checkout(
            token=ids.token(),
            user_id=user_id,
            locale="en",
            currency="CNY",
            total_minor=0,
            method="cash_on_delivery",
        )
        db.session.add(checkout)
        db.session.flush()
        orders = [
            Order(
                number=f"2611{next(_number):02d}-{ids.public_id()[:6].upper()}",
                store_id=store_id,
                checkout_id=checkout.id,
                user_id=user_id,
                method="cash_on_delivery",
                locale="en",
                currency="CNY",
                items_minor=0,
                total_minor=0,
            )
            for store_id in store_ids
        ]
        db.session.add_all(orders)
        db.session.flush()
        return checkout.id, [order.id for order in orders]


def used(coupon_id: int) -> int:
    """How often a coupon counts as used."""
    from shop.campaigns.models import Coupon

    db.session.rollback()
    return db.session.get_one(Coupon, coupon_id, populate_existing=True).used
