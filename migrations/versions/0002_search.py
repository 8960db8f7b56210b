"""Search: one entry a product with an index of its own, words to complete and correct, synonyms, tallies;
categories count their products

The entries are derived: `flask catalog reindex` writes them (and a periodic job what is missing).

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(title, sound, body, content='search_entry', "
    "content_rowid='place', tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\", prefix='2 3', "
    "detail='column', columnsize=0)",
    "CREATE TRIGGER tr_search_entry_insert AFTER INSERT ON search_entry BEGIN "
    "INSERT INTO search_index(rowid, title, sound, body) "
    "VALUES (new.place, new.title, new.sound, new.body); END",
    "CREATE TRIGGER tr_search_entry_delete AFTER DELETE ON search_entry BEGIN "
    "INSERT INTO search_index(search_index, rowid, title, sound, body) "
    "VALUES ('delete', old.place, old.title, old.sound, old.body); END",
    "CREATE TRIGGER tr_search_entry_update AFTER UPDATE ON search_entry BEGIN "
    "INSERT INTO search_index(search_index, rowid, title, sound, body) "
    "VALUES ('delete', old.place, old.title, old.sound, old.body); "
    "INSERT INTO search_index(rowid, title, sound, body) "
    "VALUES (new.place, new.title, new.sound, new.body); END",
)
POSTGRES = (
    "ALTER TABLE search_entry ADD COLUMN title_words tsvector GENERATED ALWAYS AS "
    "(array_to_tsvector(array_remove(string_to_array(title, ' '), ''))) STORED",
    "ALTER TABLE search_entry ADD COLUMN words tsvector GENERATED ALWAYS AS (array_to_tsvector("
    "array_remove(string_to_array(title || ' ' || sound || ' ' || body, ' '), ''))) STORED",
    "CREATE INDEX ix_search_entry_title_words ON search_entry USING gin (title_words)",
    "CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)",
)


def upgrade() -> None:
    op.add_column(
        "category", sa.Column("products", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.execute(
        "UPDATE category SET products = (SELECT count(*) FROM listing_row WHERE "
        "listing_row.category_id = category.id AND listing_row.published_at IS NOT NULL)"
    )
    op.drop_table("search_document")
    op.create_table(
        "search_entry",
        sa.Column("product_id", KEY, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sound", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_search_entry_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("place", name=op.f("uq_search_entry_place")),
    )
    for statement in SQLITE if _on_sqlite() else POSTGRES:
        op.execute(statement)
    op.create_table(
        "search_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_table(
        "search_typo",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["word"],
            ["search_word.word"],
            name=op.f("fk_search_typo_word_search_word"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "word", name=op.f("pk_search_typo")),
    )
    op.create_table(
        "search_synonym",
        sa.Column("store_id", KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_search_synonym_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_synonym")),
        sa.UniqueConstraint("public_id", name=op.f("uq_search_synonym_public_id")),
    )
    op.create_index(op.f("ix_search_synonym_store_id"), "search_synonym", ["store_id"])
    op.create_table(
        "search_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("query", sa.String(length=80), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_tally")),
        sa.UniqueConstraint("day", "query", name=op.f("uq_search_tally_day_query")),
    )


def downgrade() -> None:
    # SQLite as well: a rebuilt table would say its rules in other words.
    op.execute("ALTER TABLE category DROP COLUMN products")
    op.drop_table("search_tally")
    op.drop_table("search_synonym")
    op.drop_table("search_typo")
    op.drop_table("search_word")
    if _on_sqlite():
        op.execute("DROP TABLE search_index")
    op.drop_table("search_entry")
    op.create_table(
        "search_document",
        sa.Column("product_id", KEY, nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_search_document_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint(
            "product_id", "locale", name=op.f("uq_search_document_product_id_locale")
        ),
    )


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
