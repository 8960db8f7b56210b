"""Conditions on many ids at once, sent as one parameter."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.core.db import db


def among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """``column IN (ids)``; the statement is the same however many there are."""
    found: ColumnElement[bool]
    if db.engine.dialect.name == "sqlite":
        given = func.json_each(json.dumps(list(ids))).table_valued("value")
        found = column.in_(select(given.c.value))
    else:
        found = column == func.any(cast(literal(list(ids), ARRAY(BigInteger)), ARRAY(BigInteger)))
    return found
