"""Coupons that shoppers claim."""
