"""Tables of issued papers: an invoice keeps all that was printed on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasId

SERIES = ("invoice", "credit")


class StoreCounter(Base):
    """The last number that a store gave in a series; its row is what the next number waits for."""

    __tablename__ = "store_counter"

    store_id: Mapped[int] = mapped_column(
        ForeignKey("store.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    series: Mapped[str] = mapped_column(String(16), primary_key=True)
    last: Mapped[int]

    __table_args__ = (CheckConstraint("last > 0", name="last"),)


class Invoice(HasId, Base):
    """An invoice of an order, or the credit note of a refund, as it was issued.

    ``number`` counts without gaps in its store and series; ``label`` is how it was printed.
    ``snapshot`` holds everything else on it (see ``shop.documents.bill_data``), ``buyer`` whom it
    names: apart, so that a person can be erased. ``total_minor`` is what it bills or gives back.
    """

    __tablename__ = "invoice"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="RESTRICT"))
    series: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    refund_id: Mapped[int | None] = mapped_column(
        ForeignKey("refund.id", ondelete="RESTRICT"), unique=True
    )
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    buyer: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        UniqueConstraint("store_id", "series", "number"),
        CheckConstraint("series IN ('invoice', 'credit')", name="series"),
        CheckConstraint("(series = 'credit') = (refund_id IS NOT NULL)", name="refund"),
        CheckConstraint("number > 0 AND total_minor >= 0", name="amounts"),
        Index(
            "uq_invoice_order_id",
            "order_id",
            unique=True,
            sqlite_where=text("series = 'invoice'"),
            postgresql_where=text("series = 'invoice'"),
        ),
    )
