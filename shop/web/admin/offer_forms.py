"""Forms of coupons, spend-and-save campaigns and member levels."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, DecimalField, IntegerField, RadioField, StringField
from wtforms.validators import Length, NumberRange, Optional

from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices


class CouponForm(Form):
    """What a coupon gives, to whom, when."""

    key = IdempotencyField()
    kind = RadioField(
        lazy_gettext("Kind"),
        choices=choices(
            [
                ("amount", lazy_gettext("Amount off")),
                ("percentage", lazy_gettext("Per cent")),
            ]
        ),
        default="amount",
    )
    amount = MoneyField(lazy_gettext("Amount off"))
    percentage = DecimalField(
        lazy_gettext("Per cent off"),
        [Optional(), NumberRange(0.01, 100, lazy_gettext("Write a share from 0.01 to 100."))],
        places=None,
    )
    threshold = MoneyField(lazy_gettext("On orders from"))
    code = StringField(
        lazy_gettext("Code"),
        [
            Required(lazy_gettext("Write the code that shoppers type.")),
            Length(3, 40, lazy_gettext("A code has 3 to 40 characters.")),
        ],
    )
    title_en = StringField(lazy_gettext("Name"), [Length(max=80)])
    title_zh = StringField(lazy_gettext("Name"), [Length(max=80)])
    per_user = IntegerField(
        lazy_gettext("Per person"),
        [Optional(), NumberRange(1, 999, lazy_gettext("Write a number from 1 to 999."))],
        default=1,
    )
    total = IntegerField(
        lazy_gettext("Available"),
        [Optional(), NumberRange(1, 9_999_999, lazy_gettext("Write a number from 1 on."))],
    )
    starts = DateField(lazy_gettext("From"), [Optional()])
    ends = DateField(lazy_gettext("To, with the last day"), [Optional()])
    listed = BooleanField(lazy_gettext("Shown in the coupon centre, to be claimed"), default=True)


class CampaignForm(Form):
    """Spend-and-save: up to four steps."""

    key = IdempotencyField()
    title_en = StringField(lazy_gettext("Name"), [Length(max=80)])
    title_zh = StringField(lazy_gettext("Name"), [Length(max=80)])
    over_0 = MoneyField(lazy_gettext("Spend at least"))
    off_0 = MoneyField(lazy_gettext("Takes off"))
    over_1 = MoneyField(lazy_gettext("Spend at least"))
    off_1 = MoneyField(lazy_gettext("Takes off"))
    over_2 = MoneyField(lazy_gettext("Spend at least"))
    off_2 = MoneyField(lazy_gettext("Takes off"))
    over_3 = MoneyField(lazy_gettext("Spend at least"))
    off_3 = MoneyField(lazy_gettext("Takes off"))
    starts = DateField(lazy_gettext("From"), [Optional()])
    ends = DateField(lazy_gettext("To, with the last day"), [Optional()])

    def tiers(self) -> list[tuple[MoneyField, MoneyField]]:
        """The steps as pairs of fields."""
        return [(self[f"over_{place}"], self[f"off_{place}"]) for place in range(4)]


class LevelForm(Form):
    """A member level."""

    name_en = StringField(lazy_gettext("Name"), [Length(max=40)])
    name_zh = StringField(lazy_gettext("Name"), [Length(max=40)])
    spend_from = MoneyField(lazy_gettext("From, spent"), [Required()])
    discount = DecimalField(
        lazy_gettext("Off every price, %%"),
        [NumberRange(0, 90, lazy_gettext("Write a share from 0 to 90."))],
        places=None,
    )


def start_of(day: date | None, zone: str) -> datetime | None:
    """Midnight at the beginning of ``day`` in the store's zone, in UTC."""
    if day is None:
        return None
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def end_of(day: date | None, zone: str) -> datetime | None:
    """Midnight after ``day``: its last moment is still inside."""
    return None if day is None else start_of(day + timedelta(days=1), zone)


def first_day(moment: datetime | None, zone: str) -> date | None:
    """The day on which something begins."""
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).date()


def last_day(moment: datetime | None, zone: str) -> date | None:
    """The last whole day before something ends."""
    if moment is None:
        return None
    return (moment.astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)).date()
