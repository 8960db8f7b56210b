"""How a page is ordered from Stripe."""

import re
from datetime import datetime, timedelta
from typing import Any

from shop.core import clock
from shop.payment.gateways import stripe_units
from shop.payment.gateways.base import Rejected

_NUMBER = re.compile(r"[A-Za-z0-9]{6,32}")
# A page lives between 30 minutes and 24 hours. The end has to be the same for each try under one key,
# so it hangs on the attempt's; the shop closes the page itself when the attempt is over.
_LEAST = timedelta(minutes=31)
_MOST = timedelta(hours=23, minutes=30)


def session_fields(
    attempt_no: str,
    amount: int,
    currency: str,
    subject: str,
    expires_at: datetime | None,
    return_url: str,
) -> dict[str, Any]:
    """A page for one sum. Its payment, and by that its charge, carry our number too.

    Raises ``ValueError`` for what no caller may pass, and ``Rejected`` for an amount that cannot be
    charged exactly.
    """
    if not _NUMBER.fullmatch(attempt_no):
        raise ValueError("attempt_no must be 6 to 32 letters and digits")
    if amount <= 0:
        raise ValueError("amount must be positive")
    try:
        units = stripe_units.to_units(amount, currency)
    except ValueError:
        raise Rejected("amount_in_currency", gateway="stripe") from None
    named = {"attempt_no": attempt_no}
    price = {
        "currency": currency.lower(),
        "unit_amount": units,
        "product_data": {"name": " ".join(subject.split())[:250] or attempt_no},
    }
    fields: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": attempt_no,
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_method_types": ["card"],
        "metadata": named,
        "payment_intent_data": {"metadata": named},
        "success_url": return_url,
        "cancel_url": return_url,
    }
    if expires_at is not None and expires_at + _LEAST < clock.now() + _MOST:
        fields["expires_at"] = int((expires_at + _LEAST).timestamp())
    return fields


def is_of(session: dict[str, Any], no: str) -> bool:
    """Whether a page is the attempt's."""
    return session.get("client_reference_id") == no
