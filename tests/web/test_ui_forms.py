"""Form fields: what people type and what the shop keeps."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from shop.core.errors import Invalid
from tests.web.ui_app import Sample, build


@pytest.fixture(scope="module")
def app() -> Flask:
    return build(WTF_CSRF_ENABLED=False)


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/en/", method="POST"):
        yield


def form(**typed: str) -> Sample:
    return Sample(MultiDict({"email": "a@b.example", "name": "A", "country": "CN", **typed}))


@pytest.mark.parametrize(
    ("typed", "kept"),
    (("88.8", 8880), ("¥1,088.80", 108880), ("￥5", 500), ("", None), ("  7 ", 700)),
)
def test_money_is_kept_in_minor_units(typed: str, kept: int | None) -> None:
    filled = form(amount=typed)
    assert filled.validate(), filled.errors
    assert filled.amount.data == kept


@pytest.mark.parametrize(
    "typed", ("abc", "1.234", "NaN", "Infinity", "1e99", "-5", "0", "9" * 40, "１２ａ")
)
def test_what_is_no_amount_is_refused_and_shown_again(typed: str) -> None:
    filled = form(amount=typed)
    assert not filled.validate()
    assert filled.amount.errors
    assert filled.amount._value() == typed


def test_an_amount_is_shown_as_people_write_it() -> None:
    assert Sample(data={"amount": 46800}).amount._value() == "468"
    assert Sample(data={"amount": 46850}).amount._value() == "468.50"


@pytest.mark.parametrize(
    ("typed", "kept"),
    (
        ("138 0013 8000", "+8613800138000"),
        ("+86 13800138000", "+8613800138000"),
        ("+44 20 7946 0958", "+442079460958"),
        ("", ""),
    ),
)
def test_phones_are_kept_in_the_international_form(typed: str, kept: str) -> None:
    filled = form(phone=typed)
    assert filled.validate(), filled.errors
    assert (filled.phone.data or "") == kept


@pytest.mark.parametrize("typed", ("12", "phone", "1380013800000000", "+999999"))
def test_what_is_no_phone_is_refused(typed: str) -> None:
    assert not form(phone=typed).validate()


def test_a_phone_is_shown_without_the_country_code_at_home() -> None:
    assert Sample(data={"phone": "+8613800138000"}).phone._value().replace(" ", "") == "13800138000"
    assert Sample(data={"phone": "+442079460958"}).phone._value().startswith("+44")


def test_text_is_stripped_and_a_password_is_not() -> None:
    filled = form(name="  Amelia ", password=" secret ")
    assert filled.validate()
    assert filled.name.data == "Amelia"
    assert filled.password.data == " secret "


def test_blank_is_not_filled_in() -> None:
    filled = form(name="   ")
    assert not filled.validate()
    assert [error.field_id for error in filled.error_list()] == ["name"]


def test_nul_is_refused_before_any_validator_sees_it() -> None:
    filled = form(name="A\0B")
    assert not filled.validate()
    assert filled.error_list()[0].field_id == "name"


def test_the_idempotency_key_is_kept_when_it_is_ours_and_made_anew_when_not() -> None:
    first = Sample().key.data
    assert len(first) >= 16
    assert form(key=first).key.data == first
    assert form(key="x' OR 1=1").key.data != "x' OR 1=1"
    assert Sample().key.data != first


def test_a_rules_refusal_stands_at_its_field_or_above_the_form() -> None:
    filled = form()
    filled.validate()
    filled.refuse(Invalid("sample-unknown", field="city"))
    filled.refuse(Invalid("sample-unknown"))
    assert [error.field_id for error in filled.error_list()] == ["", "city"]
