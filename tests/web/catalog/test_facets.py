"""The column of filters: what it offers and counts, chips, prices, and what other processes change."""

import re

import pytest
from sqlalchemy import select

from shop.app import create_app
from shop.catalog import listing, prices
from shop.catalog import queries as catalog
from shop.catalog.data import VariantData
from shop.catalog.facets import attribute_queries, attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.models import ProductTranslation, Variant
from shop.core.db import db
from shop.core.transaction import transaction
from tests.conftest import settings
from tests.factories.catalog import make_category, make_product, options
from tests.factories.orders import Goods, store_with_goods
from tests.web.catalog.browsing import PARTIAL, page, titles, words


@pytest.fixture
def shelf(app) -> Goods:
    """Cups in two colours and one pot, of two brands."""
    goods = store_with_goods(products=0)
    cups = make_category("cups", parent_id=make_category("teaware"))
    for title, colours, price, brand in (
        ("Low cup", ["Blue", "Green"], 1000, "Ash"),
        ("High cup", ["Blue"], 2050, "Birch"),
        ("Wide cup", ["Green"], 3000, ""),
    ):
        made = [VariantData(price_minor=price, values=[one]) for one in colours]
        make_product(
            goods.store_id,
            title,
            category_id=cups,
            brand=brand,
            options=options(Colour=colours),
            variants=made,
        )
    make_product(goods.store_id, "Pot", price_minor=9900)
    return goods


def counts(html: str) -> dict[str, int]:
    """What the column says: label → number."""
    found = re.findall(
        r'class="check__text">([^<]+)</span><span class="check__n num"[^>]*>(\d+)<', html
    )
    return {label: int(number) for label, number in found}


def product(title: str) -> int:
    """The id of a product."""
    found = select(ProductTranslation.product_id).where(ProductTranslation.title == title)
    return db.session.scalars(found).first()


def chips(html: str) -> list[tuple[str, str]]:
    return [
        (text, href.replace("&amp;", "&"))
        for href, text in re.findall(r'class="chip" href="([^"]+)">([^<]+)<svg', html)
    ]


def test_values_count_without_their_own_facet_and_under_all_others(client, shelf):
    html = page(client, "/en/c/teaware?o.colour=blue&brand=ash")
    assert titles(html) == ["Low cup"]
    # Of the colours those of the brand, of the brands those of the colour.
    assert counts(html) | {"Blue": 1, "Green": 1, "Ash": 1, "Birch": 1} == counts(html)
    both = page(client, "/en/c/teaware?o.colour=blue&o.colour=green&price-min=20.50")
    assert sorted(titles(both)) == ["High cup", "Wide cup"]
    assert counts(both)["Ash"] == 0
    assert 'id="n-brand-ash" data-none' in both  # muted, and still there


def test_chips_take_one_choice_away_and_one_link_takes_all(client, shelf):
    html = page(
        client, "/en/c/cups?o.colour=green&o.colour=blue&brand=ash&price-max=20&sort=newest"
    )
    assert chips(html) == [
        ("Up to ¥20", "/en/c/cups?sort=newest&o.colour=green&o.colour=blue&brand=ash"),
        ("Green", "/en/c/cups?sort=newest&price-max=20&o.colour=blue&brand=ash"),
        ("Blue", "/en/c/cups?sort=newest&price-max=20&o.colour=green&brand=ash"),
        ("Ash", "/en/c/cups?sort=newest&price-max=20&o.colour=green&o.colour=blue"),
    ]
    assert re.search(r'href="/en/c/cups\?sort=newest">Clear all', html)


def test_the_form_works_without_scripts(client, shelf):
    """What a browser sends: every field, the empty ones too."""
    html = page(client, "/en/c/cups?price-min=&price-max=&rating=&o.colour=green")
    assert sorted(titles(html)) == ["Low cup", "Wide cup"]
    assert re.search(
        r'<input type="checkbox" name="o.colour" id="[^"]+" value="green" checked>', html
    )
    assert "Apply filters" in html


