"""The store of a replay and what it sells.

A thing was sold at several prices, and an order keeps the price at which it was bought. So each thing is a
product with a variant for every price that the file knows of it: what a line costs is then the shop's own
price, and nobody had to set one.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from shop.catalog import products
from shop.catalog.data import OptionData, OptionValueData, ProductData, Text, VariantData
from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo.replay.reading import ZONE, Book
from shop.store import queries as stores
from shop.store import services as store_services

SLUG = "replay"
CURRENCY = "GBP"
_BATCH = 50

Variants = dict[tuple[str, int], int]
"""Code and price in minor units → variant."""


def open_store() -> int:
    """The id of the store that the replay sells in, made when it is not there."""
    found = stores.by_slug(SLUG)
    if found is not None:
        return found.id
    names = {"en": "Online retail", "zh": "网上零售"}
    with transaction():
        return store_services.create(SLUG, names, currency=CURRENCY, timezone=ZONE).id


def stock_book(
    store_id: int, book: Book, begins: datetime, step: Callable[[int], None]
) -> Variants:
    """See that the store has everything that the file sells; ``step`` is told how many products are done."""
    prices: dict[str, set[int]] = {}
    for invoice in book.invoices:
        for line in invoice.lines:
            prices.setdefault(line.code, set()).add(line.price_minor)
    known = _known(store_id)
    codes = sorted(code for code in prices if any((code, p) not in known for p in prices[code]))
    for start in range(0, len(codes), _BATCH):
        batch = codes[start : start + _BATCH]
        with clock.at(begins), transaction():
            for code in batch:
                _save(store_id, code, book.titles.get(code, code), sorted(prices[code]))
        step(len(batch))
    return _known(store_id)


def _known(store_id: int) -> Variants:
    rows = db.session.execute(
        select(Product.import_handle, Variant.price_minor, Variant.id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Product.store_id == store_id, Variant.archived_at.is_(None))
    )
    return {(str(handle), price): variant_id for handle, price, variant_id in rows}


def _save(store_id: int, code: str, title: str, prices: list[int]) -> None:
    product_id = db.session.scalar(
        select(Product.id).where(Product.store_id == store_id, Product.import_handle == code)
    )
    before = db.session.scalars(
        select(Variant.price_minor).where(Variant.product_id == product_id)
    ).all()
    prices = sorted({*prices, *before})
    keys = [str(price) for price in prices]
    labels = {key: {"en": f"{int(key) / 100:.2f}"} for key in keys}
    products.save_product(
        ProductData(
            store_id=store_id,
            texts={"en": Text(title)},
            options=[
                OptionData({"en": "Price"}, [OptionValueData(key, labels[key]) for key in keys])
            ],
            variants=[
                VariantData(price_minor=price, values=(key,), sku=code)
                for price, key in zip(prices, keys, strict=True)
            ],
            status="published",
            import_handle=code,
        ),
        product_id=product_id,
    )
