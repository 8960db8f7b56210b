"""Forms of orders: ship, cancel, refund, cash received, note, redeem."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from shop.core.errors import Invalid
from shop.web.admin import carriers
from shop.web.admin.wording import CANCEL_REASONS, REFUND_REASONS
from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices


class ShipForm(Form):
    """A parcel: carrier, tracking number; the lines are read apart."""

    key = IdempotencyField()
    at = HiddenField(default="page")
    lines = HiddenField()
    carrier = SelectField(lazy_gettext("Carrier"), validate_choice=True)
    tracking_number = StringField(
        lazy_gettext("Tracking number"),
        [Length(max=60, message=lazy_gettext("A tracking number has at most 60 characters."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.carrier.choices = choices(carriers.in_use().items())


class CancelForm(Form):
    """Why an order is cancelled."""

    key = IdempotencyField()
    reason = SelectField(
        lazy_gettext("Reason"), choices=choices(CANCEL_REASONS.items()), id="cancel-reason"
    )


class LinesForm(Form):
    """Why some items are cancelled; how many of which is read apart."""

    key = IdempotencyField()
    reason = SelectField(
        lazy_gettext("Reason"), choices=choices(CANCEL_REASONS.items()), id="lines-reason"
    )


class RefundForm(Form):
    """What goes back and why; ``expected`` is the sum that the button named, in minor units."""

    key = IdempotencyField()
    expected = HiddenField()
    delivery = BooleanField(lazy_gettext("Delivery as well"))
    reason = SelectField(
        lazy_gettext("Reason"), choices=choices(REFUND_REASONS.items()), id="refund-reason"
    )
    note = StringField(
        lazy_gettext("Note for colleagues"),
        [Length(max=255, message=lazy_gettext("A note has at most 255 characters."))],
        id="refund-note",
    )


class CashForm(Form):
    """Cash received at the door."""

    key = IdempotencyField()
    amount = MoneyField(lazy_gettext("Amount received"), [Required()])
    reference = StringField(
        lazy_gettext("Receipt or courier slip"),
        [Length(max=120, message=lazy_gettext("A reference has at most 120 characters."))],
    )


class RefusedForm(Form):
    """A parcel that nobody took and paid for."""

    key = IdempotencyField()
    restock = BooleanField(lazy_gettext("The goods are whole: back into stock"))


class NoteForm(Form):
    """A note for colleagues."""

    key = IdempotencyField()
    text = StringField(
        lazy_gettext("Note for colleagues"),
        [
            Required(lazy_gettext("Write a note first.")),
            Length(max=1000, message=lazy_gettext("A note has at most 1,000 characters.")),
        ],
        id="note-text",
    )


class RedeemForm(Form):
    """Visits of a code that are used now."""

    key = IdempotencyField()
    code = HiddenField()
    uses = IntegerField(
        lazy_gettext("How many now"),
        [
            InputRequired(lazy_gettext("Write a whole number.")),
            NumberRange(1, 1000, lazy_gettext("Write a whole number.")),
        ],
        id="redeem-uses",
    )
    note = StringField(
        lazy_gettext("Where, or a note"),
        [Length(max=200, message=lazy_gettext("A note has at most 200 characters."))],
        id="redeem-note",
    )


class ExtendForm(Form):
    """Until when a code is good now, and why."""

    key = IdempotencyField()
    code = HiddenField()
    until = StringField(lazy_gettext("Valid until"), id="extend-until")
    reason = StringField(
        lazy_gettext("Reason"),
        [
            Required(lazy_gettext("Say why, for your colleagues.")),
            Length(max=200, message=lazy_gettext("A note has at most 200 characters.")),
        ],
        id="extend-reason",
    )


def quantities(lines: Iterable[Any], *, ticked: bool = False) -> dict[str, int]:
    """What was typed in the fields ``quantity-<line>``; with ``ticked``, of ticked ``line``s only.

    Raises ``Invalid`` for what is no whole number.
    """
    chosen = set(request.values.getlist("line"))
    found = {}
    for line in lines:
        typed = request.values.get(f"quantity-{line.public_id}", "0").strip() or "0"
        if ticked and line.public_id not in chosen:
            continue
        if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
            raise Invalid("quantity-unreadable", field=f"quantity-{line.public_id}")
        if int(typed):
            found[line.public_id] = int(typed)
    return found
