"""Tables of import runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, Json


class ImportRun(HasPublicId, HasCreatedAt, Base):
    """One import of a file into a store: ``actor`` began it at ``created_at``.

    ``last_brand_id`` is the newest brand there was when it began: those after it may be its own.
    """

    __tablename__ = "import_run"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(255))
    actor: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16), default="running")
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    last_brand_id: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('running', 'finished', 'undoing', 'undone')", name="state"),
        Index("ix_import_run_store_id_id", "store_id", "id"),
    )


class ImportRow(HasId, Base):
    """What a run did to one product of its file.

    ``before``: the rows of the product as they were (``runs.snapshots``), null where there was none;
    ``stock``: [variant id, location id, units added]; ``version`` the product's after the import.
    ``sentence`` says in English why it was refused; ``code`` and ``params`` say so to a page.
    ``undone`` is what became of it when the run was taken back, null until then.
    """

    __tablename__ = "import_row"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    row: Mapped[int | None]
    handle: Mapped[str] = mapped_column(String(255))
    outcome: Mapped[str] = mapped_column(String(16))
    product_id: Mapped[int | None] = mapped_column(
        ForeignKey("product.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(80), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any] | None] = mapped_column(Json)
    undone: Mapped[str | None] = mapped_column(String(16))
    stock: Mapped[list[Any]] = mapped_column(Json, default=list)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)

    __table_args__ = (
        CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'refused')", name="outcome"
        ),
        CheckConstraint(
            "undone IN ('restored', 'deleted', 'archived', 'left', 'gone')", name="undone"
        ),
        Index("ix_import_row_run_id_outcome_id", "run_id", "outcome", "id"),
    )
