"""The form of a store's papers."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Regexp

from shop.documents.settings import KEY, DocumentSettings, of
from shop.web.ui.forms import Form, choices

_LONG = lazy_gettext("This is too long.")
_PREFIX = (
    Length(max=16, message=_LONG),
    Regexp(
        r"^[\w./-]*$",
        message=lazy_gettext("Use letters, figures, dots, dashes and slashes, without spaces."),
    ),
)


class DocumentsForm(Form):
    """What stands on the papers of a store."""

    legal_name = StringField(lazy_gettext("Legal name"), [Length(max=160, message=_LONG)])
    address = TextAreaField(lazy_gettext("Address"), [Length(max=400, message=_LONG)])
    tax_number = StringField(lazy_gettext("Tax number"), [Length(max=60, message=_LONG)])
    invoice_prefix = StringField(lazy_gettext("Invoice numbers begin with"), _PREFIX)
    credit_prefix = StringField(lazy_gettext("Credit note numbers begin with"), _PREFIX)
    with_year = BooleanField(lazy_gettext("The year stands in the number"))
    automatic = BooleanField(lazy_gettext("Issue the invoice as soon as an order is paid"))
    footer_en = TextAreaField(lazy_gettext("Foot of invoices"), [Length(max=600, message=_LONG)])
    footer_zh = TextAreaField(lazy_gettext("Foot of invoices"), [Length(max=600, message=_LONG)])
    label_paper = RadioField(
        lazy_gettext("Paper of labels"),
        choices=choices(
            [
                ("4x6", lazy_gettext("4×6 inches, a label each")),
                ("a4", lazy_gettext("A4, four labels each")),
            ]
        ),
        default="4x6",
    )

    def chosen(self) -> DocumentSettings:
        """What was chosen, as the papers take it."""
        names = DocumentSettings.__dataclass_fields__
        typed = {name: self[name].data for name in names}
        return of(
            {
                KEY: {
                    name: value.strip() if isinstance(value, str) else value
                    for name, value in typed.items()
                }
            }
        )
