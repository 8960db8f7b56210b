"""Sentences for what the rules of accounts refuse."""

from flask_babel import lazy_gettext

from shop.web.ui.errors import register_message

WRONG = lazy_gettext("These do not fit together. Check both and try again.")


def register() -> None:
    """Register them; called when the blueprint is imported."""
    for code, text in {
        "username-taken": lazy_gettext("Somebody has this user name already. Choose another."),
        "username-length": lazy_gettext("A user name has %(minimum)s to %(maximum)s characters."),
        "username-characters": lazy_gettext(
            "A user name has letters and digits, with dots, hyphens and underscores between them."
        ),
        "email-invalid": lazy_gettext(
            "This is not a complete e-mail address. It looks like name@example.com."
        ),
        "email-taken": lazy_gettext("This address belongs to another account."),
        "phone-invalid": lazy_gettext(
            "This is not a complete phone number. Outside China, start with + and the country code."
        ),
        "phone-missing": lazy_gettext("Write a phone number: the courier will call it."),
        "password-short": lazy_gettext("A password has at least %(minimum)s characters."),
        "password-long": lazy_gettext("A password has at most %(maximum)s characters."),
        "password-common": lazy_gettext(
            "This password is one of the first that thieves try. Choose another."
        ),
        "password-like-name": lazy_gettext("Choose a password that is not your name or e-mail."),
        "text-unreadable": lazy_gettext("This holds a character that cannot be used."),
        "field-missing": lazy_gettext("Please fill this in."),
        "field-long": lazy_gettext("This is too long; %(maximum)s characters fit."),
        "country-unknown": lazy_gettext("Choose a country."),
        "locale-unknown": lazy_gettext("Choose a language."),
        "credentials-wrong": WRONG,
        "link-invalid": lazy_gettext(
            "This link has been used, has ended, or a newer one was sent. Ask for a new one."
        ),
        "address-unknown": lazy_gettext("This address is no longer in your book."),
        "address-limit": lazy_gettext(
            "The address book holds %(maximum)s addresses. Delete one first."
        ),
        "session-unknown": lazy_gettext("This device is no longer signed in."),
        "user-unknown": lazy_gettext("This account does not exist."),
    }.items():
        register_message(code, text)
