"""What the databases keep beside the table of search entries, to look things up in it.

SQLite: an FTS5 table over the entries, kept by triggers; its row ids are the entries' places, so that it
gives matches in that order. PostgreSQL: two vectors made by the database from the tokens, with GIN
indexes. Both are made by the migration and by ``create_all``; models do not know them.
"""

from sqlalchemy import event
from sqlalchemy.schema import DDL, Table

FTS = "search_index"
COLUMNS = ("title", "sound", "body")

_NEW = ", ".join(f"new.{name}" for name in COLUMNS)
_OLD = ", ".join(f"old.{name}" for name in COLUMNS)
_LIST = ", ".join(COLUMNS)
_INTO = f"INSERT INTO {FTS}"
_INSERT = f"{_INTO}(rowid, {_LIST}) VALUES (new.place, {_NEW});"
_DELETE = f"{_INTO}({FTS}, rowid, {_LIST}) VALUES ('delete', old.place, {_OLD});"

# No positions and no lengths are kept (detail, columnsize): the order is our own, phrases are not asked.
SQLITE_UP = (
    f"CREATE VIRTUAL TABLE {FTS} USING fts5({_LIST}, content='search_entry', content_rowid='place', "
    "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\", prefix='2 3', detail='column', "
    "columnsize=0)",
    f"CREATE TRIGGER tr_search_entry_insert AFTER INSERT ON search_entry BEGIN {_INSERT} END",
    f"CREATE TRIGGER tr_search_entry_delete AFTER DELETE ON search_entry BEGIN {_DELETE} END",
    f"CREATE TRIGGER tr_search_entry_update AFTER UPDATE ON search_entry BEGIN {_DELETE} {_INSERT} END",
)
SQLITE_DOWN = (f"DROP TABLE {FTS}",)
POSTGRES_UP = (
    "ALTER TABLE search_entry ADD COLUMN title_words tsvector GENERATED ALWAYS AS "
    "(array_to_tsvector(array_remove(string_to_array(title, ' '), ''))) STORED",
    "ALTER TABLE search_entry ADD COLUMN words tsvector GENERATED ALWAYS AS (array_to_tsvector("
    "array_remove(string_to_array(title || ' ' || sound || ' ' || body, ' '), ''))) STORED",
    "CREATE INDEX ix_search_entry_title_words ON search_entry USING gin (title_words)",
    "CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)",
)


def install(table: Table) -> None:
    """Make the indexes along with the table."""
    for dialect, statements in (("sqlite", SQLITE_UP), ("postgresql", POSTGRES_UP)):
        for statement in statements:
            event.listen(
                table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            )
    for statement in SQLITE_DOWN:
        event.listen(table, "before_drop", DDL(statement).execute_if(dialect="sqlite"))


def is_kept_by_hand(name: str | None, kind: str) -> bool:
    """Whether an object of the database is one of these, which no model describes."""
    if kind == "table":
        return bool(name) and str(name).startswith(FTS)
    return name in {
        "title_words",
        "words",
        "ix_search_entry_title_words",
        "ix_search_entry_words",
    }
