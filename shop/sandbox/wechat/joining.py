"""WeChat Pay joins the sandbox: its tables, its notifies, its addresses."""

from functools import partial

from flask import Flask

from shop.sandbox.alipay.desk import Desk
from shop.sandbox.wechat import bills, cashier, gateway
from shop.sandbox.wechat.desk import NOTIFY_PAUSES, open_desk
from shop.sandbox.wechat.notifies import KIND, dress
from shop.sandbox.wechat.orders import SCHEMA


def join(app: Flask, base: Desk) -> None:
    """Open the desk beside Alipay's; call before the sender starts."""
    base.store.add_tables(SCHEMA)
    desk = open_desk(base)
    app.extensions["wechat_desk"] = desk
    factor = base.settings.time_factor
    base.sender.dress(KIND, partial(dress, desk), tuple(pause / factor for pause in NOTIFY_PAUSES))
    app.register_blueprint(bills.bp)
    app.register_blueprint(gateway.bp)
    app.register_blueprint(cashier.bp)
