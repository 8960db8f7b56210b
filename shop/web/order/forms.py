"""Forms of checkout, order search and reviews."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from shop.order.checkout import Contact
from shop.web.order.regions import check as check_region
from shop.web.order.regions import countries
from shop.web.ui.forms import Form, IdempotencyField, PhoneField, Required
from shop.web.ui.locale import current_lang


def check_email(form: Any, field: Any) -> None:
    """Refuse what is no e-mail address; keeps its normal form."""
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValidationError(
            _l("This is not a complete e-mail address. It looks like name@example.com.")
        ) from None


class CheckoutForm(Form):
    """One page: contact and address, delivery, payment. English asks for an e-mail, Chinese for a phone.

    ``physical`` False leaves the address out: nothing travels in a parcel.
    """

    email = EmailField(_l("E-mail"), [Optional(), Length(max=254), check_email])
    name = StringField(_l("Full name"), [Required(_l("Write your name.")), Length(max=80)])
    country = SelectField(_l("Country"), validate_choice=True)
    street = StringField(_l("Street and number"), [Optional(), Length(max=200)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=16)])
    city = StringField(_l("City"), [Optional(), Length(max=80)])
    province = StringField(_l("State or province"), [Optional(), Length(max=80)])
    district = StringField(_l("District"), [Optional(), Length(max=80)])
    phone = PhoneField(_l("Phone"), [Optional(), Length(max=32)])
    note = TextAreaField(_l("Note for the shop"), [Optional(), Length(max=500)])
    method = RadioField(_l("Payment"), validate_choice=True)
    currency = HiddenField()
    expected_total = HiddenField()
    key = IdempotencyField()

    def __init__(
        self, *args: Any, methods: list[tuple[str, str]], physical: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.physical = physical
        self.country.choices = countries(current_lang())
        self.method.choices = methods
        if not self.country.data:
            self.country.data = "CN" if current_lang() == "zh" else kwargs.get("country", "CN")
        self.phone.region = self.country.data or "CN"

    def validate(self, extra_validators: Any = None) -> bool:
        """Run all checks, so that every problem is shown at once."""
        good = super().validate(extra_validators)
        if current_lang() == "zh" and not self.phone.data:
            good = self._refuse("phone", _l("Write a phone number: the courier will call it."))
        if current_lang() != "zh" and not self.email.data:
            good = self._refuse("email", _l("Write your e-mail address: the receipt goes there."))
        if self.physical:
            for name, text in check_region(self):
                good = self._refuse(name, text)
        return good

    def _refuse(self, name: str, text: Any) -> bool:
        field = self[name]
        if not field.errors:
            field.errors = [text]
        return False

    def contact(self) -> Contact:
        """What was typed, as the order keeps it."""
        where = {
            name: self[name].data or ""
            for name in ("country", "province", "city", "district", "street", "postcode")
        }
        if not self.physical:
            where = dict.fromkeys(where, "") | {"country": where["country"]}
        return Contact(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            note=self.note.data or "",
            **where,
        )


class FindForm(Form):
    """Find an order without an account."""

    number = StringField(_l("Order number"), [Required(), Length(max=40)])
    contact = StringField(_l("E-mail or phone of the order"), [Required(), Length(max=254)])


class ReviewForm(Form):
    """What a buyer says of a line."""

    stars = RadioField(_l("Stars"), choices=[(str(n), str(n)) for n in range(5, 0, -1)])
    title = StringField(_l("In one line"), [Optional(), Length(max=120)])
    text = TextAreaField(_l("What is it like?"), [Optional(), Length(max=4000)])
