"""Products, prices, pictures and stock, through the pages."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.catalog import queries as catalog
from shop.catalog.models import Image, Product, Variant
from shop.core import ids
from shop.core.db import db
from shop.core.models import AuditEntry
from shop.inventory import queries as stock
from shop.inventory.models import Location, StockLevel, StockMovement
from tests.factories.catalog import VariantData as Sold
from tests.factories.catalog import make_product, options, picture
from tests.factories.orders import available, paid_order

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def variant_of(variant_id: int) -> Variant:
    db.session.rollback()
    return db.session.get_one(Variant, variant_id, populate_existing=True)


def typed(page: str) -> dict[str, str]:
    """Every field that names the editor's form, as a browser would send it."""
    fields = {}
    for tag in re.findall(r"<input\b[^>]*form=\"product\"[^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        if name is None or 'type="file"' in tag:
            continue
        if re.search('type="(?:checkbox|radio)"', tag) and " checked" not in tag:
            continue
        value = re.search(r'value="([^"]*)"', tag)
        fields[name[1]] = value[1] if value else "on"
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)" form="product"[^>]*>\n?(.*?)</textarea>', page, re.S
    ):
        fields[name] = text.replace("&lt;", "<").replace("&gt;", ">")
    for name, body in re.findall(
        r'<select[^>]*name="([^"]*)" form="product"[^>]*>(.*?)</select>', page, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen[1] if chosen else ""
    version = re.search(r'name="version" value="(\d*)"', page)
    assert version is not None
    fields["version"] = version[1]
    return fields


def editor(browser: FlaskClient, public_id: str = "new") -> dict[str, str]:
    return typed(browser.get(f"/en/admin/products/{public_id}").get_data(as_text=True))


def test_the_list_shows_price_and_stock(goods, merchant):
    page = merchant.get("/en/admin/products").get_data(as_text=True)
    assert page.count('id="p-') == 2
    assert 'value="10.00"' in page
    assert 'value="10"' in page


def test_views_and_search(goods, merchant):
    make_product(goods.store_id, "Winter cup", status="draft")
    drafts = merchant.get("/en/admin/products?view=draft").get_data(as_text=True)
    assert "Winter cup" in drafts
    assert drafts.count('id="p-') == 1
    found = merchant.get("/en/admin/products?q=winter").get_data(as_text=True)
    assert found.count('id="p-') == 1
    assert "No product matches" in merchant.get("/en/admin/products?q=zzz").get_data(as_text=True)


def test_a_price_is_changed_in_its_row_and_undone(goods, merchant):
    variant = variant_of(goods.variant)
    url = f"/en/admin/variants/{variant.public_id}/price"
    answer = merchant.post(url, data={"price": "12.50", "at": "row"}, headers=PARTIAL)
    assert answer.status_code == 200
    assert 'value="12.50"' in answer.get_data(as_text=True)
    assert '"price": "10.00"' in answer.headers["HX-Trigger"]
    assert variant_of(goods.variant).price_minor == 1250
    merchant.post(url, data={"price": "10.00", "compare_at": ""})
    assert variant_of(goods.variant).price_minor == 1000
    db.session.rollback()
    changes = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "price.change"))
    assert [entry.detail["new_minor"] for entry in changes] == [1250, 1000]


@pytest.mark.parametrize("price", ("", "free", "-1", "1.234", "9" * 20))
def test_a_wrong_price_stays_as_typed(goods, merchant, price):
    variant = variant_of(goods.variant)
    url = f"/en/admin/variants/{variant.public_id}/price"
    answer = merchant.post(url, data={"price": price, "at": "row"}, headers=PARTIAL)
    assert answer.status_code == 422
    assert f'value="{price}"' in answer.get_data(as_text=True)
    assert variant_of(goods.variant).price_minor == 1000


def test_status_of_many_at_once(goods, merchant):
    ids_ = [product.public_id for product in goods.products]
    answer = merchant.post("/en/admin/products/status", data={"product": ids_, "status": "draft"})
    assert answer.status_code == 303
    db.session.rollback()
    assert set(db.session.scalars(select(Product.status))) == {"draft"}


def test_anothers_product_among_many_is_404_and_nothing_changes(goods, merchant, stranger):
    foreign = make_product_elsewhere(goods)
    data = {"product": [goods.products[0].public_id, foreign], "status": "draft"}
    assert merchant.post("/en/admin/products/status", data=data).status_code == 404
    db.session.rollback()
    assert set(db.session.scalars(select(Product.status))) == {"published"}


def make_product_elsewhere(goods) -> str:
    db.session.rollback()
    own = Product.store_id == goods.store_id
    return db.session.scalars(select(Product.public_id).where(~own)).first() or ""


