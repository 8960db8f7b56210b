"""Forms of places, transfers and counts."""

from collections.abc import Iterable

from flask import request
from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional, Regexp

from shop.analytics.stock import Place
from shop.web.admin.wording import STOCK_REASONS
from shop.web.ui.forms import Form, IdempotencyField, Required, choices

_LONG = lazy_gettext("This text is too long.")


class PlaceForm(Form):
    """A place: name, address, and whether shoppers may fetch their orders there."""

    name = StringField(
        lazy_gettext("Name of the place"),
        [Required(), Length(max=80, message=lazy_gettext("A name has at most 80 characters."))],
    )
    province = StringField(lazy_gettext("Province"), [Length(max=80, message=_LONG)])
    city = StringField(lazy_gettext("City"), [Length(max=80, message=_LONG)])
    street = StringField(lazy_gettext("Street and number"), [Length(max=200, message=_LONG)])
    postcode = StringField(lazy_gettext("Postcode"), [Length(max=16, message=_LONG)])
    phone = StringField(lazy_gettext("Phone"), [Length(max=32, message=_LONG)])
    is_pickup = BooleanField(lazy_gettext("Shoppers may fetch their orders here"))
    hours_en = TextAreaField(lazy_gettext("Opening hours"), [Length(max=500, message=_LONG)])
    hours_zh = TextAreaField(lazy_gettext("Opening hours"), [Length(max=500, message=_LONG)])


class TransferForm(Form):
    """From where to where."""

    key = IdempotencyField()
    source = SelectField(lazy_gettext("From"), choices=[])
    target = SelectField(lazy_gettext("To"), choices=[])
    note = StringField(lazy_gettext("Note"), [Length(max=200, message=_LONG)])


class CountForm(Form):
    """Where is counted, and the first code: a count begins with it, or empty."""

    key = IdempotencyField()
    location = SelectField(lazy_gettext("Location"), choices=[])
    code = StringField(
        lazy_gettext("Barcode or SKU"),
        [Length(max=255, message=lazy_gettext("This code is too long."))],
    )


class ScanForm(Form):
    """A code from a scanner, or typed."""

    key = IdempotencyField()
    code = StringField(
        lazy_gettext("Barcode or SKU"),
        [
            Required(lazy_gettext("Scan or type a code.")),
            Length(max=255, message=lazy_gettext("This code is too long.")),
        ],
    )


class ArrivalForm(Form):
    """Why units did not arrive, or not whole."""

    key = IdempotencyField()
    at = HiddenField()
    reason = SelectField(
        lazy_gettext("Missing or damaged because"),
        choices=choices(
            (code, words) for code, words in STOCK_REASONS.items() if code in {"lost", "damaged"}
        ),
        default="lost",
    )


class SupplierForm(Form):
    """How a supplier is called and reached."""

    name = StringField(lazy_gettext("Name"), [Required(), Length(max=120, message=_LONG)])
    email = StringField(
        lazy_gettext("E-mail"),
        [
            Optional(),
            Length(max=254, message=_LONG),
            Regexp(
                r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
                message=lazy_gettext("Write an e-mail address such as shop@example.com."),
            ),
        ],
    )
    phone = StringField(lazy_gettext("Phone"), [Length(max=32, message=_LONG)])
    note = TextAreaField(lazy_gettext("Note"), [Length(max=2000, message=_LONG)])


class PurchaseForm(Form):
    """From whom, to where, when it should come."""

    key = IdempotencyField()
    supplier = SelectField(lazy_gettext("Supplier"), choices=[])
    location = SelectField(lazy_gettext("Comes to"), choices=[])
    reference = StringField(
        lazy_gettext("Number of the supplier's"), [Length(max=60, message=_LONG)]
    )
    expected_on = DateField(lazy_gettext("Expected on"), [Optional()])


class SellingForm(Form):
    """Whether a variant is sold beyond what lies there, how many, and until when shoppers wait."""

    policy = SelectField(
        lazy_gettext("When none is left"),
        choices=choices(
            [
                ("stop", lazy_gettext("Stop selling")),
                ("backorder", lazy_gettext("Go on: back-order")),
                ("preorder", lazy_gettext("Sell before it appears: pre-order")),
            ]
        ),
    )
    limit = IntegerField(
        lazy_gettext("At most"),
        [
            Optional(),
            NumberRange(0, 9_999_999, lazy_gettext("Write a number from 0 on.")),
        ],
    )
    promised_on = DateField(lazy_gettext("Leaves on"), [Optional()])


def places_of(places: Iterable[Place]) -> list[object]:
    """What a choice of places offers."""
    return list(choices((place.public_id, place.name) for place in places))


def units(prefix: str, public_id: str) -> int | None:
    """What was typed as units beside a variant; None when it is no whole number from 0 on. Empty is 0."""
    typed = request.form.get(f"{prefix}-{public_id}", "").strip()
    if not typed:
        return 0
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None
