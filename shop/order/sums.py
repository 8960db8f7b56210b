"""Figures that are kept beside what they are the sum of: for ``flask doctor``."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.db import Base, db


def unequal(
    names: Sequence[InstrumentedAttribute[Any]],
    kept: InstrumentedAttribute[int],
    each: ColumnElement[int] | InstrumentedAttribute[int],
    rows: type[Base],
    on: ColumnElement[bool],
) -> list[Any]:
    """The owners whose ``kept`` is not the sum of ``each`` over their ``rows``: ``names``, the figure that
    is kept, the sum. One statement."""
    total = func.coalesce(func.sum(each), 0)
    return list(
        db.session.execute(
            select(*names, kept, total)
            .outerjoin(rows, on)
            .group_by(*names, kept)
            .having(kept != total)
        )
    )
