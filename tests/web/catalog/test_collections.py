"""Collections and brands in the shop window."""

import re

import pytest

from shop.catalog import brand_queries, brands
from shop.catalog import collection_services as collections
from shop.catalog.collection_services import CollectionData
from shop.catalog.data import VariantData
from shop.core import settings
from shop.core.transaction import transaction
from tests.factories.catalog import make_product, options
from tests.factories.stores import make_store
from tests.web.catalog.browsing import page, titles


@pytest.fixture
def shown(app) -> int:
    """A collection of three picks, the last one first."""
    store = make_store()
    made = [make_product(store, name, brand="茶人") for name in ("Cup", "Pot", "Tray")]
    data = CollectionData(
        store,
        {"en": "Winter table", "zh": "冬日茶席"},
        {"en": "For long evenings."},
        slug="winter-table",
        published=True,
    )
    with transaction():
        found = collections.save(data)
        for product in reversed(made):
            collections.pick(found, product.id)
    return found


def test_a_collection_has_a_page_in_its_own_order_and_a_place_in_the_index(client, shown):
    html = client.get("/en/collections/winter-table").get_data(as_text=True)
    assert html.index(">Tray<") < html.index(">Pot<") < html.index(">Cup<")
    assert "For long evenings." in html
    assert "Our order" in html
    assert 'rel="canonical" href="http://localhost/en/collections/winter-table"' in html
    assert "冬日茶席" in client.get("/zh/collections").get_data(as_text=True)
    assert "/zh/collections/winter-table" in client.get("/sitemaps/collections-0.xml").text
    cheapest = client.get("/en/collections/winter-table?sort=price-asc")
    assert cheapest.status_code == 200


def test_filters_count_and_narrow_what_a_collection_or_a_brand_holds(client):
    store = make_store()
    made = [
        make_product(store, title, brand=brand, options=options(Colour=colours), variants=variants)
        for title, colours, brand in (
            ("Low cup", ["Blue", "Green"], "Ash"),
            ("High cup", ["Blue"], "Birch"),
            ("Wide cup", ["Green"], "Ash"),
            ("Outside", ["Blue"], "Ash"),
        )
        for variants in [[VariantData(price_minor=1000, values=[one]) for one in colours]]
    ]
    with transaction():
        found = collections.save(CollectionData(store, {"en": "Cups"}, {}, published=True))
        for product in (made[1], made[0], made[2]):
            collections.pick(found, product.id)
    html = page(client, "/en/collections/cups")
    assert titles(html) == ["High cup", "Low cup", "Wide cup"]
    assert _counts(html) == {"Blue": 2, "Green": 2, "Ash": 2, "Birch": 1}
    html = page(client, "/en/collections/cups?o.colour=blue&brand=birch&brand=ash")
    assert titles(html) == ["High cup", "Low cup"]  # any of a name will do; in the shop's order
    assert _counts(html) == {"Blue": 2, "Green": 2, "Ash": 1, "Birch": 1}
    html = page(client, "/en/collections/cups?o.colour=green&brand=birch")
    assert titles(html) == []  # every name must be met
    html = page(client, "/en/b/ash?o.colour=green&sort=newest")
    assert titles(html) == ["Wide cup", "Low cup"]
    assert _counts(html) == {"Blue": 2, "Green": 2}


def _counts(html: str) -> dict[str, int]:
    found = re.findall(
        r'class="check__text">([^<]+)</span><span class="check__n num"[^>]*>(\d+)<', html
    )
    return {label: int(number) for label, number in found if label != "In stock"}


def test_its_old_address_leads_on_and_a_hidden_one_is_not_there(client, shown):
    with transaction():
        collections.save(
            CollectionData(None, {"en": "W"}, {}, slug="winter", published=True), shown
        )
    moved = client.get("/en/collections/winter-table?sort=sales")
    assert moved.status_code == 301
    assert moved.location.endswith("/en/collections/winter?sort=sales")
    with transaction():
        collections.save(CollectionData(None, {"en": "W"}, {}, slug="winter"), shown)
    assert client.get("/en/collections/winter").status_code == 404
    assert client.get("/en/collections/winter-table").status_code == 404
    assert "No collection is open yet" in client.get("/en/collections").get_data(as_text=True)


def test_brands_stand_under_their_letter_and_lead_to_their_goods(client, shown):
    store = make_store()
    made = make_product(store, "Pen", brand="Bryn")
    make_product(store, "Clip", brand="3M")
    html = client.get("/en/brands").get_data(as_text=True)
    assert re.findall(r'letter__brand">([^<]+)', html) == ["Bryn", "茶人", "3M"]
    assert 'id="letter-C"' in html
    assert 'id="letter-other"' in html
    product = client.get(f"/en/p/{made.slug}").get_data(as_text=True)
    assert 'href="/en/b/bryn"' in product
    assert "Pen" in client.get("/en/b/bryn").get_data(as_text=True)
    with transaction():
        ids = brand_queries.ids_by_name(["bryn", "茶人"])
        brands.merge(ids["bryn"], ids["茶人"])
    moved = client.get("/en/b/bryn")
    assert moved.status_code == 301
    assert "Pen" in client.get(moved.location).get_data(as_text=True)


def test_the_front_page_shows_a_collection_where_an_operator_wants_it(client, shown):
    with transaction():
        settings.put("home", {"sections": ["collection:winter-table", "new"]})
    html = client.get("/en/").get_data(as_text=True)
    assert html.index("Winter table") < html.index("New in the shop")
    assert "/en/collections/winter-table" in html


@pytest.mark.parametrize(
    "path", ("/en/collections", "/en/collections/winter-table", "/en/brands", "/en/")
)
def test_pages_keep_to_twelve_statements(client, shown, statements, path):
    with transaction():
        settings.put("home", {"sections": ["collection:winter-table", "new", "best", "stores"]})
    statements.clear()
    assert client.get(path).status_code == 200
    assert len(statements) <= 12, list(statements)
