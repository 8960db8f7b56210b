"""The verbs of campaigns in one place: offers, claims, and redemptions.

Each is written where its use case is: ``coupons``, ``promotions``, ``redemption``.
"""

from shop.campaigns.coupons import claim, create_coupon, end_coupon, update_coupon
from shop.campaigns.promotions import create_promotion, end_promotion, update_promotion
from shop.campaigns.redemption import reclaim_order, redeem, release_order

__all__ = [
    "claim",
    "create_coupon",
    "create_promotion",
    "end_coupon",
    "end_promotion",
    "reclaim_order",
    "redeem",
    "release_order",
    "update_coupon",
    "update_promotion",
]
