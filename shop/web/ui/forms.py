"""What every form of the shop shares: CSRF, clean input, and fields that several pages need."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import phonenumbers
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import TelInput

from shop.core import ids
from shop.core.errors import Invalid, ShopError
from shop.core.money import exponent, parse, to_decimal
from shop.web.ui.errors import words


class FieldError(NamedTuple):
    """One line of the error summary."""

    field_id: str
    label: str
    message: str


class Form(FlaskForm):
    """Base of all forms: CSRF token, text stripped at both ends, NUL refused.

    (PostgreSQL does not store NUL, and no person types it.) Passwords are taken as they are.
    """

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: UnboundField, options: Any) -> Field:
            """Let text fields strip what was typed, before their own filters."""
            filters: list[Callable[[Any], Any]] = list(unbound_field.kwargs.get("filters", ()))
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                filters.insert(0, _strip)
            return unbound_field.bind(form=form, filters=filters, **options)

    def validate(self, extra_validators: Any = None) -> bool:
        """Run the validators, unless the input holds characters that nothing may see."""
        for field in self:
            if any("\0" in value for value in field.raw_data or () if isinstance(value, str)):
                field.errors = [lazy_gettext("This holds a character that cannot be used.")]
                return False
        return bool(super().validate(extra_validators=extra_validators))

    def error_list(self) -> list[FieldError]:
        """Every error of the form, in the order of its fields, for ``error_summary``."""
        found = [FieldError("", "", str(message)) for message in self.form_errors]
        for field in self:
            if field.name == "csrf_token":
                continue
            for message in _flat(field.errors):
                found.append(FieldError(field.id, str(field.label.text), message))
        return found

    def refuse(self, error: ShopError, field: str | None = None) -> None:
        """Show a rule's refusal at ``field`` (or where the error itself says), else above the form."""
        name = field or str(error.params.get("field", ""))
        target = self._fields.get(name)
        if target is None:
            self.form_errors.append(words(error))
        else:
            target.errors = [*target.errors, words(error)]


class Required(InputRequired):
    """The field must be filled in."""

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or lazy_gettext("Please fill this in."))

    def __call__(self, form: Any, field: Any) -> None:
        """Also refuse what is empty once the white space is gone. Raises ``StopValidation``."""
        super().__call__(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            raise StopValidation(str(self.message))


class MoneyField(StringField):
    """An amount typed in main units (``88.8``), read as minor units (``8880``); empty is ``None``."""

    data: int | None

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        currency: str = "CNY",
        least: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.currency = currency
        self.least = least

    def _value(self) -> str:
        if self.raw_data and isinstance(self.raw_data[0], str):
            return self.raw_data[0]
        if self.data is None:
            return ""
        value = to_decimal(int(self.data), self.currency)
        return format(
            value.to_integral_value() if value == value.to_integral_value() else value, "f"
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the typed amount. Raises ``ValueError`` with a sentence for the person."""
        self.data = None
        typed = (valuelist[0] if valuelist else "").strip().lstrip("¥￥").strip()
        if not typed:
            return
        try:
            amount = parse(typed, self.currency)
        except Invalid as error:
            if error.reason == "money-too-large":
                raise ValueError(str(lazy_gettext("This amount is too large."))) from None
            example = "88.80" if exponent(self.currency) else "88"
            raise ValueError(
                str(lazy_gettext("Write an amount such as %(example)s.", example=example))
            ) from None
        if amount < self.least:
            raise ValueError(str(lazy_gettext("This amount is too small.")))
        self.data = amount


class PhoneField(StringField):
    """A telephone number, kept in the international form (``+8613800138000``); empty is ``""``."""

    data: str | None
    widget = TelInput()

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        region: str = "CN",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.region = region

    def _value(self) -> str:
        if self.raw_data and isinstance(self.raw_data[0], str):
            return self.raw_data[0]
        return national(self.data or "", self.region)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no number anywhere. Raises ``ValidationError``."""
        if not self.data:
            return
        parsed = parse_phone(self.data, self.region)
        if parsed is None:
            raise ValidationError(
                lazy_gettext(
                    "This is not a complete phone number. Outside China, start with + and the country code."
                )
            )
        self.data = parsed


class IdempotencyField(HiddenField):
    """The key that makes a form count once, however often it is sent."""

    def __init__(
        self, label: Any = "", validators: Sequence[Any] | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("default", ids.token)
        super().__init__(label, validators, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take a key that a page of ours made; anything else gets a new one."""
        typed = valuelist[0] if valuelist else ""
        good = (
            16 <= len(typed) <= 64
            and typed.isascii()
            and typed.replace("-", "").replace("_", "").isalnum()
        )
        self.data = typed if good else ids.token()


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a radio or select field offers, from pairs of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


def parse_phone(text: str, region: str = "CN") -> str | None:
    """``text`` in the international form (E.164), or ``None`` when it is no possible number."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def national(number: str, region: str = "CN") -> str:
    """A stored number as people of ``region`` write it: without the country code at home."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    at_home = phonenumbers.region_code_for_number(parsed) == region
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if at_home
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(parsed, style))


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _flat(errors: Any) -> list[str]:
    """Messages of a field; those of a list or of a form within come nested."""
    if isinstance(errors, dict):
        errors = [message for nested in errors.values() for message in nested]
    flat: list[str] = []
    for error in errors:
        flat.extend(_flat(error) if isinstance(error, dict | list | tuple) else [str(error)])
    return flat
