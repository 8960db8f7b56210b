"""Sentences for the codes of ``shop.core.errors`` and for error pages.

A blueprint registers the sentences for the codes of its domain:
``register_message("out-of-stock", lazy_gettext("Only %(left)s left."))``; the placeholders are the
error's parameters.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext

MESSAGES: dict[str, Any] = {
    "not-found": lazy_gettext("This is no longer here."),
    "forbidden": lazy_gettext("You may not do this."),
    "invalid": lazy_gettext("Something in this form is not right yet."),
    "conflict": lazy_gettext(
        "This was changed meanwhile. Look at it again, then repeat what you wanted."
    ),
    "illegal-transition": lazy_gettext(
        "This is not possible any more. Reload the page to see how things stand."
    ),
    "rate-limited": lazy_gettext("Too many attempts. Please wait a moment and try again."),
    "busy": lazy_gettext("The shop is very busy. Nothing was changed. Please try again."),
    "error": lazy_gettext("This did not work. Nothing was changed."),
    "money-unreadable": lazy_gettext("Write the amount in figures."),
    "money-too-large": lazy_gettext("This amount is too large."),
}


class ErrorPage(NamedTuple):
    """What a page for a status says."""

    title: Any
    text: Any


EXPIRED_FORM = ErrorPage(
    lazy_gettext("This form is too old"),
    lazy_gettext(
        "For your safety a form expires after a while. Go back, where what you typed is still there, "
        "reload the page and send it again."
    ),
)

PAGES: dict[int, ErrorPage] = {
    400: ErrorPage(
        lazy_gettext("We did not understand this"),
        lazy_gettext(
            "Something in the address or the form is not as it should be. Go back and try again."
        ),
    ),
    403: ErrorPage(
        lazy_gettext("This door is closed"),
        lazy_gettext("Your account may not open this page."),
    ),
    404: ErrorPage(
        lazy_gettext("Nothing on this shelf"),
        lazy_gettext("The page has moved or never was. Your cart is as you left it."),
    ),
    405: ErrorPage(
        lazy_gettext("This page is not opened this way"),
        lazy_gettext("The address belongs to a form. Go back and use the button there."),
    ),
    409: ErrorPage(
        lazy_gettext("This has changed meanwhile"),
        lazy_gettext(
            "Go back, look at it again, then repeat what you wanted. Nothing was changed."
        ),
    ),
    410: ErrorPage(
        lazy_gettext("No longer in the shop"),
        lazy_gettext("This thing is no longer sold. Perhaps one of its neighbours will do."),
    ),
    413: ErrorPage(
        lazy_gettext("This file is too large"),
        lazy_gettext("Choose a smaller file, then send the form again."),
    ),
    422: ErrorPage(
        lazy_gettext("Something is missing or not right"),
        lazy_gettext("Go back, mend the form and send it again. What you typed is still there."),
    ),
    429: ErrorPage(
        lazy_gettext("Too many attempts"),
        lazy_gettext("Please wait a few minutes, then try again. Your cart is as you left it."),
    ),
    500: ErrorPage(
        lazy_gettext("Something broke on our side"),
        lazy_gettext("It was not you, and your cart is safe. Please try again in a moment."),
    ),
    503: ErrorPage(
        lazy_gettext("The shop is closed for a moment"),
        lazy_gettext("Nothing was changed and your cart is safe. Please try again in a minute."),
    ),
}


def register_message(code: str, text: Any) -> None:
    """Give the sentence (lazy, with ``%(name)s`` for parameters) of an error code."""
    MESSAGES[code] = text


def sentence(code: str, kind: str, params: Mapping[str, Any]) -> str:
    """The sentence of ``code``, else of its ``kind``, with ``params`` filled in."""
    for known in (code, kind, "error"):
        if known in MESSAGES:
            try:
                return str(MESSAGES[known]) % params
            except (KeyError, TypeError, ValueError):
                continue
    return str(MESSAGES["error"])
