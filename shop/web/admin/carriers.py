"""The carriers that the store at hand sends with, and the one that was used last."""

from flask import session

from shop.order import terms
from shop.order.carriers import data
from shop.web.admin.desk import desk
from shop.web.ui.locale import current_lang

CARRIER = "admin_carrier"
"""Session key: the carrier that was used last."""


def in_use() -> dict[str, str]:
    """Code → name, in the order in which they are offered."""
    lang = current_lang()
    return {code: data.name(code, lang) for code in terms.read(desk().store.settings).carriers}


def remembered() -> str:
    """The carrier to begin with: the last one, else the store's own choice."""
    found = terms.read(desk().store.settings)
    last = str(session.get(CARRIER, ""))
    return last if last in found.carriers else found.carrier
