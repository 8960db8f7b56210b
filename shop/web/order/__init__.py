"""Checkout, order pages, finding an order, receipt and review."""
