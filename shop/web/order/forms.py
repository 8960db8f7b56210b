"""Forms of checkout, order search and reviews."""

from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from shop.account.queries import AddressView
from shop.order.checkout import Contact
from shop.web.ui.addresses import PARTS, AddressForm
from shop.web.ui.forms import FieldError, Form, IdempotencyField, Required, choices
from shop.web.ui.locale import current_lang
from shop.web.ui.regions import HOME

NEW = "new"
"""Value of the address choice for one that is typed."""

_TYPED = ("name", "phone", *PARTS)


def check_email(form: Any, field: Any) -> None:
    """Refuse what is no e-mail address; keeps its normal form."""
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValidationError(
            _l("This is not a complete e-mail address. It looks like name@example.com.")
        ) from None


class CheckoutForm(AddressForm):
    """One page: contact and address, delivery, payment. English asks for an e-mail, Chinese for a phone.

    ``physical`` False leaves the address out: nothing travels in a parcel. ``book``: the addresses of
    who is signed in; with one of them chosen, nothing is typed.
    """

    email = EmailField(_l("E-mail"), [Optional(), Length(max=254), check_email])
    address = HiddenField()
    save_address = BooleanField(_l("Keep this address in my address book"))
    paste = TextAreaField(_l("Paste name, phone and address"), [Optional(), Length(max=1000)])
    code = StringField(_l("Coupon code"), [Optional(), Length(max=40)])
    card = StringField(_l("Gift card code"), [Optional(), Length(max=40)])
    use_balance = BooleanField(_l("Use my balance"))
    note = TextAreaField(_l("Note for the shop"), [Optional(), Length(max=500)])
    method = RadioField(_l("Payment"), validate_choice=True)
    currency = HiddenField()
    expected_total = HiddenField()
    expected_due = HiddenField()
    key = IdempotencyField()

    def __init__(
        self,
        *args: Any,
        methods: list[tuple[str, str]],
        physical: bool,
        book: Sequence[AddressView] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.physical = physical
        self.book = book if physical else ()
        self.method.choices = choices(methods)

    @property
    def chosen(self) -> AddressView | None:
        """The entry of the address book that the parcel goes to; None for a typed address."""
        return next((row for row in self.book if row.public_id == self.address.data), None)

    @property
    def destination(self) -> str:
        """The country that the parcel goes to."""
        return self.chosen.country if self.chosen is not None else self.country.data or HOME

    def fetch(self) -> None:
        """Everything is fetched: nobody is asked for an address. Who was to get it still is."""
        if self.chosen is not None:
            for name in ("name", "phone"):
                self.put(name, self[name].data or getattr(self.chosen, name))
        self.physical, self.book = False, ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Run all checks, so that every problem is shown at once."""
        good = super().validate(extra_validators)
        if self.chosen is not None:
            for name in _TYPED:  # what was typed before the choice is kept, but not meant
                self[name].errors = []
            good = not self.errors
        elif self.physical:
            good = self.check_address() and good
        if current_lang() == "zh" and self.chosen is None and not self.phone.data:
            self.blame("phone", _l("Write a phone number: the courier will call it."))
            good = False
        if current_lang() != "zh" and not self.email.data:
            self.blame("email", _l("Write your e-mail address: the receipt goes there."))
            good = False
        return good

    def error_list(self) -> list[FieldError]:
        """What keeps the order from being placed; what a coupon's code or a pasted text lacks is only
        said beside them. A choice among radios is reached through its first one."""
        return [
            line._replace(field_id="method-0") if line.field_id == "method" else line
            for line in super().error_list()
            if line.field_id not in {"code", "card", "paste"}
        ]

    def contact(self) -> Contact:
        """Whom and where to, as the order keeps it."""
        email, note = self.email.data or "", self.note.data or ""
        if self.chosen is not None:
            kept = {name: getattr(self.chosen, name) for name in _TYPED}
            return Contact(email=email, note=note, **kept)
        where = self.parts()
        if not self.physical:
            where = dict.fromkeys(where, "") | {"country": where["country"]}
        return Contact(
            name=self.name.data or "",
            phone=self.phone.data or "",
            email=email,
            note=note,
            **where,
        )


class FindForm(Form):
    """Find an order without an account."""

    number = StringField(
        _l("Order number"),
        [Required(_l("Write the order number: it is in your mail.")), Length(max=40)],
    )
    contact = StringField(
        _l("E-mail or phone of the order"),
        [Required(_l("Write the e-mail or the phone you ordered with.")), Length(max=254)],
    )


class ReviewForm(Form):
    """What a buyer says of a line."""

    stars = RadioField(
        _l("Stars"),
        choices=choices((str(n), str(n)) for n in range(5, 0, -1)),
        validate_choice=False,
    )
    title = StringField(_l("In one line"), [Optional(), Length(max=120)])
    text = TextAreaField(_l("What is it like?"), [Optional(), Length(max=4000)])

    def validate(self, extra_validators: Any = None) -> bool:
        """The stars are what a review needs."""
        good = super().validate(extra_validators)
        if self.stars.data not in {"1", "2", "3", "4", "5"}:
            self.stars.errors = [_l("Choose from one to five stars.")]
            good = False
        return good

    def error_list(self) -> list[FieldError]:
        """The first star stands for the choice."""
        return [
            line._replace(field_id="stars-0") if line.field_id == "stars" else line
            for line in super().error_list()
        ]


class FollowupForm(Form):
    """What a buyer adds to a review."""

    text = TextAreaField(
        _l("How is it by now?"),
        [Required(_l("Write what you would add.")), Length(max=4000)],
    )
