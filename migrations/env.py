"""How migrations run: one transaction each, on the application's own engine.

SQLite rebuilds a table by copying it. With foreign keys on, dropping the old one would delete the rows
that refer to it, so they are switched off before BEGIN (the pragma does nothing inside a transaction)
and checked at the end.
"""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import types
from sqlalchemy.engine import Connection

from shop.catalog.search.schema import is_kept_by_hand
from shop.core.db import WRITE, UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, autogen: Any) -> Any:
    """Migrations name plain types, so that they outlive the code of the day."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(
    _context: Any, _column: Any, _metadata_column: Any, inspected: Any, wanted: Any
) -> Any:
    """A JSON column is JSONB on PostgreSQL and JSON on SQLite: both are what the models say."""
    if isinstance(wanted, types.JSON) and isinstance(inspected, types.JSON):
        return False
    return None


def include_object(
    _object: Any, name: str | None, kind: str, _reflected: bool, _other: Any
) -> bool:
    """Leave out what the databases keep beside the models (the search's own indexes)."""
    return not is_kept_by_hand(name, kind)


def run(connection: Connection) -> None:
    """Migrate on ``connection``."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=compare_type,
        include_object=include_object,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


with database.engine.connect().execution_options(**{WRITE: True}) as connection:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    try:
        run(connection)
        connection.commit()
    finally:
        if sqlite:
            connection.rollback()
            broken = connection.connection.driver_connection.execute(
                "PRAGMA foreign_key_check"
            ).fetchall()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"rows refer to nothing: {broken[:5]}")
