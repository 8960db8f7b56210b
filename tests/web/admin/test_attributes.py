"""Operators define attributes; merchants tick them in the editor of a product."""

import re

from sqlalchemy import select

from shop.catalog import products
from shop.catalog import queries as catalog
from shop.catalog.facets import attribute_queries
from shop.catalog.facets.models import Facet, ProductFacet
from shop.catalog.models import Product
from shop.core.db import db
from shop.core.transaction import transaction
from tests.factories.catalog import make_category, product_data
from tests.factories.users import make_user

FORM = {
    "name-en": "Material",
    "name-zh": "材质",
    "value-0-id": "",
    "value-0-en": "Stoneware",
    "value-0-zh": "炻器",
    "value-1-id": "",
    "value-1-en": "Oak",
    "value-1-zh": "",
}


def test_operators_define_what_a_category_asks_for(goods, sign_in, merchant):
    operator = sign_in(make_user(is_operator=True))
    category = make_category("cups", parent_id=make_category("teaware"))
    tree = {node.slug: node for node in catalog.walk(catalog.categories("en"))}
    top = tree["teaware"].public_id
    assert merchant.post("/en/admin/attributes/new", data=FORM).status_code == 404
    bad = operator.post("/en/admin/attributes/new", data=FORM | {"name-en": "", "name-zh": ""})
    assert bad.status_code == 422
    assert 'value="Stoneware"' in bad.get_data(as_text=True)  # nothing typed is lost
    assert "Give the attribute a name." in bad.get_data(as_text=True)
    sent = operator.post("/en/admin/attributes/new", data=FORM | {"category": [top]})
    assert sent.status_code == 303
    twice = operator.post("/en/admin/attributes/new", data=FORM)
    assert "There is an attribute of this name already." in twice.get_data(as_text=True)
    [found] = attribute_queries.attributes()

    # The category below has it, and its merchant gives a value.
    product = goods.products[0]
    with transaction():
        data = product_data(goods.store_id, "Cup", category_id=category)
        products.save_product(data, product_id=product.id)
    address = f"/en/admin/products/{product.public_id}"
    editor = merchant.get(address).get_data(as_text=True)
    assert "Material" in editor
    stoneware, oak = (value.public_id for value in found.values)
    ticked = {"attribute-offered": [stoneware, oak], "attribute": [oak]}
    merchant.post(address, data=_editor(editor, tree["cups"].public_id) | ticked)
    assert attribute_queries.given(product.id) == {oak}
    assert _ticked(merchant.get(address).get_data(as_text=True)) == [oak]

    # A value that is emptied goes from the product, and out of what lists are narrowed by.
    rows = {"value-0-id": stoneware, "value-1-id": oak, "value-1-en": "", "category": [top]}
    changed = operator.post(f"/en/admin/attributes/{found.public_id}", data=FORM | rows)
    assert changed.status_code == 303
    assert attribute_queries.given(product.id) == set()
    has = select(ProductFacet.value_id).where(ProductFacet.product_id == product.id)
    assert db.session.scalars(has).all() == []
    assert operator.get(f"/en/admin/attributes/{found.public_id}/removal").status_code == 200
    operator.post(f"/en/admin/attributes/{found.public_id}/removal")
    assert attribute_queries.attributes() == []
    assert db.session.scalars(select(Facet.key)).all() == []


def _editor(html: str, category: str) -> dict[str, object]:
    """What the editor sends of a plain product."""
    version = db.session.scalar(select(Product.version).order_by(Product.version.desc()))
    fields = dict(re.findall(r'name="(variant-0-[\w-]+)"[^>]*value="([^"]*)"', html))
    return fields | {
        "version": str(version),
        "title-en": "Cup",
        "kind": "physical",
        "category": category,
        "variant-0-at": "",
        "variant-0-price": "10",
        "variant-0-sell": "1",
    }


def _ticked(html: str) -> list[str]:
    return re.findall(r'name="attribute" form="product" value="([^"]+)" checked', html)
