"""Tables of files that wait at the desk: looked at first, then applied as a run."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, Json


class ImportUpload(HasPublicId, HasCreatedAt, Base):
    """A file that somebody brought in, and how far it is.

    ``kept`` is its name in the private storage, ``options`` are ``runs.options``. ``position`` counts
    what is done of the present state (products of the file, then goods it does not name), ``rows_read``
    of ``rows`` says so in rows. ``created`` to ``archived`` count what the dry run found; ``run_id`` is
    the run that applies it. ``code`` and ``params`` tell why it failed.
    """

    __tablename__ = "import_upload"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_run.id", ondelete="SET NULL"), index=True
    )
    actor: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(255))
    kept: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="uploaded")
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    format: Mapped[str] = mapped_column(String(16), default="")
    damaged: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int] = mapped_column(default=0)
    rows_read: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    archived: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(80), default="")
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    checked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "state IN ('uploaded', 'checking', 'checked', 'applying', 'finished', 'cancelled', 'failed')",
            name="state",
        ),
        Index("ix_import_upload_store_id_id", "store_id", "id"),
        Index("ix_import_upload_created_at", "created_at"),
    )


class ImportPreview(HasId, Base):
    """What the dry run found of one product, at its ``position`` of the file.

    ``changes``: as ``runs.changes`` makes them; ``problems``: code, row, whether it refuses, params.
    ``words`` is what searches look in. ``applied`` is what the run did of it, null until then. ``again`` is
    not null while the run is to bring it in again after the end of the file: what it did of it before,
    empty when nothing.
    """

    __tablename__ = "import_preview"

    upload_id: Mapped[int] = mapped_column(ForeignKey("import_upload.id", ondelete="CASCADE"))
    position: Mapped[int]
    row: Mapped[int | None]
    handle: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[str] = mapped_column(String(16))
    product_id: Mapped[int | None] = mapped_column(
        ForeignKey("product.id", ondelete="SET NULL"), index=True
    )
    changes: Mapped[list[Any]] = mapped_column(Json, default=list)
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)
    applied: Mapped[str | None] = mapped_column(String(16))
    again: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        CheckConstraint(
            "verdict IN ('created', 'changed', 'unchanged', 'refused', 'archived')", name="verdict"
        ),
        CheckConstraint(
            "applied IN ('created', 'changed', 'unchanged', 'refused', 'archived')", name="applied"
        ),
        UniqueConstraint("upload_id", "position"),
        Index("ix_import_preview_upload_id_verdict_position", "upload_id", "verdict", "position"),
    )
