"""Sentences for what the rules of cart, stock and coupons refuse."""

from flask_babel import lazy_gettext

from shop.web.ui.errors import register_message


def register() -> None:
    """Register them; called when the blueprint is imported."""
    for code, text in {
        "variant-not-sold": lazy_gettext("This is no longer sold."),
        "quantity-out-of-range": lazy_gettext("Choose a quantity from 1 to %(maximum)s."),
        "stock-short": lazy_gettext("Only %(available)s left."),
        "stock-short-held": lazy_gettext(
            "Only %(available)s left, and %(held)s are in your cart already."
        ),
        "sold-out": lazy_gettext("This has just sold out."),
        "combination-not-made": lazy_gettext(
            "This combination is not made. Choose another value, then add it."
        ),
        "cart-full": lazy_gettext("A cart holds %(maximum)s different things at most."),
        "cart-line-missing": lazy_gettext("This line is no longer in your cart."),
        "coupon-unknown": lazy_gettext("We do not know this code. Check the spelling."),
        "coupon-ended": lazy_gettext("This coupon has ended."),
        "coupon-not-started": lazy_gettext("This coupon is not valid yet."),
        "coupon-used-up": lazy_gettext("This coupon has been used up."),
        "coupon-limit-per-user": lazy_gettext(
            "You have used this coupon as often as one person may."
        ),
        "coupon-below-threshold": lazy_gettext(
            "Your goods do not reach this coupon's threshold yet."
        ),
        "coupon-nothing-to-reduce": lazy_gettext("This coupon has nothing left to take off."),
        "coupon-other-store": lazy_gettext("This coupon is for another shop's goods."),
        "coupon-other-currency": lazy_gettext("This coupon is for another currency."),
    }.items():
        register_message(code, text)
