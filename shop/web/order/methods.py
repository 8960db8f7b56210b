"""Which ways to pay the checkout offers."""

from flask_babel import gettext as _

from shop.payment.accounts import opening
from shop.web.ui.gateways import gateways


def available(currency: str) -> list[tuple[str, str]]:
    """(code, name) of each way to pay in ``currency``, those for online payment first."""
    names = {
        "alipay": _("Alipay"),
        "wechatpay": _("WeChat Pay"),
        "stripe": _("Card"),
        "transfer": _("Bank transfer"),
        "cod": _("Cash on delivery"),
    }
    known = gateways()
    return [
        (name, names[name])
        for name in known
        if name in names and opening.takes(known, name, currency)
    ]
