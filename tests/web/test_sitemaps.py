"""Sitemaps, robots and feeds, read as their readers read them."""

import gzip
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import insert, update

from shop.catalog import products
from shop.catalog.data import Text, VariantData
from shop.catalog.models import Product, ProductTranslation, Variant
from shop.core import clock, settings
from shop.core.db import db
from shop.core.transaction import transaction
from shop.store import queries as store_queries
from tests.factories.catalog import make_category, make_image, make_product
from tests.factories.orders import store_with_goods
from tests.factories.stores import make_store
from tests.web.catalog.browsing import pot

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
G = "{http://base.google.com/ns/1.0}"


def read(client, address: str, **headers: str) -> ElementTree.Element:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    assert answer.mimetype == "application/xml"
    # A length that is told is what browsers and crawlers read, whatever follows.
    assert int(answer.headers.get("Content-Length", len(answer.get_data()))) == len(
        answer.get_data()
    )
    return ElementTree.fromstring(answer.get_data())


def locations(found: ElementTree.Element) -> list[str]:
    return [str(loc.text) for loc in found.iter(f"{MAP}loc")]


def test_robots_name_the_sitemap(client):
    text = client.get("/robots.txt").get_data(as_text=True)
    assert "Sitemap: http://localhost/sitemap.xml" in text.splitlines()


def test_the_index_leads_to_every_page_in_both_languages(client):
    store_id = make_store()
    top = make_category("teaware")
    below = make_category("pots", parent_id=top)
    make_category("empty")
    made = make_product(store_id, "A & <b>", category_id=below)
    draft = make_product(store_id, status="draft")
    with transaction():
        settings.put("page:sizes", {"title": {"en": "Sizes"}, "body": {"en": "Sizes"}})
    maps = locations(read(client, "/sitemap.xml"))
    assert [address.rpartition("/")[2] for address in maps] == [
        "pages-0.xml",
        "categories-0.xml",
        *{f"products-{(made.id - 1) // 10_000}.xml"},
    ]
    found = [loc for address in maps for loc in locations(read(client, address))]
    assert len(found) == len(set(found))
    for path in (
        "/",
        "/new",
        "/help/delivery",
        "/help/sizes",
        "/c/teaware",
        "/c/pots",
        f"/p/{made.slug}",
        f"/s/{store_queries.get(store_id).slug}",
    ):
        for lang in ("en", "zh"):
            assert f"http://localhost/{lang}{path}" in found
    assert not [loc for loc in found if draft.slug in loc or "empty" in loc]
    for loc in found:
        assert client.get(loc.removeprefix("http://localhost")).status_code == 200


def test_an_entry_names_its_languages_and_its_last_change(client):
    made = make_product(make_store())
    found = read(client, f"/sitemaps/products-{(made.id - 1) // 10_000}.xml")
    urls = found.findall(f"{MAP}url")
    assert len(urls) == 2
    for url in urls:
        links = {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall(LINK)}
        assert links == {
            "en": f"http://localhost/en/p/{made.slug}",
            "zh": f"http://localhost/zh/p/{made.slug}",
            "x-default": f"http://localhost/en/p/{made.slug}",
        }
        assert str(url.findtext(f"{MAP}lastmod")).startswith(f"{clock.now():%Y-%m-%dT}")


@pytest.mark.parametrize("name", ("products-9", "categories-3", "pages-1", "products--1", "x-0"))
def test_a_sitemap_that_is_not_there(client, app, name):
    assert client.get(f"/sitemaps/{name}.xml").status_code == 404


def test_who_has_it_already_gets_nothing_and_who_can_unpack_gets_less(client):
    made = make_product(make_store())
    address = f"/sitemaps/products-{(made.id - 1) // 10_000}.xml"
    first = client.get(address)
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 304
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == first.get_data()
    with transaction():
        db.session.execute(update(Product).values(updated_at=clock.now() + timedelta(minutes=2)))
    changed = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert changed.status_code == 200


