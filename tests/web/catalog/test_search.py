"""Searching: the page, and what the box offers."""

import re

import pytest

from shop.catalog.data import Text
from tests.factories.catalog import make_category, make_product
from tests.factories.stores import make_store
from tests.web.catalog.browsing import PARTIAL, page, titles, words


@pytest.fixture
def shelf(app):
    store = make_store()
    pots = make_category("teapots", "Teapots")
    make_product(
        store,
        category_id=pots,
        texts={"en": Text("Celadon teapot"), "zh": Text("青瓷茶壶")},
    )
    make_product(store, texts={"en": Text("Oak tray", "for a celadon pot"), "zh": Text("木盘")})
    make_product(store, texts={"en": Text("Pencil"), "zh": Text("铅笔")})
    return store


def test_words_in_the_title_come_before_words_in_the_text(client, shelf):
    html = page(client, "/en/search?q=CELADON")
    assert titles(html) == ["Celadon teapot", "Oak tray"]
    assert "2 items" in words(html)
    assert 'value="CELADON"' in html  # what was typed is still there
    assert "noindex" in html


def test_chinese_is_found(client, shelf):
    assert titles(page(client, "/zh/search?q=青瓷")) == ["青瓷茶壶"]


def test_results_can_be_ordered_and_go_on(client, shelf):
    for number in range(20):
        make_product(shelf, f"Paper {number:02}", price_minor=100 + number)
    html = page(client, "/en/search?q=paper&sort=price-desc")
    assert len(titles(html)) == 16
    assert titles(html)[0] == "Paper 19"
    onward = re.search(r'id="load-more" href="([^"]+)"', html)[1].replace("&amp;", "&")
    more = client.get(onward, headers=PARTIAL).get_data(as_text=True)
    assert titles(more) == ["Paper 03", "Paper 02", "Paper 01", "Paper 00"]


@pytest.mark.parametrize("q", ("xyzzy", "%", "_", "'", '"><script>', "a" * 5000))
def test_nothing_found_offers_ways_on(client, shelf, q):
    html = page(client, "/en/search", query_string={"q": q})
    assert titles(html) == []
    assert "<script>" not in html
    assert "/en/c/teapots" in html


def test_no_words_offer_everything(client, shelf):
    html = page(client, "/en/search")
    assert "What are you looking for?" in words(html)
    assert "/en/c/teapots" in html
    assert titles(html) == []


def offer(client, q: str, lang: str = "en"):
    return client.get(f"/{lang}/search/suggestions", query_string={"q": q}, headers=PARTIAL)


def test_the_box_offers_categories_and_things(client, shelf):
    response = offer(client, "tea")
    html = response.get_data(as_text=True)
    # the word completed in two ways, a category, a thing, all of them
    assert html.count('role="option"') == 5
    assert 'href="/en/search?q=teapots"' in html
    assert "<mark>Tea</mark>pots" in html
    assert "Celadon <mark>tea</mark>pot" in html
    assert "/en/search?q=tea" in html
    assert "1 result" in response.headers["HX-Trigger"]
    assert len(set(re.findall(r'id="(sg-\d+)"', html))) == 5
    assert "<html" not in html


@pytest.mark.parametrize(
    ("q", "lang", "found"), (("c", "en", False), ("ce", "en", True), ("青", "zh", True))
)
def test_one_han_character_or_two_letters_are_enough(client, shelf, q, lang, found):
    html = offer(client, q, lang).get_data(as_text=True)
    assert ("/p/" in html) is found


def test_an_empty_box_offers_categories(client, shelf):
    html = offer(client, "").get_data(as_text=True)
    assert "Teapots" in html
    assert "/p/" not in html


def test_no_match_says_so(client, shelf):
    html = offer(client, "xyzzy<b>").get_data(as_text=True)
    assert "Nothing goes by these words" in html
    assert "<b>" not in html
    assert 'role="option"' not in html


def test_what_is_misspelt_is_mended_and_said(client, shelf):
    html = page(client, "/en/search?q=celadn+taepot")
    assert titles(html) == ["Celadon teapot"]
    assert "Nothing goes by “celadn taepot”. This is what goes by “celadon teapot”" in words(html)
    assert 'value="celadn taepot"' in html


def test_chinese_is_found_by_its_sound(client, shelf):
    assert titles(page(client, "/zh/search?q=qingci")) == ["青瓷茶壶"]
    assert titles(page(client, "/zh/search?q=qcch")) == ["青瓷茶壶"]
    html = page(client, "/zh/search?q=清瓷")
    assert titles(html) == ["青瓷茶壶"]
    assert "“清瓷”" in words(html)


def test_filters_that_leave_nothing_are_not_taken_for_a_slip(client, shelf):
    html = page(client, "/en/search?q=teapot&stock=1")
    assert "goes by “" not in words(html)


def test_what_was_found_by_sound_goes_on(client, shelf):
    for number in range(17):
        make_product(shelf, texts={"en": Text(f"Bowl {number}"), "zh": Text(f"建盏{number}号")})
    html = page(client, "/zh/search?q=健盏")
    assert len(titles(html)) == 16
    onward = re.search(r'id="load-more" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert len(titles(client.get(onward, headers=PARTIAL).get_data(as_text=True))) == 1
