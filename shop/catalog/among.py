"""Conditions on many ids at once, sent as one parameter."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.core.db import db


def among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """``column IN (ids)``; the statement is the same however many there are."""
    if _on_sqlite():
        return _in_json(column, literal(these(ids)))
    return _in_array(column, literal(these(ids), ARRAY(BigInteger)))


def among_named(column: Any, name: str) -> ColumnElement[bool]:
    """``column IN (…)`` for a statement that is kept: ``these(ids)`` goes in as the parameter ``name``."""
    if _on_sqlite():
        return _in_json(column, bindparam(name))
    return _in_array(column, bindparam(name, type_=ARRAY(BigInteger)))


def these(ids: Collection[int]) -> Any:
    """Ids as the present database takes them for one parameter."""
    return json.dumps(list(ids)) if _on_sqlite() else list(ids)


def _in_json(column: Any, given: Any) -> ColumnElement[bool]:
    values = func.json_each(given).table_valued("value")
    found: ColumnElement[bool] = column.in_(select(values.c.value))
    return found


def _in_array(column: Any, given: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == func.any(cast(given, ARRAY(BigInteger)))
    return found


def _on_sqlite() -> bool:
    return bool(db.engine.dialect.name == "sqlite")
