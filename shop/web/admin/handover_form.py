"""The form with which goods go over the counter."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from shop.web.ui.forms import Form, IdempotencyField


class HandOverForm(Form):
    """The number that the customer says, or a paper with their name."""

    key = IdempotencyField()
    code = StringField(lazy_gettext("Number of the customer"), [Length(max=20)], id="pickup-code")
    seen = BooleanField(lazy_gettext("I have seen a paper with the name of the order"))
