"""Stripe joins the sandbox: its tables, its webhooks, its addresses."""

from functools import partial

from flask import Flask

from shop.sandbox.alipay.desk import Desk
from shop.sandbox.stripe import cashier, gateway
from shop.sandbox.stripe.desk import NOTIFY_PAUSES, open_desk
from shop.sandbox.stripe.notifies import KIND, dress
from shop.sandbox.stripe.sessions import SCHEMA


def join(app: Flask, base: Desk) -> None:
    """Open the desk beside Alipay's; call before the sender starts."""
    base.store.add_tables(SCHEMA)
    desk = open_desk(base)
    app.extensions["stripe_desk"] = desk
    factor = base.settings.time_factor
    base.sender.dress(KIND, partial(dress, desk), tuple(pause / factor for pause in NOTIFY_PAUSES))
    app.register_blueprint(gateway.bp)
    app.register_blueprint(cashier.bp)