@pytest.mark.parametrize(
    ("typed", "said"),
    (
        ("price-min=cheap", "Write the price in figures"),
        ("price-min=30&price-max=20", "above the highest one"),
        ("price-max=-1", "Write the price in figures"),
        ("price-max=9999999999999", "Write a smaller amount"),
    ),
)
def test_a_price_that_cannot_be_read_loses_nothing(client, shelf, typed, said):
    html = page(client, f"/en/c/cups?brand=ash&{typed}", status=422)
    assert said in words(html)
    assert titles(html) == ["Low cup"]  # the rest of the choice counts
    for one in typed.split("&"):
        name, value = one.split("=")
        assert re.search(f'name="{name}"[^>]*value="{value}"', html)


def test_htmx_gets_the_numbers_without_the_boxes(client, shelf):
    response = client.get("/en/c/teaware?o.colour=blue", headers=PARTIAL)
    html = response.get_data(as_text=True)
    assert response.headers["HX-Push-Url"] == "/en/c/teaware?o.colour=blue"
    assert "<form" not in html.replace('form="filters"', "").split('class="card')[0]
    assert re.search(r'id="n-brand-birch" hx-swap-oob="true">1<', html)
    assert "Show 2 items" in html


def test_a_search_is_narrowed_too(client, shelf):
    html = page(client, "/en/search?q=cup")
    assert counts(html)["Green"] == 2
    assert re.search('<input type="hidden" name="q" value="cup">', html)
    assert titles(page(client, "/en/search?q=cup&o.colour=blue&price-min=15")) == ["High cup"]
    assert "Nothing here fits" in page(client, "/en/search?q=cup&price-min=500")


def test_lists_go_on_under_filters(client, shelf):
    for number in range(30):
        make_product(shelf.store_id, f"More {number:02}", brand="Ash")
    first = page(client, "/en/new?brand=ash")
    onward = re.search(r'id="load-more" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "brand=ash" in onward
    rest = page(client, onward)
    assert len({*titles(first), *titles(rest)}) == 31
    assert "31 of 31" in words(rest)


def test_what_another_process_changes_is_seen_by_the_next_page(app, client, shelf, tmp_path):
    assert counts(page(client, "/en/c/cups"))["Green"] == 2
    other = create_app(settings(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path))
    with other.app_context():
        variant_id = db.session.scalar(select(Variant.id).where(Variant.price_minor == 3000))
        product_id = product("Wide cup")
        with transaction():
            prices.set_price(variant_id, 500)
            listing.add_rating(product_id, 5, 1)
            listing.set_available(product_id, False)
        db.session.remove()
        db.engine.dispose()
    html = page(client, "/en/c/cups?price-max=6")
    assert titles(html) == ["Wide cup"]
    assert counts(html) | {"4 stars and up": 1, "In stock": 0} == counts(html)


def test_attributes_are_those_of_the_category_and_above(client, shelf):
    teaware, paper = catalog.category_id("teaware"), make_category("paper")
    with transaction():
        glaze = attributes.create(
            {"en": "Made of", "zh": "材质"},
            [ValueData({"en": "Stoneware", "zh": "炻器"}), ValueData({"en": "Oak", "zh": "橡木"})],
            [teaware],
        )
        attributes.create({"en": "Ruling"}, [ValueData({"en": "Plain"})], [paper])
    found = next(one for one in attribute_queries.attributes() if one.public_id == glaze)
    stoneware, oak = (value.public_id for value in found.values)
    with transaction():
        attributes.give(product("Low cup"), [stoneware], [stoneware, oak])
        attributes.give(product("High cup"), [oak], [stoneware, oak])
    html = page(client, "/en/c/cups?a.made+of=stoneware")
    assert titles(html) == ["Low cup"]
    assert "Made of" in words(html)
    assert "Ruling" not in words(html)
    assert "材质" in page(client, "/zh/c/cups")
    # Another label is another label everywhere; a value that goes takes its filter along.
    with transaction():
        attributes.change(
            glaze, {"en": "Material"}, [ValueData({"en": "Clay"}, stoneware)], [teaware]
        )
    html = page(client, "/en/c/cups?a.made+of=stoneware&a.made+of=oak")
    assert titles(html) == ["Low cup"]
    assert [text for text, _ in chips(html)] == ["Clay"]
    with transaction():
        attributes.remove(glaze)
    assert len(titles(page(client, "/en/c/cups?a.made+of=stoneware"))) == 3
