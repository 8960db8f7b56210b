"""The rows of a product as they are, and making them so again: same ids, same public ids.

What is derived (listing row, search entry) is not kept but derived again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shop.catalog.bundle_models import BundlePart
from shop.catalog.facets.models import AttributeValue, ProductAttribute
from shop.catalog.models import (
    Image,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Specification,
    Variant,
    VariantValue,
)
from shop.catalog.related_models import RelatedProduct
from shop.catalog.terms_models import GoodsTerms
from shop.core import clock
from shop.core.db import Base, UtcDateTime, db
from shop.core.errors import Conflict
from shop.core.models import SlugHistory

Rows = dict[str, list[dict[str, Any]]]

_AFTER = "after:"
"""Before the name of a table beside the product: its rows as the import left them."""

# A picture that was fetched since stays: the import knows its address, not the file.
FETCHED = ("name", "width", "height", "widths")


def take(product_id: int) -> Rows:
    """All rows of a product, as JSON: table → rows in the order of their ids."""
    found = {
        table.name: [_as_json(dict(row)) for row in _rows(table, product_id)]
        for table in map(_table, _MODELS)
    }
    return found | _beside(product_id)


def after(product_id: int, before: Rows) -> Rows:
    """``before`` once the import has saved the product. Of the tables beside it (terms, attributes, what
    it is shown with, parts) those stay that the import changed: what staff put there meanwhile is no
    matter of the import, and writing there leaves the product's version as it is."""
    now = _beside(product_id)
    changed = {name: rows for name, rows in now.items() if rows != before[name]}
    kept = {name: rows for name, rows in before.items() if name not in now or name in changed}
    return kept | {_AFTER + name: rows for name, rows in changed.items()}


def again(product_id: int, first: Rows, second: Rows) -> Rows:
    """The same for a product that was saved twice in a run: what it was before the first time."""
    earlier = {name: rows for name, rows in first.items() if not name.startswith(_AFTER)}
    return after(product_id, second | earlier)


def is_edited(product_id: int, before: Rows) -> bool:
    """Whether somebody changed beside the product what the import did there."""
    left = {
        name.removeprefix(_AFTER): rows for name, rows in before.items() if name.startswith(_AFTER)
    }
    if not left:
        return False
    now = _beside(product_id)
    return any(
        now[table.name] != _living(table, left[table.name])
        for table in map(_table, _BESIDE)
        if table.name in left
    )


def restore(product_id: int, before: Rows) -> None:
    """Make the rows of a product those of ``before``.

    A variant that was not there then is deleted, or archived once the ledger or an order names it.
    Raises ``Conflict("import-rows-taken")`` where another product has the id of a row by now (SQLite
    gives ids out again).
    """
    db.session.flush()  # statements follow, which would not see what waits
    variant = _table(Variant)
    of_product = variant.c.product_id == product_id
    known = {row["id"] for row in before["variant"]}
    for variant_id in db.session.scalars(select(variant.c.id).where(of_product)).all():
        values: dict[str, Any] = {"signature": f"undone-{variant_id}"}
        if variant_id not in known and not _deleted(variant, variant_id):
            values = {"signature": f"archived-{variant_id}", "archived_at": clock.now()}
        # Out of the way first: signatures are unique and may be exchanged.
        db.session.execute(update(variant).where(variant.c.id == variant_id).values(values))
    option = _table(Option)
    db.session.execute(
        update(option)
        .where(option.c.product_id == product_id)
        .values(position=-1 - option.c.id)  # the same for places
    )
    for table in map(_table, (ProductTranslation, Specification)):
        db.session.execute(delete(table).where(table.c.product_id == product_id))
    for model in (Image, Option, OptionValue, ProductTranslation, Specification, Variant):
        _bring(_table(model), product_id, before)
    used = _table(VariantValue)
    db.session.execute(delete(used).where(used.c.variant_id.in_(known)))
    if before["variant_value"]:
        db.session.execute(insert(used), before["variant_value"])
    (row,) = (_from_json(_table(Product), row) for row in before["product"])
    db.session.execute(update(_table(Product)).where(Product.id == product_id).values(row))
    _bring_addresses(product_id, before)
    for table in map(_table, _BESIDE):
        if table.name in before:
            _bring_beside(table, product_id, before[table.name])
    db.session.expire_all()


