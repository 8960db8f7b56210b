"""Which ways to pay the checkout offers."""

from flask import current_app
from flask_babel import gettext as _


def available() -> list[tuple[str, str]]:
    """(code, name) of each way, the preferred first; a provider only when it is configured."""
    methods = []
    if current_app.config["ALIPAY_GATEWAY"]:
        methods.append(("alipay", _("Alipay")))
    methods.append(("cod", _("Cash on delivery")))
    return methods
