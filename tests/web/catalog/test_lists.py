"""Categories, new, best sellers, a store: narrowing, ordering, going on."""

import re
from datetime import timedelta

import pytest

from shop.catalog import listing, listing_ends
from shop.core import clock
from shop.core.transaction import transaction
from tests.factories.catalog import make_category, make_product
from tests.factories.orders import Goods, store_with_goods
from tests.factories.stores import make_store
from tests.web.catalog.browsing import PARTIAL, page, titles, words


@pytest.fixture
def shelf(app) -> Goods:
    """A store with a category tree: teaware holds pots, and pots hold three things."""
    goods = store_with_goods(products=0, slug="songjian", names={"en": "Songjian", "zh": "松间"})
    top = make_category("teaware", "Teaware")
    below = make_category("pots", "Pots", parent_id=top)
    make_category("empty", "Empty", parent_id=top)
    for number, (title, price) in enumerate((("Ash", 300), ("Birch", 100), ("Cedar", 200))):
        made = make_product(
            goods.store_id,
            title,
            category_id=below,
            price_minor=price,
            published_at=clock.now() - timedelta(days=number),
        )
        with transaction():
            listing.set_available(made.id, title != "Cedar")
            listing_ends.count_sales(made.id, number)
    return goods


def test_a_category_shows_what_lies_below_it(client, shelf):
    html = page(client, "/en/c/teaware")
    assert titles(html) == ["Cedar", "Birch", "Ash"]  # what sells best comes first
    assert "3 items" in words(html)
    assert "Pots 3" in words(html)
    assert "Empty" not in words(html)  # nothing to see there
    assert 'href="/en/c/teaware" aria-current="page"' in html
    assert "Home" in html


def test_chinese_has_its_own_words_and_way(client, shelf):
    html = page(client, "/zh/c/pots")
    assert "Pots类" in html
    assert 'href="/zh/p/' in html


@pytest.mark.parametrize(
    ("sort", "order"),
    (
        ("price-asc", ["Birch", "Cedar", "Ash"]),
        ("price-desc", ["Ash", "Cedar", "Birch"]),
        ("newest", ["Ash", "Birch", "Cedar"]),
        ("nonsense", ["Cedar", "Birch", "Ash"]),
        ("relevance", ["Cedar", "Birch", "Ash"]),
    ),
)
def test_lists_can_be_ordered(client, shelf, sort, order):
    assert titles(page(client, f"/en/c/pots?sort={sort}")) == order


def test_only_what_is_in_stock(client, shelf):
    html = page(client, "/en/c/pots?stock=1")
    assert titles(html) == ["Birch", "Ash"]
    assert re.search(r'class="chip" href="/en/c/pots">In stock', html)
    assert "noindex" in html


def test_only_one_shop(client, shelf):
    store_with_goods(slug="harrow", product={"category_id": None})
    html = page(client, "/en/c/all?store=harrow")
    assert titles(html) != []
    assert not {"Ash", "Birch", "Cedar"} & set(titles(html))
    assert "Songjian" in words(html)  # one may change one's mind


def test_one_store_is_never_mentioned(client, shelf):
    html = page(client, "/en/c/all?store=songjian")
    assert len(titles(html)) == 3
    assert "All shops" not in html
    assert "Songjian" not in words(html)


def test_nothing_left_names_the_filter_to_take_away(client, shelf):
    make_store("harrow")
    text = page(client, "/en/c/pots?store=harrow&stock=1")
    assert "Remove “Harrow”" in text
    assert "Remove “In stock”" not in text


def test_an_empty_category_says_so(client, shelf):
    assert "being filled" in page(client, "/en/c/empty")


def test_an_empty_shop_has_pages_all_the_same(client, app):
    for address in ("/en/", "/zh/", "/en/c/all", "/en/new", "/en/best-sellers", "/en/search?q=tea"):
        page(client, address)


@pytest.mark.parametrize("address", ("/en/c/nothing", "/en/s/nobody", "/en/p/none", "/zh/help/x"))
def test_what_is_not_there_is_not_found(client, app, address):
    page(client, address, status=404)


def test_filters_answer_htmx_with_the_results_alone(client, shelf):
    response = client.get("/en/c/pots?stock=1&store=", headers=PARTIAL)
    html = response.get_data(as_text=True)
    assert "<html" not in html
    assert 'id="grid"' in html
    assert response.headers["HX-Push-Url"] == "/en/c/pots?stock=1"
    assert 'hx-target="#list-count"' in html
    assert "Show 2 items" in html
    assert "HX-Request-Type" in response.headers["Vary"]


def test_restoring_history_gets_the_whole_page(client, shelf):
    headers = PARTIAL | {"HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/en/c/pots", headers=headers).get_data(as_text=True)


def test_a_long_list_goes_on(client, shelf):
    with transaction():
        pass
    for number in range(24):
        make_product(shelf.store_id, f"More {number:02}")
    first = page(client, "/en/new")
    assert len(titles(first)) == 24
    assert "24 of 27" in words(first)
    onward = re.search(r'id="load-more" href="([^"]+)"', first)[1].replace("&amp;", "&")
    # without scripts: a page of its own, with the way back
    second = page(client, onward)
    assert len(titles(second)) == 3
    assert "27 of 27" in words(second)
    assert "Back to the first page" in second
    assert not set(titles(first)) & set(titles(second))
    # with htmx: the cards, and the link in its new state
    more = client.get(onward, headers=PARTIAL).get_data(as_text=True)
    assert titles(more) == titles(second)
    assert 'id="more" hx-swap-oob="true"' in more
    assert "load-more" not in more


@pytest.mark.parametrize("after", ("x", "W10", "e30", "-" * 500))
def test_a_cursor_that_is_none_begins_at_the_start(client, shelf, after):
    assert len(titles(page(client, f"/en/new?after={after}&shown=99999999"))) == 3


def test_a_store_tells_of_itself_and_shows_its_goods(client, shelf):
    other = store_with_goods(slug="harrow")
    html = page(client, "/en/s/songjian")
    assert "<h1>Songjian" in html
    assert len(titles(html)) == 3
    assert other.products[0].slug not in html


def test_cards_with_one_variant_add_others_lead_to_the_product(client, shelf):
    from tests.web.catalog.browsing import pot

    pot(shelf, {"CE-S": 1})
    html = page(client, "/en/new")
    assert html.count('class="card__quick"') == 2  # Ash and Birch; Cedar is sold out
    assert "Choose options: Celadon pot" in html
    assert "Sold out" in words(html)


def test_a_cut_price_says_how_much_never_too_much(client, app):
    from shop.catalog.data import VariantData

    goods = store_with_goods(
        product={"variants": [VariantData(price_minor=6670, compare_at_minor=10000)]}
    )
    assert goods.products
    assert "33% off" in words(page(client, "/en/new"))


def test_lists_can_be_kept_by_browsers_and_are_checked_again(client, shelf):
    first = client.get("/en/c/pots")
    assert "no-store" not in first.headers["Cache-Control"]
    again = client.get("/en/c/pots", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
