"""The database: declarative base, types, naming of constraints, and how connections behave.

SQLite needs care that its Python driver does not take (measured: without it a shop with five units
sold twenty-six): BEGIN is emitted by us, IMMEDIATE for writers; foreign keys are switched on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Executable,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, CursorResult, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import DDL, Table

from shop.core import clock, ids

WRITE = "xiaopu_write"
"""Execution option of a connection whose transaction writes; set by ``core.transaction`` alone."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out; SQLite stores them without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC. A time without a zone raises ``ValueError``."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone does not enter the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - the name and form are SQLAlchemy's
        datetime: UtcDateTime(),
        int: BigInteger(),
        str: String(255),
        dict[str, Any]: Json,
    }


class HasId:
    """An internal key. It never leaves the house: pages and links use public ids."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)


class HasPublicId(HasId):
    """A row that URLs and forms name by a random id."""

    public_id: Mapped[str] = mapped_column(
        String(16), default=ids.public_id, unique=True, insert_sentinel=True
    )


class HasCreatedAt:
    """When the row came to be."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


def read(statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
    """The plain rows of a statement that reads, past the session's loading of entities, which costs half of
    running it. What the session has not yet written is not seen: for pages, not for services."""
    return db.session.connection().execute(statement, parameters)


def append_only(table: Table) -> None:
    """Let the database refuse UPDATE and DELETE on a ledger, whoever asks."""
    name = table.name
    for verb in ("UPDATE", "DELETE"):
        trigger = f"tr_{name}_no_{verb.lower()}"
        event.listen(
            table,
            "after_create",
            DDL(
                f"CREATE TRIGGER {trigger} BEFORE {verb} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
    event.listen(
        table,
        "after_create",
        DDL(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
        ).execute_if(dialect="postgresql"),
    )
    event.listen(
        table,
        "after_create",
        DDL(
            f"CREATE TRIGGER tr_{name}_append_only BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ).execute_if(dialect="postgresql"),
    )


def configure_engine(engine: Engine) -> None:
    """Give a SQLite engine its pragmas and its explicit BEGIN. PostgreSQL is set up by its URL options."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not decide when a transaction begins
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
