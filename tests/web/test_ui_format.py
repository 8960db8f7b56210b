"""How money, dates and numbers are written in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, g
from flask_babel import force_locale

from shop.core import clock
from shop.core.money import Money
from shop.web.ui import format as written
from tests.web.ui_app import build

NOW = datetime(2026, 11, 22, 2, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def app() -> Flask:
    return build()


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/en/"), clock.at(NOW):
        yield


@pytest.mark.parametrize(
    ("minor", "currency", "cents", "markup", "plain"),
    (
        (46800, "CNY", "auto", '<span class="cur">¥</span>468', "¥468"),
        (
            46800,
            "CNY",
            "always",
            '<span class="cur">¥</span>468<span class="cts">.00</span>',
            "¥468.00",
        ),
        (
            55262,
            "CNY",
            "auto",
            '<span class="cur">¥</span>552<span class="cts">.62</span>',
            "¥552.62",
        ),
        (-6000, "CNY", "auto", '−<span class="cur">¥</span>60', "−¥60"),
        (5, "CNY", "auto", '<span class="cur">¥</span>0<span class="cts">.05</span>', "¥0.05"),
        (
            123456789,
            "USD",
            "auto",
            '<span class="cur">$</span>1,234,567<span class="cts">.89</span>',
            "$1,234,567.89",
        ),
        (1200, "JPY", "auto", '<span class="cur">¥</span>1,200', "¥1,200"),
    ),
)
def test_money(minor: int, currency: str, cents: str, markup: str, plain: str) -> None:
    assert written.money(minor, currency, cents) == markup
    assert written.money_text(minor, currency, cents) == plain
    assert written.money(Money(minor, currency), cents=cents) == markup


@pytest.mark.parametrize(
    ("lang", "day", "moment", "weekday", "year"),
    (
        ("en", "22 Nov", "22 Nov, 10:02", "Sun 22 Nov", "22 Nov 2025"),
        ("zh", "11月22日", "11月22日 10:02", "11月22日周日", "2025年11月22日"),
    ),
)
def test_days_and_times_are_in_the_zone_of_the_shop(lang, day, moment, weekday, year) -> None:
    with force_locale(lang):
        assert written.day(NOW) == day
        assert written.moment(NOW) == moment
        assert written.weekday(NOW) == weekday
        assert written.day(date(2025, 11, 22)) == year
        assert written.time_of_day(NOW) == "10:02"


def test_midnight_falls_where_the_store_is() -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert written.day(late) == "23 Nov"
    g.timezone = "Europe/London"
    assert written.day(late) == "22 Nov"
    g.timezone = "Nowhere/Land"
    assert written.day(late) == "22 Nov"


@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    (
        (date(2026, 11, 24), date(2026, 11, 26), "24–26 Nov", "11月24日至26日"),
        (date(2026, 11, 30), date(2026, 12, 2), "30 Nov – 2 Dec", "11月30日至12月2日"),
        (date(2026, 12, 30), date(2027, 1, 2), "30 Dec – 2 Jan 2027", "12月30日至2027年1月2日"),
        (date(2026, 11, 24), date(2026, 11, 24), "24 Nov", "11月24日"),
    ),
)
def test_day_ranges(first: date, last: date, english: str, chinese: str) -> None:
    assert written.day_range(first, last) == english
    with force_locale("zh"):
        assert written.day_range(first, last) == chinese


def test_how_long_ago() -> None:
    assert written.ago(NOW - timedelta(seconds=10)) == "just now"
    assert written.ago(NOW - timedelta(minutes=3)) == "3 minutes ago"
    assert written.ago(NOW + timedelta(hours=2)) == "in 2 hours"
    assert written.ago(NOW - timedelta(days=9)) == "13 Nov"
    with force_locale("zh"):
        assert written.ago(NOW - timedelta(minutes=3)) == "3分钟前"


def test_numbers_and_names() -> None:
    assert written.number(1240) == "1,240"
    assert written.percent(0.125, 1) == "12.5%"
    assert written.compact_number(12400) == "12.4K"
    with force_locale("zh"):
        assert written.compact_number(12400) == "1.2万"
    assert written.initial("“龙泉”青瓷壶") == "龙"
    assert written.initial(None) == ""
    assert written.when(NOW, "day") == '<time datetime="2026-11-22T02:02:00+00:00">22 Nov</time>'
