"""Mails about bank transfers: where to transfer what, that the time ends, that a proof was declined."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from shop.core.db import db
from shop.notifications import links
from shop.notifications.render import Draft, draft
from shop.order.mail_views import order_mail
from shop.order.models import Order
from shop.payment import transfer_views
from shop.payment.gateways.offline import BankAccount
from shop.payment.transfer_models import TransferProof
from shop.payment.transfer_views import TransferView

LABELS = {
    "holder": _l("Account holder"),
    "account": _l("Account number"),
    "bank": _l("Bank"),
    "branch": _l("Branch"),
    "swift": _l("SWIFT code"),
}

DECLINED = {
    "not-arrived": _l("The money has not arrived on our account."),
    "unreadable": _l("The proof cannot be read."),
    "other-account": _l("It shows a payment to another account."),
    "other-amount": _l("It shows another amount."),
    "other": _l("The proof was declined."),
}


def account(currency: str) -> list[tuple[Any, str]]:
    """Label and value of each part of the account for a currency; none when there is no account any more."""
    kept = current_app.config.get("BANK_TRANSFER_ACCOUNTS") or {}
    if currency not in kept:
        return []
    values = asdict(BankAccount(**kept[currency]))
    return [(label, values[part]) for part, label in LABELS.items() if values[part]]


def of_order(order_id: int) -> TransferView | None:
    """The transfer of an order's checkout while something of it is to be paid."""
    order = db.session.get(Order, order_id)
    found = transfer_views.of_checkout(order.checkout_id) if order is not None else None
    return found if found is not None and found.lacking_minor else None


def due(payload: Mapping[str, Any]) -> list[Draft]:
    """``transfer.due``: tomorrow the goods go back to the shelf."""
    return _mail("transfer_due", payload["order_id"])


def part(payload: Mapping[str, Any]) -> list[Draft]:
    """``transfer.part``: some of it came, the rest is still to be transferred."""
    return _mail("transfer_part", payload["order_id"])


def declined(payload: Mapping[str, Any]) -> list[Draft]:
    """``transfer.declined``: what was sent shows no payment, and why."""
    proof = db.session.get(TransferProof, payload["proof_id"])
    if proof is None:
        return []
    why = "" if proof.reason == "other" else str(proof.reason)
    return _mail("transfer_declined", payload["order_id"], why=why, note=proof.note)


def _mail(template: str, order_id: int, **context: Any) -> list[Draft]:
    """To whoever ordered, unless it was paid or closed meanwhile."""
    order, transfer = order_mail(order_id), of_order(order_id)
    if order is None or not order.email or transfer is None:
        return []
    return [
        draft(
            order.email,
            template,
            order.locale,
            timezone=order.timezone,
            order=order,
            transfer=transfer,
            bank_account=account(transfer.currency),
            declined_because=DECLINED,
            link=links.transfer(order.number, order.locale),
            **context,
        )
    ]
