"""Forms of the house: places, staff, settings."""

from flask_babel import lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from shop.web.ui.forms import Form, MoneyField, Required, choices


class LocationForm(Form):
    """A place where goods lie."""

    name = StringField(
        lazy_gettext("Name of the place"),
        [Required(), Length(max=80, message=lazy_gettext("A name has at most 80 characters."))],
    )


class StaffForm(Form):
    """Somebody who is to work here."""

    login = StringField(
        lazy_gettext("E-mail or user name"),
        [
            Required(),
            Length(max=254),
            Regexp(r"^[^\s]+$", message=lazy_gettext("Write it without spaces.")),
        ],
    )
    role = RadioField(
        lazy_gettext("Role"),
        choices=choices([("staff", lazy_gettext("Staff")), ("owner", lazy_gettext("Owner"))]),
        default="staff",
    )


class SettingsForm(Form):
    """Names, contact, delivery."""

    name_en = StringField(lazy_gettext("Name"), [Length(max=120)])
    name_zh = StringField(lazy_gettext("Name"), [Length(max=120)])
    tagline_en = StringField(lazy_gettext("Line under the name"), [Length(max=255)])
    tagline_zh = StringField(lazy_gettext("Line under the name"), [Length(max=255)])
    about_en = TextAreaField(lazy_gettext("About the shop"))
    about_zh = TextAreaField(lazy_gettext("About the shop"))
    ships_from_en = StringField(lazy_gettext("Ships from"), [Length(max=120)])
    ships_from_zh = StringField(lazy_gettext("Ships from"), [Length(max=120)])
    contact_email = StringField(
        lazy_gettext("E-mail for customers"),
        [
            Optional(),
            Length(max=254),
            Regexp(
                r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
                message=lazy_gettext("Write an e-mail address such as shop@example.com."),
            ),
        ],
    )
    timezone = StringField(lazy_gettext("Time zone"), [Required(), Length(max=60)])
    delivery = MoneyField(lazy_gettext("A parcel costs"), [Required()], id="delivery-fee")
    free_from = MoneyField(lazy_gettext("Free from"))
