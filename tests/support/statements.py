"""The SQL that was really run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "REPLACE")
_FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")


class Statements(list[str]):
    """Statements in their order; BEGIN, PRAGMA and their like are not counted."""

    @property
    def writes(self) -> list[str]:
        """Those that change rows."""
        return [text for text in self if _is_write(text)]


def _is_write(text: str) -> bool:
    words = text.lstrip().upper()
    changes = any(f"{verb} " in words for verb in _WRITES)
    return words.startswith(_WRITES) or (words.startswith("WITH") and changes)


@contextmanager
def recorded(engine: Engine) -> Iterator[Statements]:
    """Record what the engine runs inside the block."""
    statements = Statements()

    def keep(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(_FRAMES):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)
