"""Keep collections, what is said of brands, and where both were before

Revision: 0012
Follows: 0011
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = ("product", "category", "store")
_NEW = ("collection", "brand")


def upgrade() -> None:
    op.create_table(
        "collection",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("store_id", _key(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("rule", _json(), nullable=False),
        sa.Column("image", _json(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", _key(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('hand', 'rule')", name=op.f("ck_collection_kind")),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_collection_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("public_id", name=op.f("uq_collection_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_collection_slug")),
    )
    op.create_index(op.f("ix_collection_store_id"), "collection", ["store_id"])
    op.create_table(
        "collection_translation",
        sa.Column("collection_id", _key(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", _key(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_translation_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_translation")),
        sa.UniqueConstraint(
            "collection_id", "locale", name=op.f("uq_collection_translation_collection_id_locale")
        ),
    )
    op.create_table(
        "collection_product",
        sa.Column("collection_id", _key(), autoincrement=False, nullable=False),
        sa.Column("product_id", _key(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_product_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_collection_product_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_collection_product")),
    )
    op.create_index(
        "ix_collection_product_place",
        "collection_product",
        ["collection_id", "position", "product_id"],
    )
    op.create_index("ix_collection_product_product_id", "collection_product", ["product_id"])
    op.add_column("brand", sa.Column("image", _json(), nullable=True))
    op.create_table(
        "brand_translation",
        sa.Column("brand_id", _key(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", _key(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brand.id"],
            name=op.f("fk_brand_translation_brand_id_brand"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_translation")),
        sa.UniqueConstraint(
            "brand_id", "locale", name=op.f("uq_brand_translation_brand_id_locale")
        ),
    )
    _slug_history(_BEFORE, (*_BEFORE, *_NEW))


def downgrade() -> None:
    op.execute("DELETE FROM slug_history WHERE kind IN ('collection', 'brand')")
    _slug_history((*_BEFORE, *_NEW), _BEFORE)
    op.drop_table("brand_translation")
    op.drop_column("brand", "image")
    op.drop_table("collection_product")
    op.drop_table("collection_translation")
    op.drop_table("collection")


def _slug_history(old: Sequence[str], new: Sequence[str]) -> None:
    """Let rows name other things: one column each, and two checks that say so.

    SQLite cannot change a check, so it gets the table anew; nothing refers to it and no trigger hangs on it.
    """
    if op.get_bind().dialect.name == "sqlite":
        _make("slug_history_new", new)
        shared = [f"{name}_id" for name in old if name in new]
        columns = ", ".join(["id", "kind", "slug", "changed_at", *shared])
        op.execute(
            f"INSERT INTO slug_history_new ({columns}) SELECT {columns} FROM slug_history"  # noqa: S608 - our own names
        )
        op.drop_table("slug_history")
        op.rename_table("slug_history_new", "slug_history")
        for name in new:
            op.create_index(op.f(f"ix_slug_history_{name}_id"), "slug_history", [f"{name}_id"])
        return
    for check in ("kind", "one_owner"):
        op.drop_constraint(op.f(f"ck_slug_history_{check}"), "slug_history", type_="check")
    for name in old:
        if name not in new:
            op.drop_column("slug_history", f"{name}_id")
    for name in new:
        if name not in old:
            op.add_column("slug_history", sa.Column(f"{name}_id", _key(), nullable=True))
            op.create_foreign_key(
                op.f(f"fk_slug_history_{name}_id_{name}"),
                "slug_history",
                name,
                [f"{name}_id"],
                ["id"],
                ondelete="CASCADE",
            )
            op.create_index(op.f(f"ix_slug_history_{name}_id"), "slug_history", [f"{name}_id"])
    for check, condition in _checks(new).items():
        op.create_check_constraint(op.f(f"ck_slug_history_{check}"), "slug_history", condition)


def _make(table: str, names: Sequence[str]) -> None:
    op.create_table(
        table,
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("slug", sa.String(length=160), nullable=False),
        *(sa.Column(f"{name}_id", _key(), nullable=True) for name in names),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _key(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_slug_history_{check}"))
            for check, condition in _checks(names).items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{name}.id"],
                name=op.f(f"fk_slug_history_{name}_id_{name}"),
                ondelete="CASCADE",
            )
            for name in names
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slug_history")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_slug_history_kind_slug")),
    )


def _checks(names: Sequence[str]) -> dict[str, str]:
    kinds = ", ".join(f"'{name}'" for name in names)
    owner = " AND ".join(f"(kind = '{name}') = ({name}_id IS NOT NULL)" for name in names)
    return {"kind": f"kind IN ({kinds})", "one_owner": owner}


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
