"""Forms of gift cards and balances."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import DateField, EmailField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices


class IssueForm(Form):
    """A new card and whom it goes to."""

    key = IdempotencyField()
    amount = MoneyField(
        lazy_gettext("Amount"), [Required(lazy_gettext("Write an amount."))], least=1
    )
    recipient = EmailField(
        lazy_gettext("E-mail of who gets it"),
        [Required(lazy_gettext("Write the address that the code is mailed to.")), Length(max=254)],
    )
    language = RadioField(
        lazy_gettext("Language of the mail"),
        choices=choices([("en", "English"), ("zh", "中文")]),
        default="en",
    )
    message = TextAreaField(lazy_gettext("Message"), [Length(max=500)])
    expires = DateField(lazy_gettext("Last day"), [Optional()])
    reason = StringField(lazy_gettext("Why, for colleagues"), [Length(max=200)])

    def ends_at(self, timezone: str) -> datetime | None:
        """The moment after the last day, in the store's zone."""
        if self.expires.data is None:
            return None
        after = self.expires.data + timedelta(days=1)
        return datetime.combine(after, time(), ZoneInfo(timezone)).astimezone(UTC)


class CreditForm(Form):
    """More on a member's balance."""

    key = IdempotencyField()
    amount = MoneyField(
        lazy_gettext("Amount"), [Required(lazy_gettext("Write an amount."))], least=1
    )
    reason = StringField(
        lazy_gettext("Why"),
        [Required(lazy_gettext("Write why: the member sees it.")), Length(max=200)],
    )


class VoidForm(Form):
    """The end of a card."""

    reason = StringField(
        lazy_gettext("Why"), [Required(lazy_gettext("Write why.")), Length(max=200)]
    )


class MailForm(Form):
    """Where a card is mailed to once more."""

    recipient = EmailField(
        lazy_gettext("E-mail of who gets it"),
        [Required(lazy_gettext("Write the address that the code is mailed to.")), Length(max=254)],
    )
