"""The gateways of this process, for views and templates."""

from flask import Flask

from shop.jobs.gateways import gateways, is_test

__all__ = ["gateways", "init_gateways"]


def init_gateways(app: Flask) -> None:
    """Let the layouts say that no real money moves."""
    app.add_template_global(is_test, "is_payment_test")
