"""Addresses in mails: absolute, built from where the shop is seen from outside."""

from urllib.parse import urlencode

from flask import current_app

from shop.notifications import leaving
from shop.order.links import sign


def absolute(path: str) -> str:
    """A path of the shop as a full address."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def home(locale: str) -> str:
    """The front page."""
    return absolute(f"/{locale}/")


def order(number: str, locale: str) -> str:
    """The signed page of an order: whoever holds the link may see and act on that one order."""
    return absolute(f"/{locale}/orders/{number}?{_key(number)}")


def returns(number: str, locale: str) -> str:
    """The signed page of an order's returns."""
    return absolute(f"/{locale}/orders/{number}/returns?{_key(number)}")


def transfer(number: str, locale: str) -> str:
    """The signed page of an order's bank transfer."""
    return absolute(f"/{locale}/orders/{number}/transfer?{_key(number)}")


def review(number: str, line: str, locale: str) -> str:
    """The form for reviewing a bought line (its public id)."""
    return absolute(f"/{locale}/orders/{number}/lines/{line}/review?{_key(number)}")


def questions(slug: str, locale: str) -> str:
    """What was asked about a product."""
    return absolute(f"/{locale}/p/{slug}/questions")


def admin_returns(locale: str) -> str:
    """The returns that wait for the store."""
    return absolute(f"/{locale}/admin/returns")


def admin_order(number: str, locale: str) -> str:
    """An order in the admin."""
    return absolute(f"/{locale}/admin/orders/{number}")


def admin_reconciliation(locale: str) -> str:
    """What providers' bills tell differently."""
    return absolute(f"/{locale}/admin/reconciliation")


def admin_inventory(locale: str) -> str:
    """The stock pages of the admin."""
    return absolute(f"/{locale}/admin/inventory")


def admin_reviews(locale: str) -> str:
    """The reviews in the admin."""
    return absolute(f"/{locale}/admin/reviews")


def admin_questions(locale: str) -> str:
    """The questions in the admin."""
    return absolute(f"/{locale}/admin/questions")


def confirm_email(token: str, locale: str) -> str:
    """The form that confirms an address."""
    return absolute(f"/{locale}/confirm-email/{token}")


def reset_password(token: str, locale: str) -> str:
    """The form that sets a new password."""
    return absolute(f"/{locale}/reset-password/{token}")


def sign_in(locale: str) -> str:
    """The sign-in page."""
    return absolute(f"/{locale}/sign-in")


def forgot_password(locale: str) -> str:
    """The form that asks for a reset link."""
    return absolute(f"/{locale}/forgot-password")


def product(slug: str, locale: str, variant: str = "") -> str:
    """A product, with one of its variants chosen (by public id)."""
    return absolute(f"/{locale}/p/{slug}" + (f"?{urlencode({'sku': variant})}" if variant else ""))


def wishlist(locale: str) -> str:
    """The wishlist."""
    return absolute(f"/{locale}/wishlist")


def unsubscribe(kind: str, public_id: str, locale: str) -> str:
    """Where mails of a kind are ended: a page, and by one POST from a reader's program."""
    token = leaving.sign(kind, public_id, current_app.config["SECRET_KEY"])
    return absolute(f"/{locale}/unsubscribe/{token}")


def _key(number: str) -> str:
    return urlencode({"key": sign(number, current_app.config["SECRET_KEY"])})
