"""Payments, refunds, provider events, settlement."""