def test_portions_are_of_ten_thousand_and_cost_no_more_statements(client, statements):
    store_id = make_store()
    with transaction():
        db.session.execute(
            insert(Product),
            [
                {"id": n, "store_id": store_id, "slug": f"cup-{n}", "status": "published"}
                for n in (1_000_000, 1_000_001, 1_000_002, 1_010_000, 1_010_001)
            ],
        )
    statements.clear()
    maps = [loc for loc in locations(read(client, "/sitemap.xml")) if "products" in loc]
    assert len(statements) <= 5
    statements.clear()
    sizes = [len(locations(read(client, address))) // 2 for address in maps]
    assert sizes == [1, 3, 1]
    assert len(statements) <= 2 * len(maps)


def fields(item: ElementTree.Element) -> dict[str, str]:
    return {child.tag.removeprefix(G): str(child.text) for child in item}


def feed(client, store_id: int, lang: str) -> list[dict[str, str]]:
    found = read(client, f"/feeds/{store_queries.get(store_id).slug}/{lang}.xml")
    assert found.tag == "rss"
    assert found.attrib["version"] == "2.0"
    assert found.findtext("channel/title")
    assert found.findtext("channel/link")
    assert found.findtext("channel/description")
    return [fields(item) for item in found.iter("item")]


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_the_feed_has_what_is_asked_of_every_item(client, lang):
    goods = store_with_goods()
    kind = make_category("pots")
    made = pot(goods, {"CE-S": 2}, brand="Kiln", category_id=kind)
    make_image(made.id, en="A pot")
    items = [item for item in feed(client, goods.store_id, lang) if item.get("brand") == "Kiln"]
    assert len(items) == 3
    assert len({item["id"] for item in items}) == 3
    assert {item["item_group_id"] for item in items} == {made.public_id}
    for item in items:
        for name in ("title", "description", "link", "image_link", "availability", "price"):
            assert item[name], name
        assert item["link"].startswith(f"http://localhost/{lang}/p/{made.slug}?sku=")
        assert client.get(item["link"].removeprefix("http://localhost")).status_code == 200
    by_code = {item["mpn"]: item for item in items}
    assert by_code["CE-S"]["availability"] == "in_stock"
    assert by_code["CE-L"]["availability"] == "out_of_stock"
    assert by_code["CE-S"]["price"] == "468.00 CNY"
    assert by_code["CE-L"]["price"] == "600.00 CNY"
    assert by_code["CE-L"]["sale_price"] == "528.00 CNY"
    assert "sale_price" not in by_code["CE-S"]
    assert by_code["CE-L"]["title"].endswith("Celadon / L")


def test_what_a_feed_leaves_out_and_how_it_escapes(client):
    store_id = make_store()
    shown = make_product(
        store_id,
        texts={"en": Text("A & <b>\x0b", description_html="<p>1 &lt; 2</p>")},
        variants=[VariantData(price_minor=100, barcode="4006381333931", sku="A1")],
    )
    plain = make_product(store_id, "No picture")
    draft = make_product(store_id, "Draft", status="draft")
    service = make_product(store_id, "Class", kind="service")
    for made in (shown, draft, service):
        make_image(made.id)
    (item,) = feed(client, store_id, "en")
    assert item["title"] == "A & <b>"
    assert item["description"] == "1 < 2"
    assert item["gtin"] == "4006381333931"
    assert "identifier_exists" not in item
    assert plain.slug not in item["link"]


def test_a_feed_comes_in_batches_of_a_few_statements(client, statements):
    store_id = make_store()
    with transaction():
        ids = db.session.scalars(
            insert(Product).returning(Product.id),
            [{"store_id": store_id, "slug": f"cup-{n}", "status": "published"} for n in range(600)],
        ).all()
        for model, row in (
            (ProductTranslation, {"locale": "en", "title": "Cup"}),
            (Variant, {"signature": "", "price_minor": 100}),
        ):
            db.session.execute(insert(model), [row | {"product_id": made} for made in ids])
    for made in (min(ids), max(ids)):
        make_image(made)
    statements.clear()
    assert len(feed(client, store_id, "en")) == 2
    assert len(statements) <= 3 + 3 * 5
    assert not statements.writes


def test_no_feed_of_nobody(client, app):
    assert client.get("/feeds/nobody/en.xml").status_code == 404
    assert client.get("/feeds/nobody/fr.xml").status_code == 404


def test_a_change_of_status_changes_the_sitemap(client):
    made = make_product(make_store())
    address = f"/sitemaps/products-{(made.id - 1) // 10_000}.xml"
    assert client.get(address).status_code == 200
    with transaction():
        products.set_status(made.id, "archived")
    assert client.get(address).status_code == 404
