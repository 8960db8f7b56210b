"""Forms of accounts."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from shop.account.addresses import AddressData
from shop.web.ui.addresses import AddressForm
from shop.web.ui.forms import Form, PhoneField, Required, choices
from shop.web.ui.locale import NAMES


class SignInForm(Form):
    """User name or e-mail, and password."""

    login = StringField(
        _l("User name or e-mail"),
        [Required(_l("Write your user name or your e-mail.")), Length(max=254)],
    )
    password = PasswordField(_l("Password"), [Required(_l("Write your password."))])
    next = HiddenField()


class RegisterForm(Form):
    """A new account. ``checkout``: the guest's checkout that it is opened from, if any."""

    username = StringField(_l("User name"), [Required(_l("Choose a user name.")), Length(max=80)])
    email = EmailField(_l("E-mail"), [Required(_l("Write your e-mail address.")), Length(max=254)])
    password = PasswordField(_l("Password"), [Required(_l("Choose a password."))])
    display_name = HiddenField()
    checkout = HiddenField()
    next = HiddenField()


class ProfileForm(Form):
    """What a person is called and how they are reached."""

    display_name = StringField(_l("Your name"), [Optional(), Length(max=80)])
    phone = PhoneField(_l("Mobile"), [Optional(), Length(max=32)])
    locale = SelectField(
        _l("Language of our mails"), choices=choices(NAMES.items()), validate_choice=True
    )
    wishlist_mails = BooleanField(
        _l("Write to me when something on my wishlist costs less or is back")
    )


class EmailForm(Form):
    """Another e-mail address; asks for the password again."""

    email = EmailField(
        _l("New e-mail"), [Required(_l("Write your e-mail address.")), Length(max=254)]
    )
    current = PasswordField(_l("Your password"), [Required(_l("Write your password."))])


class PasswordForm(Form):
    """Another password; asks for the present one."""

    current = PasswordField(_l("Present password"), [Required(_l("Write your password."))])
    password = PasswordField(_l("New password"), [Required(_l("Choose a password."))])


class ForgotForm(Form):
    """Whom to send a reset link."""

    login = StringField(
        _l("User name or e-mail"),
        [Required(_l("Write your user name or your e-mail.")), Length(max=254)],
    )


class ResetForm(Form):
    """A new password, by a link."""

    password = PasswordField(_l("New password"), [Required(_l("Choose a password."))])


class BookForm(AddressForm):
    """An entry of the address book."""

    tag = SelectField(_l("Label"), default="", validate_choice=True)
    default = BooleanField(_l("Use this address unless I say otherwise"))
    paste = TextAreaField(_l("Paste name, phone and address"), [Optional(), Length(max=1000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tag.choices = choices(
            [("", _l("No label")), ("home", _l("At home")), ("work", _l("At work"))]
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Every problem at once."""
        good = super().validate(extra_validators)
        return self.check_address() and good

    def entry(self) -> AddressData:
        """What was typed, as the book keeps it."""
        return AddressData(
            name=self.name.data or "",
            phone=self.phone.data or "",
            tag=self.tag.data or "",
            **self.parts(),
        )
