"""The rows of a product as they are, and making them so again: same ids, same public ids.

What is derived (listing row, search entry) is not kept but derived again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

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
from shop.core import clock
from shop.core.db import Base, UtcDateTime, db
from shop.core.errors import Conflict
from shop.core.models import SlugHistory

Rows = dict[str, list[dict[str, Any]]]

# A picture that was fetched since stays: the import knows its address, not the file.
FETCHED = ("name", "width", "height", "widths")


def take(product_id: int) -> Rows:
    """All rows of a product, as JSON: table → rows in the order of their ids."""
    return {
        table.name: [_as_json(dict(row)) for row in _rows(table, product_id)]
        for table in map(_table, _MODELS)
    }


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


def _rows(table: Table, product_id: int) -> list[dict[str, Any]]:
    where: ColumnElement[bool]
    if table.name == "product":
        where = table.c.id == product_id
    elif table.name == "option_value":
        where = table.c.option_id.in_(select(Option.id).where(Option.product_id == product_id))
    elif table.name == "variant_value":
        where = table.c.variant_id.in_(select(Variant.id).where(Variant.product_id == product_id))
    else:
        where = table.c.product_id == product_id
    found = db.session.execute(select(table).where(where).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


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
