"""What finds what: words in both languages, codes, sounds, slips, synonyms; and what keeps the index."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from shop.catalog import brand_queries, brands, categories, listing, listing_ends, products, queries
from shop.catalog.data import Text, VariantData
from shop.catalog.search import entries, synonyms, vocabulary
from shop.catalog.search.models import SearchEntry, SearchSynonym
from shop.catalog.search.query import understand
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.transaction import transaction
from shop.jobs import inline, searches
from tests.factories.catalog import make_category, make_product
from tests.factories.stores import make_store


@pytest.fixture
def store(app):
    return make_store()


def found(query, locale="en", **more):
    db.session.rollback()  # jobs have a session of their own: see what they wrote
    page = queries.listing(locale=locale, search=query, sort="relevance", **more)
    return [card.title for card in page.items]


def product(store, en, zh="", *, fact="", sku="", **more):
    texts = {"en": Text(en, fact)}
    if zh:
        texts["zh"] = Text(zh)
    if sku:
        more["variants"] = [VariantData(price_minor=1000, sku=sku)]
    return make_product(store, texts=texts, **more)


@pytest.mark.parametrize(
    "query",
    (
        "celadon",
        "CELADON teapots",
        "teapot for the celadon",
        "青瓷",
        "青瓷壶",
        "龙泉 壶",
        "龍泉青瓷壺",
        "壶",
        "longquan",
        "qingci",
        "lqqch",
        "SJ-TP-0220",
        "sjtp0220",
        "SJ TP 0220",
        "sj-tp",
    ),
)
def test_a_teapot_goes_by_many_names(store, query):
    product(store, "Longquan celadon teapot", "龙泉青瓷壶", sku="SJ-TP-0220")
    product(store, "Notebook", "方格笔记本", sku="HP-NB-01")
    assert found(query) == ["Longquan celadon teapot"]
    assert found(query, "zh") == ["龙泉青瓷壶"]


@pytest.mark.parametrize("query", ("celadon notebook", "青瓷笔记", "泉瓷", "SJ-TP-0", "-", "的"))
def test_every_word_must_be_there(store, query):
    product(store, "Longquan celadon teapot", "龙泉青瓷壶", sku="HP-1")
    product(store, "Notebook", "方格笔记本")
    assert found(query) == []


def test_order_is_title_then_stock_then_sales_then_age(store):
    mentioned = product(store, "Tray", fact="for tea")
    plain = product(store, "Tea one")
    sold = product(store, "Tea two")
    empty = product(store, "Tea three")
    with transaction():
        for one in (mentioned, plain, sold):
            listing.set_available(one.id, True)
        listing_ends.count_sales(sold.id, 5)
        listing_ends.count_sales(empty.id, 500)
        listing.set_available(empty.id, False)
    assert found("tea") == ["Tea two", "Tea one", "Tea three", "Tray"]
    seen, after = [], None
    while True:
        page = queries.listing(locale="en", search="tea", sort="relevance", limit=1, after=after)
        seen += [card.title for card in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert seen == ["Tea two", "Tea one", "Tea three", "Tray"]


def test_counting_ends_somewhere(store, monkeypatch):
    for number in range(4):
        product(store, f"Tea {number}")
    monkeypatch.setattr("shop.catalog.search.matching.MOST_COUNTED", 2)
    page = queries.listing(locale="en", search="tea", sort="relevance", limit=3, with_count=True)
    assert (len(page.items), page.count) == (3, 3)


@pytest.mark.parametrize("cursor", ("WyJyZWxldmFuY2UiLDUsMV0", "x", "WyJyZWxldmFuY2UiLC0xLDFd"))
def test_a_made_up_cursor_begins_at_the_start(store, cursor):
    product(store, "Tea")
    assert found("tea", after=cursor) == ["Tea"]


def test_the_index_follows_the_goods(store):
    one = product(store, "Celadon bowl")
    with transaction():
        products.set_status(one.id, "draft")
    assert found("celadon") == []
    assert db.session.scalar(select(func.count()).select_from(SearchEntry)) == 0
    with transaction():
        products.set_status(one.id, "published")
    assert found("celadon") == ["Celadon bowl"]


def test_what_has_no_entry_gets_one(store):
    one = product(store, "Celadon bowl")
    with transaction():
        db.session.delete(db.session.get_one(SearchEntry, one.id))
    assert found("celadon") == []
    assert searches.index_missing() == 1
    assert searches.index_missing() == 0
    assert found("celadon") == ["Celadon bowl"]


def test_slips_are_mended_only_where_a_word_is_unknown(store):
    product(store, "Celadon teapot")
    product(store, "Notebook")
    assert vocabulary.corrections(understand("celedon taepot")) == {
        "celedon": "celadon",
        "taepot": "teapot",
    }
    assert vocabulary.corrections(understand("notebok")) == {"notebok": "notebook"}
    assert vocabulary.corrections(understand("teapot")) == {}
    assert vocabulary.corrections(understand("zebra tea 青")) == {}
    assert vocabulary.completions("te") == ["teapot"]


def test_goods_are_found_by_what_their_category_and_brand_are_called_now(store):
    tea = make_category("tea", "Teaware")
    product(store, "Pot", brand="Shan", category_id=tea)
    assert (found("teaware"), found("shan")) == (["Pot"], ["Pot"])
    brand_id = brand_queries.ids_by_name(["Shan"])["shan"]
    with transaction():
        categories.update_category(
            tea, names={"en": "Brewing"}, parent_id=None, position=0, image_name=None
        )
        brands.update_brand(brand_id, name="Mountain", slug="shan", texts={})
    inline.run_all()
    assert (found("brewing"), found("mountain")) == (["Pot"], ["Pot"])
    assert (found("teaware"), found("shan")) == ([], [])


class TestSynonyms:
    """A store's own words of the same meaning."""

    def test_they_find_the_stores_goods_and_no_others(self, store):
        other = make_store()
        product(store, "Tea mug", "马克杯")
        product(other, "Another mug")
        with transaction():
            synonyms.add(store, ["mug", "beaker", "水杯"])
        searches.reindex_store({"store_id": store}, 1)
        assert found("beaker") == ["Tea mug"]
        assert found("水杯", "zh") == ["马克杯"]
        assert sorted(found("mug")) == ["Another mug", "Tea mug"]

    def test_they_are_changed_and_forgotten(self, store):
        product(store, "Tea mug")
        with transaction():
            one = synonyms.add(store, ["mug", "beaker"])
            assert (
                synonyms.add(store, ["beaker", "mug"]) == one
            )  # a second press makes no second set
            synonyms.change(store, one, ["mugs", "tankard"])
        searches.reindex_store({"store_id": store}, 1)
        assert (found("beaker"), found("tankard")) == ([], ["Tea mug"])
        with transaction():
            synonyms.remove(store, one)
        searches.reindex_store({"store_id": store}, 1)
        assert found("tankard") == []

    @pytest.mark.parametrize(
        "words",
        ([], ["mug"], ["mug", "mug "], ["mug", "!!"], ["mug", "x" * 41], list("abcdefghijklm")),
    )
    def test_bad_sets_are_refused(self, store, words):
        with pytest.raises(Invalid), transaction():
            synonyms.add(store, words)

    def test_another_stores_are_not_there(self, store):
        stranger = make_store()
        with transaction():
            one = synonyms.add(store, ["mug", "beaker"])
        for act in (synonyms.remove, lambda s, p: synonyms.change(s, p, ["a", "b"])):
            with pytest.raises(NotFound), transaction():
                act(stranger, one)
        assert db.session.scalar(select(func.count()).select_from(SearchSynonym)) == 1


TYPED = st.text(max_size=60) | st.text("茶壶青瓷龙泉 teapotSJ-0123'\"*:()&|!", max_size=30)


@settings(suppress_health_check=list(HealthCheck))
@given(typed=TYPED, typing=st.booleans())
def test_nothing_that_is_typed_breaks_either_database(app, typed, typing):
    db.session.rollback()
    queries.listing(
        locale="en", search=understand(typed, typing=typing), sort="relevance", with_count=True
    )
    queries.listing(locale="en", search=understand(typed, typing=typing), sort="sales")
    queries.suggest(typed, "en")


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(title=st.text(min_size=1, max_size=40))
def test_every_title_finds_its_product(app, title):
    """Whatever is written, in whatever script: its own words lead to it."""
    db.session.rollback()
    query = understand(title)
    if not query or "\0" in title or not title.strip() or len(query.groups) >= 8:
        return
    store = make_store()
    try:
        one = make_product(store, texts={"en": Text(title)})
    except Invalid:
        return
    page = queries.listing(locale="en", search=query, sort="relevance", limit=60, store_id=store)
    assert one.id in [card.product_id for card in page.items]
    with transaction():
        entries.refresh(one.id)  # a second time changes nothing
    assert db.session.get_one(SearchEntry, one.id).title
