"""Several reads in one statement: what a page shows of many tables is fetched in one trip.

A query that is ``askable`` says what it asks: a ``Lookup`` of some selects, and how to read their rows.
Called, it answers; ``.later(…)`` of it gives the lookup, and an edge asks several ``together``, of whatever
domains. Each select becomes one column of a single statement, which the database fills with its rows
(``json_agg``, ``json_group_array``).
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    ScalarSelect,
    Select,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from shop.core.db import UtcDateTime, db

T = TypeVar("T")
P = ParamSpec("P")
Rows = Sequence[Any]
"""Plain rows; their columns are attributes."""
Asked = Select[*tuple[Any, ...]]
"""A select of whatever columns."""


class Lookup(Generic[T]):
    """``selects`` name columns, no entities, each with a name of its own; ``read`` gets the rows of each."""

    def __init__(self, read: Callable[..., T], *selects: Asked) -> None:
        self.selects = selects
        self._read = read
        self._found: list[T] = []

    @property
    def found(self) -> T:
        """What was read; asks now if it was not asked together with others."""
        if not self._found:
            together(self)
        return self._found[0]

    @property
    def asked(self) -> bool:
        """Whether its rows are here."""
        return bool(self._found)

    def fill(self, rows: Sequence[Rows]) -> None:
        """Take the rows of the selects, in their order."""
        self._found = [self._read(*rows)]


def together(*lookups: Lookup[Any]) -> None:
    """Ask all of them in one statement; those that were asked already are left as they are."""
    waiting = [one for one in lookups if not one.asked]
    selects = [each for one in waiting for each in one.selects]
    rows: list[Rows] = []
    if len(selects) == 1:
        rows = [db.session.execute(selects[0]).all()]
    elif selects:
        db.session.flush()  # as any query does before it reads; this one names no entity
        shapes = [_shape(each) for each in selects]
        columns = [shape.gather(each) for shape, each in zip(shapes, selects, strict=True)]
        row = db.session.execute(select(*columns)).one()
        rows = [shape.rows(cell) for shape, cell in zip(shapes, row, strict=True)]
    for one in waiting:
        mine, rows = rows[: len(one.selects)], rows[len(one.selects) :]
        one.fill(mine)


def number(rows: Rows) -> int:
    """The one figure of a select that counts or sums."""
    return int(rows[0][0] or 0)


class Askable(Generic[P, T]):
    """A query that can be asked alone, by calling it, or with others: ``together(a := query.later(…), …)``."""

    def __init__(self, make: Callable[P, Lookup[T]]) -> None:
        self._make = make
        update_wrapper(self, make)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask now."""
        return self._make(*args, **kwargs).found

    def later(self, *args: P.args, **kwargs: P.kwargs) -> Lookup[T]:
        """What would be asked."""
        return self._make(*args, **kwargs)


def askable(make: Callable[P, Lookup[T]]) -> Askable[P, T]:
    """Let a function that makes a lookup be called for its answer."""
    return Askable(make)


class _Shape:
    """Names and kinds of a select's columns: how they become JSON, and rows again."""

    def __init__(
        self, names: Sequence[str], kinds: Sequence[TypeEngine[Any]], sqlite: bool
    ) -> None:
        self._make = namedtuple("Row", names)  # type: ignore[misc]  # only known here
        self._readers = [(at, read) for at, kind in enumerate(kinds) if (read := _reader(kind))]
        cells = [f'q."{name}"' for name in names]
        if sqlite:
            # Text that holds JSON would be quoted as any other text.
            held = zip(cells, kinds, strict=True)
            cells = [f"json({cell})" if isinstance(kind, JSON) else cell for cell, kind in held]
            text = f"json_group_array(json_array({', '.join(cells)}))"
        else:
            text = f"coalesce(json_agg(json_build_array({', '.join(cells)})), '[]')"
        self._column: ColumnElement[Any] = literal_column(text, JSON)

    def gather(self, query: Asked) -> ScalarSelect[Any]:
        """The rows of a select as one JSON value: a list of lists, in their order."""
        return select(self._column).select_from(query.subquery("q")).scalar_subquery()

    def rows(self, lists: list[list[Any]]) -> Rows:
        """The rows that such a value holds."""
        for values in lists:
            for at, read in self._readers:
                if values[at] is not None:
                    values[at] = read(values[at])
        return [self._make(*values) for values in lists]


_shapes: dict[Any, _Shape] = {}


def _shape(query: Asked) -> _Shape:
    columns = query.selected_columns
    sqlite = db.engine.dialect.name == "sqlite"
    key = (sqlite, *((name, type(column.type)) for name, column in columns.items()))
    found = _shapes.get(key)
    if found is None:
        found = _shapes[key] = _Shape(columns.keys(), [one.type for one in columns], sqlite)
    return found


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """How a value of this kind comes back from JSON, which knows text, numbers and no times."""
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, Date):
        return date.fromisoformat
    return bool if isinstance(kind, Boolean) else None


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
