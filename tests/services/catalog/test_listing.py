"""Lists: filters, orders, pages, words; each in a fixed number of statements."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from shop.catalog import listing, listing_ends, products, queries
from shop.catalog.data import Text, VariantData
from shop.catalog.models import Category
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from tests.factories.catalog import make_category, make_image, make_product, options, product_data
from tests.factories.stores import make_store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def store(app):
    with clock.at(NOW):
        yield make_store("songjian", mark="i-mark-songjian")


def titles(page):
    return [card.title for card in page.items]


def walk(sort, limit=2, **filters):
    """All titles, page by page."""
    found, after = [], None
    for _ in range(20):
        page = queries.listing(locale="en", sort=sort, after=after, limit=limit, **filters)
        found += titles(page)
        after = page.next_cursor
        if after is None:
            return found
    raise AssertionError("the pages do not end")


def test_every_order_pages_through_everything_once(store):
    for number, (title, price) in enumerate(
        [("A", 300), ("B", 100), ("C", 200), ("D", 100), ("E", 300)]
    ):
        made = make_product(
            store, title, price_minor=price, published_at=NOW - timedelta(days=number // 2)
        )
        with transaction():
            listing_ends.count_sales(made.id, number % 3)
            listing.add_rating(made.id, *[(0, 0), (5, 1), (480, 100), (3, 1), (0, 0)][number])
    assert walk("newest") == ["B", "A", "D", "C", "E"]
    assert walk("price-asc") == ["B", "D", "C", "A", "E"]
    assert walk("price-desc") == ["E", "A", "C", "D", "B"]
    assert walk("sales") == ["C", "E", "B", "D", "A"]
    # One review of five stars does not beat a hundred of 4.8.
    assert walk("rating") == ["C", "B", "D", "E", "A"]
    assert walk("no such order") == walk("newest")


def test_a_cursor_of_another_order_or_none_at_all_starts_over(store):
    for title in "ABC":
        make_product(store, title)
    cursor = queries.listing(locale="en", limit=1).next_cursor
    assert cursor is not None
    for bad in (
        "x",
        "é",
        cursor[:-4],
        cursor + "AAAA",
        "W10",
        "WyJwcmljZS1hc2MiLCJ4Iiw5XQ",
        "A" * 400,
    ):
        assert len(queries.listing(locale="en", sort="price-asc", after=bad).items) == 3
        assert len(queries.listing(locale="en", after=bad).items) in (2, 3)
    huge = "WyJwcmljZS1hc2MiLDk5OTk5OTk5OTk5OTk5OTk5OTk5OTksMV0"
    assert len(queries.listing(locale="en", sort="price-asc", after=huge).items) == 3


def test_filters_meet(store):
    tea = make_category("tea")
    green = make_category("green-tea", parent_id=tea)
    paper = make_category("paper")
    other = make_store("harrow-pine")
    make_product(store, "Longjing", category_id=green)
    oolong = make_product(store, "Oolong", category_id=tea)
    make_product(other, "Notebook", category_id=paper)
    make_product(other, "Draft", category_id=paper, status="draft")
    with transaction():
        listing.set_available(oolong.id, True)
    assert set(titles(queries.listing(locale="en", category_id=tea))) == {"Longjing", "Oolong"}
    assert titles(queries.listing(locale="en", store_id=other)) == ["Notebook"]
    assert titles(queries.listing(locale="en", category_id=tea, in_stock=True)) == ["Oolong"]
    assert titles(queries.listing(locale="en", ids=[oolong.id])) == ["Oolong"]
    assert titles(queries.listing(locale="en", ids=[])) == []
    assert queries.listing(locale="en", category_id=tea, limit=1, with_count=True).count == 2
    tree = queries.categories("zh")
    assert [(node.name, node.count) for node in tree] == [("Tea类", 2), ("Paper类", 1)]
    assert tree[0].children[0].slug == "green-tea"
    view = queries.category("green-tea", "en", tree)
    assert [node.slug for node in view.path] == ["tea", "green-tea"]
    assert queries.category("nothing", "en") is None


def test_a_card_says_what_the_list_shows(store):
    made = make_product(
        store,
        texts={"en": Text("Cup", fact="60 ml"), "zh": Text("杯子")},
        options=options(Size=["S", "M"]),
        variants=[VariantData(900, ("S",), compare_at_minor=1200), VariantData(1500, ("M",))],
        published_at=NOW - timedelta(days=31),
    )
    make_image(made.id, en="The cup", zh="杯子")
    card = queries.listing(locale="zh").items[0]
    assert (card.title, card.store.slug, card.store.mark) == ("杯子", "songjian", "i-mark-songjian")
    assert (card.price_minor, card.price_max_minor, card.compare_at_minor) == (900, 1500, 1200)
    assert (card.new, card.single_variant, card.variant_count) == (False, None, 2)
    assert card.image.alt == "杯子"
    assert card.image.widths == (160, 320, 400)
    assert card.image.url(200).startswith("/media/")
    assert card.image.url(200).endswith("-320.webp")
    assert card.image.url(2000, "jpeg").endswith("-400.jpg")
    assert card.hover is None
    single = make_product(store)
    card = queries.cards([made.id, single.id], "en")[1]
    assert card.new
    assert queries.variant_id(card.single_variant) == single.variants[0]


@pytest.mark.parametrize(
    "query",
    ("longjing", "LONGJING  ", "ｌｏｎｇｊｉｎｇ", "龙井", "龙", "绿茶 龙井", "sj-lj", "creme"),
)
def test_words_find(store, query):
    make_product(
        store,
        texts={
            "en": Text("Longjing green tea", description_html="<p>Crème of the crop</p>"),
            "zh": Text("西湖龙井", description_html="<p>明前绿茶</p>"),
        },
        variants=[VariantData(100, sku="SJ-LJ-50")],
    )
    make_product(store, "Notebook")
    for locale in ("en", "zh"):
        page = queries.listing(locale=locale, search=query, with_count=True)
        assert page.count == len(page.items) == 1


@pytest.mark.parametrize(
    "query", ("%", "_", "/", "100% of", "", "   ", "\\", "nothing here", "'; --")
)
def test_signs_are_only_signs(store, query):
    make_product(store, "Longjing")
    assert queries.listing(locale="en", search=query).items == []
    make_product(store, "Signs % _ / \\ '; -- 100% of", status="draft")


def test_signs_are_found_when_they_stand_there(store):
    make_product(store, "100% linen")
    make_product(store, "1000 linen")
    assert titles(queries.listing(locale="en", search="100%")) == ["100% linen"]


def test_relevance_puts_titles_first_and_pages(store):
    make_product(store, "Tray", texts={"en": Text("Tray", description_html="for a teapot")})
    make_product(store, "Teapot one")
    make_product(store, "Teapot two")
    assert walk("relevance", search="teapot") == ["Teapot two", "Teapot one", "Tray"]
    assert walk("relevance", limit=1, search="teapot") == ["Teapot two", "Teapot one", "Tray"]
    found = queries.suggest("teap", "en")
    assert (found.count, found.products[-1].title) == (3, "Tray")


def test_suggestions_name_categories(store):
    tea = make_category("tea", "Tea")
    make_category("teaware", "Teaware")
    make_product(store, "Longjing", category_id=tea)
    found = queries.suggest("te", "en")
    assert [node.slug for node in found.categories] == ["tea"]
    assert queries.suggest("  ", "en").products == []


def test_statements_do_not_grow_with_the_list(store, statements):
    def measured(call):
        statements.clear()
        call()
        return len(statements)

    category = make_category("tea")
    for size in (1, 30):
        for _ in range(size):
            make_image(make_product(store, category_id=category).id)
        assert measured(lambda: queries.listing(locale="en")) == 1
        assert measured(lambda: queries.listing(locale="en", with_count=True)) <= 2
        assert measured(lambda: queries.categories("en")) == 1
        assert measured(lambda: queries.suggest("thing", "en")) == 4
        assert measured(lambda: queries.admin_products([store], locale="en")) == 3


def test_categories_count_what_is_published_in_them(store):
    tea, pots = make_category("tea"), make_category("pots")

    def counts():
        db.session.rollback()
        return {node.slug: node.count for node in queries.categories("en")}

    one = make_product(store, category_id=tea)
    make_product(store, category_id=tea, status="draft")
    assert counts() == {"tea": 1, "pots": 0}
    with transaction():
        data = product_data(store, "Pot", category_id=pots)
        products.save_product(data, product_id=one.id)
        products.set_status(make_product_in(store, tea), "published")
    assert counts() == {"tea": 1, "pots": 1}
    with transaction():
        products.set_status(one.id, "archived")
    assert counts() == {"tea": 1, "pots": 0}
    assert listing.differences() == []
    with transaction():
        db.session.execute(update(Category).values(products=9))
    assert len(listing.differences()) == 2
    with transaction():
        listing.recount()
    assert listing.differences() == []


def make_product_in(store, category_id):
    """A draft, within a transaction that is open already."""
    return products.save_product(
        product_data(store, "Draft", category_id=category_id, status="draft")
    ).id
