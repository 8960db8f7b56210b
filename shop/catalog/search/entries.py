"""Writing down what a product is found by, in the transaction that changes it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog import html
from shop.catalog.models import (
    Brand,
    CategoryTranslation,
    ListingRow,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Variant,
)
from shop.catalog.search import analyser, synonyms, vocabulary
from shop.catalog.search.models import SearchEntry
from shop.catalog.search.place import place
from shop.core.db import db

MAX_BODY = 20_000


def refresh(product_id: int) -> None:
    """Write the search entry of a product again; one that is not published has none.

    Reads the listing row, which must have been refreshed before.
    """
    product = db.session.execute(
        select(
            Product.store_id,
            Product.status,
            Product.tags,
            Product.category_id,
            Brand.name.label("brand"),
            ListingRow.available,
            ListingRow.sales,
        )
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .outerjoin(ListingRow, ListingRow.product_id == Product.id)
        .where(Product.id == product_id)
    ).one_or_none()
    if product is None or product.status != "published":
        db.session.execute(delete(SearchEntry).where(SearchEntry.product_id == product_id))
        return
    texts = _texts(product_id)
    labels = _labels(product_id, product.category_id)
    titles = [text.title for text in texts]
    short = [*(text.fact for text in texts), product.brand or "", product.tags, *labels]
    long = [part for text in texts for part in (text.lead, html.plain(text.description_html))]
    title = dict.fromkeys(token for text in titles for token in analyser.title_tokens(text))
    body = [*_codes(product_id), *analyser.body_tokens([*short, *long])]
    synonyms.widen(product.store_id, title, body)
    _write(
        product_id=product_id,
        place=place(product_id, available=bool(product.available), sales=product.sales or 0),
        title=" ".join(title),
        sound=" ".join(dict.fromkeys(s for text in titles for s in analyser.sound_tokens(text))),
        body=_cut(token for token in body if token not in title),
    )
    vocabulary.learn([*titles, *short])


def move(product_ids: Collection[int]) -> None:
    """Put products where their sales and their stock place them now. Two statements."""
    rows = db.session.execute(
        select(ListingRow.product_id, ListingRow.available, ListingRow.sales, SearchEntry.place)
        .join(SearchEntry, SearchEntry.product_id == ListingRow.product_id)
        .where(ListingRow.product_id.in_(product_ids))
        .order_by(ListingRow.product_id)
    )
    moved = [
        {"product": row.product_id, "now": now}
        for row in rows
        if (now := place(row.product_id, available=row.available, sales=row.sales)) != row.place
    ]
    if moved:
        db.session.connection().execute(
            update(SearchEntry.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
            .where(SearchEntry.product_id == bindparam("product"))
            .values(place=bindparam("now")),
            moved,
        )


def _write(**values: Any) -> None:
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(SearchEntry)
    changed = {name: value for name, value in values.items() if name != "product_id"}
    db.session.execute(
        insert.values(**values).on_conflict_do_update(index_elements=["product_id"], set_=changed)
    )


def _texts(product_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(
            ProductTranslation.title,
            ProductTranslation.fact,
            ProductTranslation.lead,
            ProductTranslation.description_html,
        )
        .where(ProductTranslation.product_id == product_id)
        .order_by(ProductTranslation.id)
    ).all()


def _labels(product_id: int, category_id: int | None) -> list[str]:
    """The names of the category and of the option values, in every language."""
    names = list(
        db.session.scalars(
            select(CategoryTranslation.name)
            .where(CategoryTranslation.category_id == category_id)
            .order_by(CategoryTranslation.locale)
        )
    )
    for labels in db.session.scalars(
        select(OptionValue.labels)
        .join(Option, Option.id == OptionValue.option_id)
        .where(Option.product_id == product_id)
        .order_by(OptionValue.id)
    ):
        names += [str(label) for label in labels.values() if label]
    return names


def _codes(product_id: int) -> list[str]:
    rows = db.session.execute(
        select(Variant.sku, Variant.barcode)
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None))
        .order_by(Variant.position, Variant.id)  # the same goods give the same entry
    )
    found = {analyser.code(text): None for row in rows for text in (row.sku, row.barcode) if text}
    return [token for token in found if token]


def _cut(tokens: Iterable[str]) -> str:
    """As many whole tokens as the longest body holds."""
    kept, length = [], 0
    for token in dict.fromkeys(tokens):
        length += len(token) + 1
        if length > MAX_BODY:
            break
        kept.append(token)
    return " ".join(kept)
