"""Tables of the core: outbox, deliveries, changes, audit, idempotency keys, settings, former addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasId


class Outbox(HasId, Base):
    """An event recorded in the transaction that caused it: ids and amounts only."""

    __tablename__ = "outbox"

    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    drained_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_outbox_drained_at_id", "drained_at", "id"),)


class Delivery(HasId, Base):
    """One event on its way to one handler. The unique row makes a second delivery harmless."""

    __tablename__ = "delivery"

    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    handler: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    next_try_at: Mapped[datetime] = mapped_column(default=clock.now)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("outbox_id", "handler"),
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        Index("ix_delivery_state_next_try_at", "state", "next_try_at"),
    )


class ChangeLog(HasId, Base):
    """That something was changed, for whoever keeps what it was made of (``core.changes``).

    ``xid``: PostgreSQL's number of the transaction; none on SQLite.
    """

    __tablename__ = "change_log"

    topic: Mapped[str] = mapped_column(String(32))
    key: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    xid: Mapped[int | None] = mapped_column(index=True)


class AuditEntry(HasId, Base):
    """Who did what to what, for staff and operators; append-only by custom, erased by nobody."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime] = mapped_column(default=clock.now)
    actor: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        Index("ix_audit_entry_store_id_at", "store_id", "at"),
        Index("ix_audit_entry_subject_at", "subject", "at"),
    )


class IdempotencyKey(HasId, Base):
    """A form that must take effect once: the row is inserted first and ends with the result's id."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(100))
    request_hash: Mapped[str] = mapped_column(String(64))
    response: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("scope", "key"),
        Index("ix_idempotency_key_created_at", "created_at"),
    )


class Setting(HasId, Base):
    """Something the operators decided for the whole platform: what the home page shows, help pages."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    value: Mapped[dict[str, Any]]


class SlugHistory(HasId, Base):
    """A slug that something had before; exactly one of the five names whose it was last.

    It lives here because stores and goods share it, and neither knows the other's package.
    """

    __tablename__ = "slug_history"

    kind: Mapped[str] = mapped_column(String(16))
    slug: Mapped[str] = mapped_column(String(160))
    product_id: Mapped[int | None] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("category.id", ondelete="CASCADE"), index=True
    )
    store_id: Mapped[int | None] = mapped_column(
        ForeignKey("store.id", ondelete="CASCADE"), index=True
    )
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), index=True
    )
    brand_id: Mapped[int | None] = mapped_column(
        ForeignKey("brand.id", ondelete="CASCADE"), index=True
    )
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("kind", "slug"),
        CheckConstraint(
            "kind IN ('product', 'category', 'store', 'collection', 'brand')", name="kind"
        ),
        CheckConstraint(
            "(kind = 'product') = (product_id IS NOT NULL)"
            " AND (kind = 'category') = (category_id IS NOT NULL)"
            " AND (kind = 'store') = (store_id IS NOT NULL)"
            " AND (kind = 'collection') = (collection_id IS NOT NULL)"
            " AND (kind = 'brand') = (brand_id IS NOT NULL)",
            name="one_owner",
        ),
    )
