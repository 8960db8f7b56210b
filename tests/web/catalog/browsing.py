"""What tests of the shop window share: browsers, fragments, and stores of goods to look at."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.account import sessions
from shop.catalog.data import VariantData
from shop.catalog.models import Option, OptionValue, Variant
from shop.core.db import db
from shop.core.transaction import transaction
from tests.factories.catalog import Made, make_product, options
from tests.factories.orders import Goods, restock, store_with_goods
from tests.factories.users import Person

_BLOCKS = "a|article|button|d[dlt]|div|form|h[1-6]|label|legend|li|main|option|p|section|t[dhr]|ul"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def signed_in(app: Flask, person: Person) -> FlaskClient:
    """A browser in which somebody has signed in."""
    with transaction():
        made = sessions.create(
            person.id, user_agent="tests", ip="127.0.0.1", lasts=timedelta(days=1)
        )
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = made.token
        session["_fresh"] = True
    return browser


def page(client: FlaskClient, address: str, status: int = 200, **kwargs: Any) -> str:
    """The text of a page."""
    response = client.get(address, **kwargs)
    assert response.status_code == status, address
    return response.get_data(as_text=True)


def words(html: str) -> str:
    """What a reader sees: text without tags, white space made one."""
    bare = re.sub(r"<(script|style|template|svg).*?</\1>", " ", html, flags=re.S)
    apart = re.sub(rf"</?(?:{_BLOCKS})\b[^>]*>", " ", bare)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", apart)).strip()


def titles(html: str) -> list[str]:
    """The titles of the cards, in their order."""
    return re.findall(r'class="card__title"><a [^>]*>([^<]*)</a>', html)


def code_of(variant: int) -> str:
    """The public id of a variant."""
    return db.session.execute(select(Variant.public_id).where(Variant.id == variant)).scalar_one()


def value_of(product: Made, key: str) -> str:
    """The public id of a product's option value."""
    return db.session.execute(
        select(OptionValue.public_id)
        .join(Option, Option.id == OptionValue.option_id)
        .where(OptionValue.key == key, Option.product_id == product.id)
    ).scalar_one()


def pot(goods: Goods, stock: Mapping[str, int], **fields: Any) -> Made:
    """A product in two glazes and two sizes; ``stock`` by SKU. Moon white is not made large."""
    made = make_product(
        goods.store_id,
        "Celadon pot",
        options=options(Glaze=["Celadon", "Moon"], Size=["S", "L"]),
        variants=[
            VariantData(price_minor=46800, values=("Celadon", "S"), sku="CE-S"),
            VariantData(
                price_minor=52800, values=("Celadon", "L"), sku="CE-L", compare_at_minor=60000
            ),
            VariantData(price_minor=48800, values=("Moon", "S"), sku="MO-S"),
        ],
        **fields,
    )
    for sku, units in stock.items():
        variant = db.session.execute(select(Variant.id).where(Variant.sku == sku)).scalar_one()
        if units:
            restock(goods, variant, units)
    return made


def shop(**given: Any) -> Goods:
    """A store with one stocked product; fields as of ``store_with_goods``."""
    return store_with_goods(**({"flat_delivery_minor": 800} | given))
