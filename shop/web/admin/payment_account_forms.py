"""The form of an account, made from what its gateway declares."""

from collections.abc import Mapping, Sequence

from flask import request
from flask_babel import lazy_gettext
from wtforms import FileField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, TextArea, TextInput

from shop.core.errors import Invalid
from shop.payment.accounts.kinds import PEMS, PUBLIC_PEMS, SECRETS, Kind, Sort
from shop.payment.accounts.queries import AccountView
from shop.payment.accounts.services import Entry
from shop.payment.accounts.values import LONGEST
from shop.web.admin.payment_account_words import LABELS
from shop.web.ui.forms import Form, choices

_WITH_FILES = PEMS | {Sort.SERIAL}


class SecretArea(StringField):
    """Several lines that are taken, and never sent back."""

    widget = TextArea()

    def _value(self) -> str:
        return ""


class SecretLine(SecretArea):
    """One line of the same."""

    widget = TextInput()


class AccountForm(Form):
    """What every account has; ``form_of`` adds the fields of a gateway."""

    name = StringField(
        lazy_gettext("Name for colleagues"),
        [Length(max=80, message=lazy_gettext("A name has at most 80 characters."))],
    )
    currencies = SelectMultipleField(
        lazy_gettext("Currencies"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def form_of(
    kind: Kind, currencies: Sequence[str], account: AccountView | None = None, given: bool = False
) -> AccountForm:
    """The form of a gateway's account; ``given``: filled with what was sent."""
    own: dict[str, object] = {}
    for one in kind.fields:
        label = LABELS.get(one.setting, one.setting)
        field = {
            Sort.PRIVATE_KEY: SecretArea,
            Sort.SECRET: SecretLine,
            **dict.fromkeys(PUBLIC_PEMS, TextAreaField),
        }.get(one.sort, StringField)
        own[key(one.setting)] = field(label, [Length(max=LONGEST)])
        if one.sort in _WITH_FILES:
            own[key(one.setting) + "_upload"] = FileField(lazy_gettext("or from a file"))
    made: AccountForm = type("GatewayForm", (AccountForm,), own)(formdata=None)
    made.currencies.choices = choices([(code, code) for code in currencies])
    if given:
        made.process(request.form)
        return made
    made.name.data = account.name if account else ""
    made.currencies.data = list(account.currencies if account else currencies)
    for one in kind.fields:
        if one.sort not in SECRETS:
            kept = account.values.get(one.setting, "") if account else one.usual
            made[key(one.setting)].data = kept
    return made


def entry_of(kind: Kind, form: AccountForm) -> Entry:
    """What was sent; a file goes before what was pasted. Raises ``Invalid`` for one that is no text."""
    typed = {}
    for one in kind.fields:
        typed[one.setting] = str(form[key(one.setting)].data or "")
        file = request.files.get(key(one.setting) + "_upload")
        if file is not None and file.filename:
            try:
                typed[one.setting] = file.stream.read(LONGEST + 1).decode("ascii")
            except UnicodeDecodeError:
                raise Invalid("key-unreadable", field=one.setting) from None
    return Entry(str(form.name.data or ""), list(form.currencies.data or ()), typed)


def key(setting: str) -> str:
    """The name of a setting's field."""
    return setting.lower()


def kept(kind: Kind, account: AccountView | None) -> Mapping[str, object]:
    """Hints of secrets by field: when they were set, how they end."""
    return {key(name): hint for name, hint in account.hints.items()} if account else {}