def _deleted(table: Table, row_id: int) -> bool:
    try:
        with db.session.begin_nested():
            db.session.execute(delete(table).where(table.c.id == row_id))
    except IntegrityError:
        return False
    return True


def _bring(table: Table, product_id: int, before: Rows) -> None:
    """Delete rows that were not there, write those that were."""
    wanted = {row["id"]: _from_json(table, row) for row in before[table.name]}
    now = {row["id"]: row for row in _rows(table, product_id)}
    extra = [row_id for row_id in now if row_id not in wanted]
    if extra and table.name != "variant":  # what is left of those is archived
        db.session.execute(delete(table).where(table.c.id.in_(extra)))
    for row_id, row in wanted.items():
        if row_id not in now:
            continue
        if table.name == "image" and row["name"] is None:
            row |= {name: now[row_id][name] for name in FETCHED}
        db.session.execute(update(table).where(table.c.id == row_id).values(row))
    missing = [row for row_id, row in wanted.items() if row_id not in now]
    if not missing:
        return
    ids = [row["id"] for row in missing]
    if db.session.scalar(select(table.c.id).where(table.c.id.in_(ids)).limit(1)) is not None:
        raise Conflict("import-rows-taken")
    db.session.execute(insert(table), missing)


def _bring_addresses(product_id: int, before: Rows) -> None:
    """The old addresses again; one that something else has by now stays with it."""
    table = _table(SlugHistory)
    db.session.execute(delete(table).where(table.c.product_id == product_id))
    rows = [_from_json(table, row) for row in before["slug_history"]]
    if rows:
        write = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table)
        db.session.execute(write.values(rows).on_conflict_do_nothing())


def _bring_beside(table: Table, product_id: int, rows: list[dict[str, Any]]) -> None:
    """The rows of before instead of those of now."""
    db.session.execute(delete(table).where(_where(table, product_id)))
    living = _living(table, rows)
    if living:
        db.session.execute(insert(table), living)


def _living(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without those that name a product or a value that is gone: they went with it."""
    for name, model in (("other_id", Product), ("value_id", AttributeValue)):
        if rows and name in table.c:
            wanted = {row[name] for row in rows}
            there = set(db.session.scalars(select(model.id).where(model.id.in_(wanted))))
            rows = [row for row in rows if row[name] in there]
    return rows


_BESIDE: tuple[type[Base], ...] = (GoodsTerms, ProductAttribute, RelatedProduct, BundlePart)
_MODELS: tuple[type[Base], ...] = (
    Product,
    ProductTranslation,
    Specification,
    Option,
    OptionValue,
    Image,
    Variant,
    VariantValue,
    SlugHistory,
)


def _table(model: type[Base]) -> Table:
    return model.__table__  # type: ignore[return-value]  # declared as FromClause, is a Table


def _where(table: Table, product_id: int) -> ColumnElement[bool]:
    variants = select(Variant.id).where(Variant.product_id == product_id)
    match table.name:
        case "product":
            return table.c.id == product_id
        case "option_value":
            return table.c.option_id.in_(select(Option.id).where(Option.product_id == product_id))
        case "variant_value":
            return table.c.variant_id.in_(variants)
        case "bundle_part":
            return table.c.bundle_id.in_(variants)
        case "related_product":
            return (table.c.product_id == product_id) & (table.c.kind == "pinned")
    return table.c.product_id == product_id


def _rows(table: Table, product_id: int) -> list[dict[str, Any]]:
    where = _where(table, product_id)
    found = db.session.execute(select(table).where(where).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


def _beside(product_id: int) -> Rows:
    """The rows of the tables beside a product. Most have none: one statement says so of all tables."""
    tables = [_table(model) for model in _BESIDE]
    which = select(
        *(
            exists(select(table).where(_where(table, product_id))).label(table.name)
            for table in tables
        )
    )
    has = db.session.execute(which).mappings().one()
    return {table.name: _rows(table, product_id) if has[table.name] else [] for table in tables}


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _from_json(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Columns that came after the snapshot was taken keep what they have."""
    return {
        name: datetime.fromisoformat(value)
        if value is not None and isinstance(table.c[name].type, UtcDateTime)
        else value
        for name, value in row.items()
        if name in table.c
    }
