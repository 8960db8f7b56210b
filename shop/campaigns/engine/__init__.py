"""Pricing as a pure function: plain values in, a quote with every adjustment explained out."""