def test_a_product_is_made_with_options_stock_and_a_picture(goods, merchant):
    fields = editor(merchant) | {
        "title-en": "Tall vase",
        "title-zh": "高瓶",
        "description-en": "<p>Thrown by hand<script>alert(1)</script></p>",
        "option-0-name-en": "Glaze",
        "option-0-name-zh": "釉色",
        "option-0-0-en": "Ash",
        "option-0-0-zh": "灰釉",
        "option-0-1-en": "Snow",
        "option-0-1-zh": "雪釉",
        "intent": "variants",
    }
    grid = merchant.post("/en/admin/products/new", data=fields).get_data(as_text=True)
    assert "2 variants" in grid
    place = db.session.scalars(select(Location.public_id)).first()
    fields = typed(grid) | {
        "variant-0-price": "88.8",
        "variant-1-price": "99",
        "variant-1-compare_at": "120",
        f"variant-0-stock-{place}": "5",
        f"variant-1-stock-{place}": "0",
        "variant-0-alert": "2",
        "status": "published",
    }
    answer = merchant.post(
        "/en/admin/products/new",
        data=fields | {"pictures": (io.BytesIO(picture()), "vase.png")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    db.session.rollback()
    made = db.session.scalars(select(Product).order_by(Product.id.desc())).first()
    assert made is not None
    found = catalog.admin_product(made.public_id, [goods.store_id])
    assert found is not None
    assert found.data.status == "published"
    assert "script" not in found.data.texts["en"].description_html
    assert [variant.data.price_minor for variant in found.variants] == [8880, 9900]
    assert len(found.images) == 1
    levels = {level.variant_id: level for level in db.session.scalars(select(StockLevel))}
    assert levels[found.variants[0].id].on_hand == 5
    assert levels[found.variants[0].id].threshold == 2


def test_what_is_missing_is_said_and_all_stays(goods, merchant):
    fields = editor(merchant) | {"title-zh": "只有中文", "variant-0-price": "abc", "tags": "a, b"}
    answer = merchant.post("/en/admin/products/new", data=fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="只有中文"' in page
    assert 'value="abc"' in page
    assert 'value="a, b"' in page
    nameless = merchant.post("/en/admin/products/new", data=editor(merchant))
    assert "Write a title in at least one language" in nameless.get_data(as_text=True)


def test_saving_unchanged_changes_nothing_but_the_version(goods, merchant):
    made = make_product(
        goods.store_id,
        "Cup",
        options=options(Size=["S", "M"]),
        variants=[Sold(price_minor=1000, values=["S"]), Sold(price_minor=1100, values=["M"])],
    )
    before = catalog.admin_product(made.public_id, [goods.store_id])
    fields = editor(merchant, made.public_id)
    assert merchant.post(f"/en/admin/products/{made.public_id}", data=fields).status_code == 303
    db.session.rollback()
    after = catalog.admin_product(made.public_id, [goods.store_id])
    assert before is not None
    assert after is not None
    assert after.version > before.version
    assert [variant.id for variant in after.variants] == [variant.id for variant in before.variants]
    assert after.data.texts == before.data.texts
    assert after.data.options == before.data.options
    assert stock.movements([goods.store_id], "en", variant_id=made.variants[0]) == []


def test_two_editors_at_once_see_both_values(goods, merchant):
    product = goods.products[0].public_id
    mine, theirs = editor(merchant, product), editor(merchant, product)
    url = f"/en/admin/products/{product}"
    assert merchant.post(url, data=theirs | {"title-en": "Theirs"}).status_code == 303
    answer = merchant.post(url, data=mine | {"title-en": "Mine"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Theirs" in page
    assert 'value="Mine"' in page
    again = merchant.post(url, data=typed(page))
    assert again.status_code == 303
    found = catalog.admin_product(product, [goods.store_id])
    assert found is not None
    assert found.data.texts["en"].title == "Mine"


def test_a_download_needs_its_file_before_it_is_published(goods, merchant):
    fields = editor(merchant) | {
        "title-en": "Guide",
        "kind": "digital",
        "variant-0-price": "5",
        "status": "published",
    }
    fields.pop("tracked", None)
    answer = merchant.post("/en/admin/products/new", data=fields)
    assert answer.status_code == 422
    assert "Upload the file" in answer.get_data(as_text=True)
    sent = fields | {"digital": (io.BytesIO(b"%PDF-1.7"), "../../guide 1.pdf")}
    answer = merchant.post("/en/admin/products/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    db.session.rollback()
    name = db.session.scalars(select(Product.digital_name).order_by(Product.id.desc())).first()
    assert name is not None
    assert name.endswith("/guide 1.pdf")
    assert ".." not in name


def test_pictures_are_added_moved_described_and_removed(goods, merchant):
    product = goods.products[0]
    url = f"/en/admin/products/{product.public_id}/images"
    for size in (300, 500):
        answer = merchant.post(
            url,
            data={"pictures": (io.BytesIO(picture(size)), "a.png")},
            content_type="multipart/form-data",
            headers=PARTIAL,
        )
        assert answer.status_code == 200
    bad = merchant.post(
        url,
        data={"pictures": (io.BytesIO(b"no picture"), "a.png")},
        content_type="multipart/form-data",
        headers=PARTIAL,
    )
    assert bad.status_code == 422
    order = select(Image.public_id).order_by(Image.position)
    first, second = db.session.scalars(order)
    merchant.post(f"/en/admin/images/{second}/position", data={"position": "0"})
    db.session.rollback()
    assert list(db.session.scalars(order)) == [second, first]
    texts = {"alt_en": "A vase", "alt_zh": "一只瓶"}
    assert merchant.post(f"/en/admin/images/{second}/alt", data=texts).status_code == 303
    merchant.post(f"/en/admin/images/{first}/removal")
    db.session.rollback()
    left = db.session.scalars(select(Image)).one()
    assert left.alts == {"en": "A vase", "zh": "一只瓶"}


def book(browser: FlaskClient, goods, **fields: str):
    variant = variant_of(goods.variant).public_id
    place = db.session.scalars(
        select(Location.public_id).where(Location.store_id == goods.store_id)
    ).one()
    data = {"location": place, "mode": "add", "reason": "received", "key": ids.token()} | fields
    return browser.post(f"/en/admin/variants/{variant}/stock", data=data, headers=PARTIAL)


def test_stock_is_received_taken_and_counted_with_reasons(goods, merchant):
    assert book(merchant, goods, quantity="5", at="cell").status_code == 200
    assert book(merchant, goods, quantity="-3", reason="damaged", at="cell").status_code == 200
    assert available(goods.variant) == 12
    paid_order({goods.variant: 2})
    assert book(merchant, goods, quantity="20", mode="set", reason="counted").status_code == 200
    assert available(goods.variant) == 18
    assert book(merchant, goods, quantity="9", mode="free", reason="counted").status_code == 200
    assert available(goods.variant) == 9
    kinds = db.session.scalars(
        select(StockMovement.kind).order_by(StockMovement.id.desc()).limit(4)
    )
    assert list(kinds) == ["counted", "counted", "adjusted", "received"]


def test_a_stock_form_sent_twice_counts_once(goods, merchant):
    once = {"key": ids.token(), "quantity": "5"}
    for _ in range(2):
        assert book(merchant, goods, **once).status_code == 200
    assert available(goods.variant) == 15


def test_promised_units_cannot_be_taken(goods, merchant):
    paid_order({goods.variant: 4})
    answer = book(merchant, goods, quantity="-7", reason="lost", at="cell")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "promised to customers" in page
    assert 'value="-7"' in page
    assert available(goods.variant) == 6


@pytest.mark.parametrize("quantity", ("", "lots", "1.5", "99999999999"))
def test_a_wrong_quantity_stays_as_typed(goods, merchant, quantity):
    answer = book(merchant, goods, quantity=quantity, at="cell")
    assert answer.status_code == 422
    assert f'value="{quantity}"' in answer.get_data(as_text=True)
    assert available(goods.variant) == 10


def test_another_stores_location_is_404(goods, merchant, stranger):
    foreign = db.session.scalars(
        select(Location.public_id).where(Location.store_id != goods.store_id)
    ).one()
    assert book(merchant, goods, quantity="1", location=foreign).status_code == 404


def test_the_matrix_opens_a_cell_by_link(goods, merchant):
    variant = variant_of(goods.variant).public_id
    place = db.session.scalars(
        select(Location.public_id).where(Location.store_id == goods.store_id)
    ).one()
    page = merchant.get(f"/en/admin/inventory?edit={variant}.{place}").get_data(as_text=True)
    assert 'id="adj"' in page
    assert "Book it" in page
    data = {"location": place, "threshold": "20"}
    merchant.post(f"/en/admin/variants/{variant}/threshold", data=data)
    low = merchant.get("/en/admin/inventory?view=low").get_data(as_text=True)
    assert variant in low
    assert "Low stock" in merchant.get("/en/admin/products").get_data(as_text=True)


def test_the_ledger_names_orders_and_people(goods, merchant):
    book(merchant, goods, quantity="5")
    variant = variant_of(goods.variant).public_id
    page = merchant.get(f"/en/admin/inventory/ledger?variant={variant}").get_data(as_text=True)
    assert "15 on hand, the same as in the matrix" in page
    assert "+5" in page
    assert "person" in page
