"""Cursors: what goes in comes out, and garbage means the beginning."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.web.ui.paging import decode_cursor, encode_cursor, page_of

NOW = datetime(2026, 11, 22, 10, 2, tzinfo=UTC)


def test_a_cursor_returns_its_values() -> None:
    assert decode_cursor(encode_cursor(NOW, 12, "茶", True), datetime, int, str, bool) == (
        NOW,
        12,
        "茶",
        True,
    )
    assert decode_cursor(encode_cursor(0), int) == (0,)


@pytest.mark.parametrize(
    "text",
    (
        None,
        "",
        "!!!",
        "é",
        "a",
        "W10",
        encode_cursor("x"),
        encode_cursor(2**63),
        encode_cursor(-(2**70)),
        encode_cursor(True),
        encode_cursor(1, 2),
        "W" * 5000,
        "W1tbW1tbW1tbW1tbW1tb",
        "W05hTl0",
    ),
)
def test_what_is_no_cursor_means_the_beginning(text: str | None) -> None:
    assert decode_cursor(text, int) is None


@pytest.mark.parametrize("value", ("2026-11-22", "2026-11-22T10:00:00", "yesterday", 5))
def test_a_time_needs_a_zone(value: object) -> None:
    assert decode_cursor(encode_cursor(value), datetime) is None


def test_text_with_control_characters_is_refused() -> None:
    assert decode_cursor(encode_cursor("a\0b"), str) is None


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    decode_cursor(text, int, str, datetime)


def test_a_page_is_cut_and_names_its_last_row() -> None:
    page = page_of([5, 4, 3], 2, lambda row: (row,))
    assert list(page.items) == [5, 4]
    assert decode_cursor(page.after, int) == (4,)
    assert page_of([5, 4], 2, lambda row: (row,)).after is None
