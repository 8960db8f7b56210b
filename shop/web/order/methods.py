"""Which ways to pay the checkout offers."""

from flask_babel import gettext as _

from shop.web.ui.gateways import gateways


def available(currency: str) -> list[tuple[str, str]]:
    """(code, name) of each way to pay in ``currency``, those for online payment first."""
    names = {
        "alipay": _("Alipay"),
        "wechatpay": _("WeChat Pay"),
        "transfer": _("Bank transfer"),
        "cod": _("Cash on delivery"),
    }
    return [
        (name, names[name])
        for name, gateway in gateways().items()
        if name in names
        and (gateway.capabilities.currencies is None or currency in gateway.capabilities.currencies)
    ]
