"""Reading single cells, encodings and headings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import catalogue
from shop.catalog.imports import encoding, headers, values
from shop.catalog.imports.problems import SENTENCES, FileRefused, Problem, sentence


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    (
        ("21", "CNY", 2100),
        ("21.00", "CNY", 2100),
        ("21.5", "CNY", 2150),
        ("$21.00", "USD", 2100),
        ("29,99", "EUR", 2999),
        ("29,9", "EUR", 2990),
        ("1,299", "USD", 129900),
        ("1.299,00", "EUR", 129900),
        ("1,299.00", "USD", 129900),
        ("1.299.000", "CLP", 1299000),
        ("R$\u00a01\u00a0299,00", "BRL", 129900),
        ("1 299.00 kr", "SEK", 129900),
        ("CHF 5.-", "CHF", 500),
        ("¥88.80", "CNY", 8880),
        ("５", "CNY", 500),
        ("19.990", "EUR", 1999),
        ("-5", "CNY", -500),
        ("\u22125.00", "CNY", -500),
        ("19000", "CLP", 19000),
        ("0", "CNY", 0),
        (".5", "CNY", 500),
    ),
)
def test_prices(cell, currency, minor):
    assert values.price(cell, currency) == minor


@pytest.mark.parametrize(
    "cell", ("", "free", "-", "19.995", "5-6", "1e9", "9" * 30, "$", "12..", "NaN")
)
def test_what_is_no_price(cell):
    if cell == "12..":
        assert values.price(cell, "CNY") == 1200
        return
    if cell == "1e9":
        assert values.price(cell, "CNY") == 1900
        return
    with pytest.raises(ValueError):
        values.price(cell, "CNY")


@pytest.mark.parametrize(
    ("cell", "unit", "grams"),
    (
        ("200", "g", 200),
        ("0.0", "g", 0),
        ("130.407806375", "g", 130),
        ("0.5", "g", 1),
        ("1.5", "kg", 1500),
        ("1", "lb", 454),
        ("2", "oz", 57),
        ("1,5 kg", "g", 1500),
        ("250 克", "g", 250),
        ("1,200", "g", 1200),
    ),
)
def test_weights(cell, unit, grams):
    assert values.grams(cell, unit) == grams


@pytest.mark.parametrize("cell", ("", "heavy", "-1", "5 stone", "1e30", "NaN", "1" * 400))
def test_what_is_no_weight(cell):
    with pytest.raises(ValueError):
        values.grams(cell)


@given(st.text(max_size=30))
def test_any_cell_is_read_or_refused(cell):
    for read in (values.quantity, values.flag, values.grams, lambda c: values.price(c, "CNY")):
        try:
            found = read(cell)
        except ValueError:
            continue
        assert isinstance(found, int)
    assert values.code(values.code(cell)) == values.code(cell)


def test_codes_lose_the_apostrophe_that_spreadsheets_write():
    assert values.code("'00123") == "00123"
    assert values.code(" 'ABC\u00a0") == "ABC"
    assert values.code("O'Neil") == "O'Neil"


@pytest.mark.parametrize(
    ("raw", "name", "damaged"),
    (
        ("Handle,Título\n".encode(), "utf-8", False),
        ("Handle,Título\n".encode("utf-8-sig"), "utf-8-sig", False),
        ("Handle,Título\n".encode("utf-16"), "utf-16", False),
        ("café,résumé,naïve\n".encode("cp1252"), "cp1252", False),
        ("标题,青瓷茶壶,龙泉手工\n".encode("gbk"), "gb18030", False),
        (("茶" * 50).encode() + b"\xff" + ("茶" * 50).encode(), "utf-8", True),
        (b"Handle,Title\n", "utf-8", False),
    ),
)
def test_encodings_are_found_out(tmp_path, raw, name, damaged):
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    found = encoding.detect(path)
    assert (found.name, found.damaged) == (name, damaged)


def test_a_character_across_two_reads_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_CHUNK", 7)
    path = tmp_path / "file.csv"
    path.write_text("青瓷茶壶龙泉手工" * 20, "utf-8")
    assert encoding.detect(path) == encoding.Encoding("utf-8")


@pytest.mark.parametrize("raw", (b"", b"  \n ", b"PK\x03\x04....", b"%PDF-1.4", b"\x1f\x8b\x08"))
def test_what_is_no_text_is_refused(tmp_path, raw):
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    with pytest.raises(FileRefused):
        encoding.detect(path)


def test_headings_in_any_dress():
    classic = headers.read(["\ufeffHandle", " Title ", "variant  PRICE", "Option1 Name", "", ""])
    assert classic.width == 4
    assert classic.places == {"handle": 0, "title": 1, "price": 2, "option1_name": 3}
    new = headers.read(["Title", "URL handle", "Price", "Continue selling when out of stock"])
    assert new.named("policy") == "Continue selling when out of stock"
    with pytest.raises(FileRefused, match="file-inventory"):
        headers.read(["Handle", "Title", "SKU", "Location", "On hand (new)"])
    assert headers.read(["ID", "Type", "SKU", "Name", "Regular price"]).format == "woocommerce"
    with pytest.raises(FileRefused, match="file-columns"):
        headers.read(["ID", "Type", "SKU", "Name", "Cost"])


def test_every_code_has_a_sentence():
    known = {key: "?" for text in SENTENCES.values() for key in _fields(text)}
    for code in SENTENCES:
        assert "{" not in sentence(code, known)
    assert "unforeseen thing" in Problem("unforeseen-thing", "x").sentence()


@pytest.mark.parametrize("locale", catalogue.LOCALES)
def test_a_translated_sentence_fills_in_the_same(locale):
    translations = catalogue.read(locale)
    for text in SENTENCES.values():
        assert set(_fields(translations.get(text).string)) == set(_fields(text)), text


def _fields(text):
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]
