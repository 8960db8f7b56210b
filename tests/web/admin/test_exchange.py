"""Taking goods out through the admin."""

import csv
import io

import pytest

from shop.catalog import products
from shop.catalog.exports.files import FORMATS
from shop.core.transaction import transaction


def rows(answer):
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_list_leads_to_every_format(goods, merchant):
    assert 'href="/en/admin/products/export"' in merchant.get("/en/admin/products").get_data(
        as_text=True
    )
    for lang, words in (("en", "Export products"), ("zh", "导出商品")):
        page = merchant.get(f"/{lang}/admin/products/export").get_data(as_text=True)
        assert words in page
        for wanted in FORMATS:
            assert f"/{lang}/admin/products/export/file?format={wanted}" in page


@pytest.mark.parametrize("wanted", FORMATS)
def test_a_file_holds_the_goods_of_this_store_alone(goods, merchant, stranger, wanted):
    answer = merchant.get(f"/zh/admin/products/export/file?format={wanted}")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=")
    assert f"-{wanted}-" in disposition
    assert "no-store" in answer.headers["Cache-Control"]
    mine = rows(answer)
    text = answer.get_data(as_text=True)
    theirs = stranger.get(f"/en/admin/products/export/file?format={wanted}").get_data(as_text=True)
    assert mine
    for product in goods.products:
        assert product.slug in text or wanted == "woocommerce"
        assert product.slug not in theirs
    if wanted == "own":
        assert {row["Stock: Main"] for row in mine if row["Row"] == "variant"} == {"10"}


def test_an_unknown_format_is_refused_in_a_sentence(goods, merchant):
    for query in ("?format=", "?format=xlsx"):
        answer = merchant.get(f"/en/admin/products/export/file{query}")
        assert answer.status_code == 422
        assert "Choose one of the formats below." in answer.get_data(as_text=True)


def test_a_file_holds_what_the_list_shows_or_what_was_ticked(goods, merchant, stranger):
    first, second = goods.products
    with transaction():
        products.set_status(second.id, "draft")
    list_page = merchant.get("/en/admin/products?view=draft").get_data(as_text=True)
    assert "/en/admin/products/export?view=draft" in list_page
    page = merchant.get("/en/admin/products/export?view=draft").get_data(as_text=True)
    assert "1 product, as the list shows." in page
    assert "/export/file?format=own&amp;view=draft" in page
    text = merchant.get("/en/admin/products/export/file?view=draft").get_data(as_text=True)
    assert second.slug in text
    assert first.slug not in text
    nothing = merchant.get("/en/admin/products/export/file?q=zzzz")
    assert rows(nothing) == []

    ticked = {"product": [first.public_id]}
    page = merchant.post("/en/admin/products/export", data=ticked).get_data(as_text=True)
    assert f'name="products" value="{first.public_id}"' in page
    chosen = {"products": first.public_id, "format": "own"}
    text = merchant.post("/en/admin/products/export", data=chosen).get_data(as_text=True)
    assert first.slug in text
    assert second.slug not in text
    assert merchant.post("/en/admin/products/export").status_code == 303
    assert (
        merchant.post("/en/admin/products/export", data=chosen | {"format": "x"}).status_code == 422
    )
    assert stranger.post("/en/admin/products/export", data=chosen).status_code == 404
