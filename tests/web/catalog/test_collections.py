"""Collections and brands in the shop window."""

import pytest

from shop.catalog import brand_queries, brands
from shop.catalog import collection_services as collections
from shop.catalog.collection_services import CollectionData
from shop.core import settings
from shop.core.transaction import transaction
from tests.factories.catalog import make_product
from tests.factories.stores import make_store


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
    page = client.get("/en/collections/winter-table").get_data(as_text=True)
    assert page.index(">Tray<") < page.index(">Pot<") < page.index(">Cup<")
    assert "For long evenings." in page
    assert "Our order" in page
    assert 'rel="canonical" href="http://localhost/en/collections/winter-table"' in page
    assert "冬日茶席" in client.get("/zh/collections").get_data(as_text=True)
    assert "/zh/collections/winter-table" in client.get("/sitemaps/collections-0.xml").text
    cheapest = client.get("/en/collections/winter-table?sort=price-asc")
    assert cheapest.status_code == 200


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
    found = brand_queries.brands("en")
    assert [(one.letter, one.name) for one in found] == [("B", "Bryn"), ("C", "茶人"), ("#", "3M")]
    page = client.get("/en/brands").get_data(as_text=True)
    assert 'id="letter-C"' in page
    assert 'id="letter-other"' in page
    product = client.get(f"/en/p/{made.slug}").get_data(as_text=True)
    assert 'href="/en/b/bryn"' in product
    assert "Pen" in client.get("/en/b/bryn").get_data(as_text=True)
    with transaction():
        brands.merge(found[0].id, found[1].id)
    moved = client.get("/en/b/bryn")
    assert moved.status_code == 301
    assert moved.location.endswith(f"/en/b/{found[1].slug}")


def test_the_front_page_shows_a_collection_where_an_operator_wants_it(client, shown):
    with transaction():
        settings.put("home", {"sections": ["collection:winter-table", "new"]})
    page = client.get("/en/").get_data(as_text=True)
    assert page.index("Winter table") < page.index("New in the shop")
    assert "/en/collections/winter-table" in page


@pytest.mark.parametrize(
    "path", ("/en/collections", "/en/collections/winter-table", "/en/brands", "/en/")
)
def test_pages_keep_to_twelve_statements(client, shown, statements, path):
    with transaction():
        settings.put("home", {"sections": ["collection:winter-table", "new", "best", "stores"]})
    statements.clear()
    assert client.get(path).status_code == 200
    assert len(statements) <= 12, list(statements)
