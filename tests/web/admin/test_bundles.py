"""Composing a bundle, and what buyers and packers see of it."""

from sqlalchemy import update

from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.core.transaction import transaction
from tests.factories.catalog import make_product
from tests.factories.orders import available, paid_order, store_with_goods


def text(answer):
    return answer.get_data(as_text=True)


def public_id(variant):
    db.session.rollback()
    return db.session.get_one(Variant, variant).public_id


def test_a_bundle_is_composed_sold_and_packed(merchant, goods, client):
    whole = make_product(goods.store_id, "Tea set").variants[0]
    path = f"/en/admin/variants/{public_id(whole)}/parts"
    first, second = (public_id(variant) for variant in goods.variants)
    assert "Not a bundle yet" in text(merchant.get(path))
    found = text(merchant.get(path, query_string={"q": "thing"}))
    assert first in found
    assert second in found
    assert "Nothing of this store fits" in text(merchant.get(path, query_string={"q": "zzz"}))
    refused = merchant.post(path, data={"part": first, "quantity": "many", "q": "thing"})
    assert refused.status_code == 422
    assert "from 1 to 999" in text(refused)
    assert 'value="many"' in text(refused)
    for part, quantity in ((first, "1"), (second, "3")):
        assert merchant.post(path, data={"part": part, "quantity": quantity}).status_code == 303
    assert "Its parts allow 3 now." in text(merchant.get(path))
    assert available(whole) == 3
    foreign = public_id(store_with_goods().variant)
    assert merchant.post(path, data={"part": foreign, "quantity": "1"}).status_code == 422
    nested = merchant.post(
        f"/en/admin/variants/{first}/parts", data={"part": public_id(whole), "quantity": "1"}
    )
    assert "A bundle cannot contain a bundle." in text(nested)
    product = db.session.get_one(Variant, whole).product_id
    slug = db.session.get_one(Product, product).slug
    assert "In this set" in text(client.get(f"/en/p/{slug}"))
    placed = paid_order(whole)
    page = text(merchant.get(f"/en/admin/orders/{placed.number}"))
    assert "in each: 3 ×" in page
    with transaction():
        db.session.execute(
            update(Product).where(Product.id == goods.products[1].id).values(status="archived")
        )
    assert "Archived" in text(merchant.get(path))
    taken = merchant.post(path, data={"part": second, "act": "remove"})
    assert taken.status_code == 303
    assert available(whole) == 9
