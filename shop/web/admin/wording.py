"""How the admin says what is kept as a code: events, carriers, reasons, movements, states of money."""

from collections.abc import Iterable
from datetime import datetime

from babel.dates import get_timezone_location
from flask_babel import gettext, lazy_gettext

from shop.account import queries as people
from shop.core import clock
from shop.notifications.transfers import DECLINED
from shop.order.carriers import data
from shop.web.admin import carriers
from shop.web.ui.format import day, local, percent, time_of_day
from shop.web.ui.forms import national
from shop.web.ui.locale import current_lang, present_locale

REFUND_REASONS = {
    "changed-mind": lazy_gettext("Customer changed their mind"),
    "damaged": lazy_gettext("Arrived damaged"),
    "not-as-described": lazy_gettext("Not as described"),
    "late": lazy_gettext("Came too late"),
    "goodwill": lazy_gettext("Goodwill"),
    "other": lazy_gettext("Another reason"),
}

CANCEL_REASONS = {
    "customer": lazy_gettext("The customer asked for it"),
    "out-of-stock": lazy_gettext("Goods cannot be delivered"),
    "address": lazy_gettext("The address cannot be reached"),
    "suspicious": lazy_gettext("The order looks suspicious"),
    "other": lazy_gettext("Another reason"),
}

_ENDINGS = {
    **REFUND_REASONS,
    **CANCEL_REASONS,
    "cancelled": lazy_gettext("Order cancelled"),
    "expired": lazy_gettext("Not paid in time"),
    "provider-console": lazy_gettext("Given back at the provider"),
    "paid-too-late": lazy_gettext("Paid too late"),
    "surplus": lazy_gettext("More came than was due"),
    "refused": lazy_gettext("Refused at the door"),
    "refunded": lazy_gettext("Refunded whole"),
    "by-customer": lazy_gettext("The customer asked for it"),
    "shopper": lazy_gettext("The customer asked for it"),
    "by-customer-mind": lazy_gettext("Customer changed their mind"),
    "by-customer-mistake": lazy_gettext("Customer ordered the wrong thing"),
    "by-customer-address": lazy_gettext("Customer gave a wrong address"),
    "by-customer-slow": lazy_gettext("It took the customer too long"),
    "by-customer-cheaper": lazy_gettext("Customer found it cheaper"),
}

MOVEMENTS = {
    "received": lazy_gettext("Goods in"),
    "sold": lazy_gettext("Shipped"),
    "returned": lazy_gettext("Returned"),
    "adjusted": lazy_gettext("Adjusted"),
    "counted": lazy_gettext("Counted"),
    "transferred": lazy_gettext("Transferred"),
}

STOCK_REASONS = {
    "received": lazy_gettext("Delivery received"),
    "counted": lazy_gettext("Count corrected"),
    "damaged": lazy_gettext("Damaged"),
    "lost": lazy_gettext("Lost"),
    "own-use": lazy_gettext("For our own use"),
}

GATEWAYS = {
    "alipay": lazy_gettext("Alipay"),
    "wechatpay": lazy_gettext("WeChat Pay"),
    "stripe": lazy_gettext("Card (Stripe)"),
    "transfer": lazy_gettext("Bank transfer"),
    "cod": lazy_gettext("Cash on delivery"),
    "gift_card": lazy_gettext("Gift card or balance"),
}

_ATTEMPTS = {
    "created": ("", lazy_gettext("Started")),
    "pending": ("warn", lazy_gettext("Waiting")),
    "unknown": ("warn", lazy_gettext("Being checked")),
    "paid": ("done", lazy_gettext("Paid")),
    "closed": ("off", lazy_gettext("Closed")),
    "failed": ("off", lazy_gettext("Failed")),
}

_REFUNDS = {
    "created": ("warn", lazy_gettext("Being given back")),
    "submitted": ("warn", lazy_gettext("Being given back")),
    "unknown": ("warn", lazy_gettext("Being checked")),
    "processing": ("warn", lazy_gettext("Being given back")),
    "abnormal": ("bad", lazy_gettext("Needs a person")),
    "done": ("done", lazy_gettext("Given back")),
    "manual": ("done", lazy_gettext("By hand")),
    "failed": ("bad", lazy_gettext("Refused")),
}

KINDS = {
    "physical": lazy_gettext("Goods in a parcel"),
    "service": lazy_gettext("Service with a code"),
    "digital": lazy_gettext("Download"),
}


class Wording:
    """Given to the admin's templates as ``say``."""

    kinds = KINDS

    @property
    def carriers(self) -> dict[str, str]:
        """The carriers that the store sends with."""
        return carriers.in_use()

    def zone(self, name: str) -> str:
        """A time zone by its city: ``Asia/Shanghai`` → Shanghai, 上海."""
        locale = present_locale()
        return str(get_timezone_location(name, locale=locale, return_city=True))

    def share(self, basis_points: int) -> str:
        """Hundredths of a per cent, with no more decimals than they need: 1250 → 12.5%."""
        digits = 0 if basis_points % 100 == 0 else 1 if basis_points % 10 == 0 else 2
        return percent(basis_points / 10_000, digits)

    def phone(self, number: str) -> str:
        """A number as people at home write it."""
        return national(number)

    def carrier(self, code: str) -> str:
        """A carrier's name."""
        return data.name(code, current_lang())

    def gateway(self, code: str) -> str:
        """A way of paying."""
        return str(GATEWAYS.get(code, code))

    def reason(self, code: str) -> str:
        """Why an order ended or money went back; free text is shown as it is."""
        return str(_ENDINGS.get(code, code))

    def movement(self, kind: str) -> str:
        """A kind of stock movement."""
        return str(MOVEMENTS.get(kind, kind))

    def stock_reason(self, code: str) -> str:
        """Why stock was changed by hand; free text is shown as it is."""
        return str(STOCK_REASONS.get(code, code))

    def declined(self, code: str) -> str:
        """Why a proof of a transfer was declined."""
        return str(DECLINED.get(code, code))

    def attempt(self, state: str) -> tuple[str, str]:
        """Badge kind and word for a payment attempt."""
        kind, word = _ATTEMPTS[str(state)]
        return kind, str(word)

    def refund(self, state: str) -> tuple[str, str]:
        """Badge kind and word for a refund."""
        kind, word = _REFUNDS[str(state)]
        return kind, str(word)

    def names(self, actors: Iterable[str], customer_id: int | None = None) -> dict[str, str]:
        """Who stands behind actors such as ``u:12``, ``g:…``, ``system``. One statement."""
        wanted = set(actors)
        ids = {
            actor: int(actor[2:]) for actor in wanted if actor[:2] == "u:" and actor[2:].isdigit()
        }
        known = people.names(list(ids.values())) if ids else {}
        found: dict[str, str] = {}
        for actor in wanted:
            if actor in ids:
                is_customer = customer_id is not None and ids[actor] == customer_id
                found[actor] = gettext("the customer") if is_customer else known.get(ids[actor], "")
            elif actor.startswith("g:") or actor in {"customer", "shopper", "guest"}:
                found[actor] = gettext("the customer")
            elif actor in {"system", ""}:
                found[actor] = gettext("the shop")
            else:
                found[actor] = actor
        return found


def until(moment: datetime) -> str:
    """When something ends: the time when that is today, else the day."""
    today = local(clock.now()).date() == local(moment).date()
    return time_of_day(moment) if today else day(moment)
