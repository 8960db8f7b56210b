"""Sentences for what the rules of coupons refuse."""

from flask_babel import lazy_gettext

from shop.web.ui.errors import register_message


def register() -> None:
    """Register them; called when the blueprint is imported."""
    for code, text in {
        "coupon-unknown": lazy_gettext("We do not know this code. Check the spelling."),
        "coupon-ended": lazy_gettext("This coupon has ended."),
        "coupon-not-started": lazy_gettext("This coupon is not valid yet."),
        "coupon-used-up": lazy_gettext("This coupon has been used up."),
    }.items():
        register_message(code, text)
