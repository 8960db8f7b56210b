"""What a database looks like from inside: its objects, and a row in every table."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_POSTGRES = """
SELECT 'table ' || relname, '' FROM pg_class
 WHERE relkind IN ('r', 'v', 'm') AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'column ' || table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_SQLITE = """
SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'
"""


def objects(connection: sa.Connection) -> dict[str, str]:
    """Tables, columns, constraints, indexes, triggers and functions, each with its definition."""
    query = _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE
    return {name: _plain(text) for name, text in connection.exec_driver_sql(query) if text or name}


def objects_by_rule(connection: sa.Connection) -> dict[str, str]:
    """The same, but comparable between a migrated database and one that the models made.

    SQLite keeps the text of CREATE TABLE, in which order and spelling may differ: of it the names
    of the constraints and the columns are taken.
    """
    kept = {}
    for name, text in objects(connection).items():
        if name.startswith("table ") and connection.dialect.name == "sqlite":
            rules = re.findall(r"constraint (\w+) (check|foreign|unique|primary)", text)
            kept[name] = str(sorted(rules))
        elif "alembic_version" not in name:
            kept[name] = text
    kept.pop("table alembic_version", None)
    return kept


def rows(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in a stable order."""
    found = {}
    for name in sa.inspect(connection).get_table_names():
        if name != "alembic_version":
            result = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
            found[name] = sorted((dict(row) for row in result), key=repr)
    return found


def fill(
    connection: sa.Connection,
    metadata: sa.MetaData,
    special: dict[str, dict[str, Any] | list[dict[str, Any]]],
) -> None:
    """Put a row with key 1 into every table, each as its constraints want it.

    Values follow from types and `IN (…)` checks; what else a table asks for is in `special`: values of
    its row, or of each of its rows where one is not enough. A table with nothing there is left out: no
    row of this kind can satisfy it.
    """
    for table in metadata.sorted_tables:
        if table.name in special and not special[table.name]:
            continue
        row = {
            column.name: _value(table, column)
            for column in table.columns
            if not column.nullable or column.foreign_keys
        }
        for column in table.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                row[column.name] = None  # a root has no parent
        asked = special.get(table.name, {})
        for values in asked if isinstance(asked, list) else [asked]:
            connection.execute(table.insert().values(row | values))


def _value(table: sa.Table, column: sa.Column[Any]) -> Any:
    if column.primary_key and not column.foreign_keys and isinstance(column.type, sa.Integer):
        return 1
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return "1" if isinstance(key.column.type, sa.String) else 1
    for check in table.constraints:
        if isinstance(check, sa.CheckConstraint):
            found = re.search(rf"\b{column.name} IN \('([^']+)'", str(check.sqltext))
            if found:
                return found[1]
    if isinstance(column.type, sa.JSON):
        return {}
    kind = column.type.python_type if not isinstance(column.type, sa.TypeDecorator) else datetime
    now = datetime(2026, 11, 1, tzinfo=UTC)
    late = now + timedelta(days=1)
    values: dict[type, Any] = {
        str: f"{column.name}"[: getattr(column.type, "length", None) or 40],
        int: 1,
        bool: False,
        float: 1.0,
        datetime: late if re.search("end|expire|until", column.name) else now,
        bytes: b"x",
    }
    return values[kind] if kind in values else now.date()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace('"', "")).strip().lower()
