"""Reasons to buy: promotions, coupons, grants, redemptions."""
