"""One change to many products: looked at first, then made once."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from shop.catalog.bulk import PriceChange, TagChange
from shop.catalog.data import VariantData
from shop.catalog.models import Category, Product, Variant
from shop.core.db import db
from shop.core.errors import Invalid
from tests.factories.catalog import make_category, make_product
from tests.factories.orders import store_with_goods
from tests.web.catalog.browsing import words


def kept(page: str) -> dict[str, str]:
    """The hidden fields of the form that applies what was looked at."""
    form = page.split('action="/en/admin/products/bulk/apply"')[1].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def look(merchant, made, **change: str) -> str:
    data = {"product": [one.public_id for one in made], "step": "preview"} | change
    answer = merchant.post("/en/admin/products/bulk", data=data)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def prices() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Variant.price_minor).order_by(Variant.id)))


def test_a_price_change_is_looked_at_then_made_once(merchant, goods):
    page = look(merchant, goods.products, change="price", by="10", unit="percent", step_size="1")
    assert "¥10.00 ¥11.00" in re.sub(r"\s+", " ", words(page))
    assert prices() == [1000, 1000]
    fields = kept(page)
    for _ in range(2):
        answer = merchant.post("/en/admin/products/bulk/apply", data=fields)
        assert answer.status_code == 303
        assert prices() == [1100, 1100]
    said = merchant.get(answer.location).get_data(as_text=True)
    assert "2 products changed." in said


def test_what_cannot_be_done_is_counted_with_its_reason(merchant, goods):
    cheap = make_product(goods.store_id, "Cheap", price_minor=200)
    made = [*goods.products, cheap]
    page = look(merchant, made, change="price", by="-5", unit="amount")
    assert "Skipped: A price would fall below 0." in words(page)
    answer = merchant.post("/en/admin/products/bulk/apply", data=kept(page))
    said = words(merchant.get(answer.location).get_data(as_text=True))
    assert "2 products changed. 1 skipped: A price would fall below 0." in said
    assert prices() == [500, 500, 200]


def test_all_that_match_are_those_that_were_looked_at(merchant, goods):
    for number in range(25):
        make_product(goods.store_id, f"Winter {number}", status="draft")
    data = {"product": [goods.products[0].public_id], "view": "draft"}
    page = merchant.post("/en/admin/products/bulk", data=data).get_data(as_text=True)
    assert "All 25 of the list" in words(page)
    change = {"step": "preview", "scope": "all", "change": "tags", "tags_add": "winter, new"}
    page = merchant.post("/en/admin/products/bulk", data=data | change).get_data(as_text=True)
    assert "The first 20 of 25 products" in words(page)
    make_product(goods.store_id, "Late", status="draft")
    assert merchant.post("/en/admin/products/bulk/apply", data=kept(page)).status_code == 303
    db.session.rollback()
    tags = list(db.session.scalars(select(Product.tags).order_by(Product.id)))
    assert tags == ["", "", *["winter, new"] * 25, ""]


def test_category_and_status(merchant, goods):
    kind = make_category("cups", "Cups")
    public = db.session.get_one(Category, kind).public_id
    page = look(merchant, goods.products, change="category", category=public)
    assert "– Cups" in words(page)
    merchant.post("/en/admin/products/bulk/apply", data=kept(page))
    page = look(merchant, goods.products, change="status", status="archived")
    assert "Published Archived" in words(page)
    merchant.post("/en/admin/products/bulk/apply", data=kept(page))
    db.session.rollback()
    rows = db.session.execute(select(Product.category_id, Product.status)).all()
    assert [tuple(row) for row in rows] == [(kind, "archived")] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    (
        ({"change": "price", "by": ""}, "number other than 0"),
        ({"change": "price", "by": "0"}, "number other than 0"),
        ({"change": "price", "by": "NaN"}, "number other than 0"),
        ({"change": "price", "by": "1e999"}, "percent|number"),
        ({"change": "price", "by": "-101"}, "from -100"),
        ({"change": "price", "by": "x", "unit": "amount"}, "number other than 0"),
        ({"change": "tags"}, "Write a tag"),
        ({"change": "category", "category": "nonsense"}, "Choose a category"),
        ({"change": "colour"}, "Choose what to change"),
        ({}, "Choose what to change"),
    ),
)
def test_a_wrong_change_says_why_and_keeps_what_was_typed(merchant, goods, change, said):
    data = {"product": [goods.products[0].public_id], "step": "preview"} | change
    answer = merchant.post("/en/admin/products/bulk", data=data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert re.search(said, words(page))
    assert f'name="by" value="{change.get("by", "")}"' in page
    fields = data | {"key": "k" * 20}
    assert merchant.post("/en/admin/products/bulk/apply", data=fields).status_code == 422
    assert prices() == [1000, 1000]


def test_nothing_ticked_leads_back(merchant, goods):
    answer = merchant.post("/en/admin/products/bulk", data={})
    assert answer.status_code == 303
    assert "Tick some products" in merchant.get(answer.location).get_data(as_text=True)


def test_anothers_products_do_not_exist(merchant, goods):
    other = store_with_goods()
    data = {
        "product": [goods.products[0].public_id, other.products[0].public_id],
        "step": "preview",
        "change": "price",
        "by": "10",
        "key": "k" * 20,
    }
    assert merchant.post("/en/admin/products/bulk", data=data).status_code == 404
    assert merchant.post("/en/admin/products/bulk/apply", data=data).status_code == 404
    assert set(prices()) == {1000}


def test_a_former_price_that_is_reached_is_none(merchant, goods):
    made = make_product(
        goods.store_id, "Sale", variants=[VariantData(price_minor=1000, compare_at_minor=1100)]
    )
    page = look(merchant, [made], change="price", by="10")
    merchant.post("/en/admin/products/bulk/apply", data=kept(page))
    db.session.rollback()
    found = db.session.scalars(select(Variant).where(Variant.product_id == made.id)).one()
    assert (found.price_minor, found.compare_at_minor) == (1100, None)


@pytest.mark.parametrize(
    ("change", "old", "new"),
    (
        (PriceChange(Decimal(10)), 999, 1099),
        (PriceChange(Decimal("-12.5"), 0, 10), 1000, 880),
        (PriceChange(Decimal(-100)), 999, 0),
        (PriceChange(None, 150, 100), 1000, 1200),
        (PriceChange(None, -50, 1), 1000, 950),
    ),
)
def test_prices_are_rounded_half_up_to_the_step(change, old, new):
    assert change.new(old) == new


def test_no_price_falls_below_nothing():
    with pytest.raises(Invalid):
        PriceChange(None, -1001).new(1000)


def test_tags_stand_once_whatever_their_case():
    assert TagChange(("new", "a"), ("OLD",)).new("a, old") == "a, new"
