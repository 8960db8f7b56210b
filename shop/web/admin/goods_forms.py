"""Small forms beside goods: price, stock, status, alternative text."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from shop.web.admin.wording import STOCK_REASONS
from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices


class PriceForm(Form):
    """The price of a variant; an empty ``compare_at`` means no former price."""

    at = HiddenField()
    price = MoneyField(lazy_gettext("Price"), [Required(lazy_gettext("Write a price."))])
    compare_at = MoneyField(lazy_gettext("Price before"))


class StockForm(Form):
    """Add to, take from or count what lies somewhere."""

    key = IdempotencyField()
    at = HiddenField()
    location = HiddenField()
    mode = RadioField(
        lazy_gettext("Way of changing"),
        choices=choices(
            [
                ("add", lazy_gettext("Add or take")),
                ("set", lazy_gettext("On hand is")),
                ("free", lazy_gettext("Available is")),
            ]
        ),
        default="add",
    )
    quantity = IntegerField(
        lazy_gettext("Quantity"),
        [
            InputRequired(lazy_gettext("Write a whole number.")),
            NumberRange(-9_999_999, 9_999_999, lazy_gettext("This number is too large.")),
        ],
    )
    reason = SelectField(
        lazy_gettext("Reason"), choices=choices(STOCK_REASONS.items()), default="received"
    )


class ThresholdForm(Form):
    """From which quantity on the merchant is told."""

    at = HiddenField()
    location = HiddenField()
    threshold = IntegerField(
        lazy_gettext("Tell us at"),
        [Optional(), NumberRange(0, 9_999_999, lazy_gettext("Write a number from 0 on."))],
    )


class StatusForm(Form):
    """Publish, take back, put away."""

    status = SelectField(
        lazy_gettext("Status"),
        choices=choices(
            [
                ("published", lazy_gettext("Published")),
                ("draft", lazy_gettext("Draft")),
                ("archived", lazy_gettext("Archived")),
            ]
        ),
    )


class AltForm(Form):
    """What a picture shows, for those who do not see it."""

    alt_en = StringField(lazy_gettext("What it shows"), [Length(max=250)])
    alt_zh = StringField(lazy_gettext("What it shows"), [Length(max=250)])
