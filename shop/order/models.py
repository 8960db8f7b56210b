"""Tables of orders. Snapshots: a line keeps title, options, SKU and price as they were."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, append_only


class Checkout(HasId, HasCreatedAt, Base):
    """One submission of a cart, paid at once; holds one order per store."""

    __tablename__ = "checkout"

    token: Mapped[str] = mapped_column(String(40), unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    locale: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    method: Mapped[str] = mapped_column(String(24))
    expires_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("total_minor >= 0", name="total"),)


class Order(HasId, Base):
    """What one store sold at one checkout. Three axes of state, each derived or guarded.

    ``items_minor`` Σ unit price × quantity; ``discount_minor`` Σ adjustments (≤ 0) on lines and
    delivery; ``total = items + discount + delivery``, and ``tax_minor`` on top where prices exclude it.
    """

    __tablename__ = "order"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="RESTRICT"))
    checkout_id: Mapped[int] = mapped_column(
        ForeignKey("checkout.id", ondelete="RESTRICT"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(16), default="open")
    payment_state: Mapped[str] = mapped_column(String(16), default="unpaid")
    shipping_state: Mapped[str] = mapped_column(String(16), default="unshipped")
    method: Mapped[str] = mapped_column(String(24))
    locale: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    items_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    delivery_minor: Mapped[int] = mapped_column(default=0)
    tax_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    prices_include_tax: Mapped[bool] = mapped_column(default=True, server_default=true())
    total_minor: Mapped[int]
    # What gift cards and balances paid when it was placed: the rest is due.
    tendered_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    placed_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(40), default="")
    # Receipt, and what a shopper asks of the shop: see receipts.py, asking.py.
    delivered_at: Mapped[datetime | None]
    auto_receive_at: Mapped[datetime | None] = mapped_column(index=True)
    extended_at: Mapped[datetime | None]
    receipt_reminded_at: Mapped[datetime | None]
    packing_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    @property
    def due_minor(self) -> int:
        """What a gateway, a courier or a bank is to pay: the total without the share of cards."""
        return self.total_minor - self.tendered_minor

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.id")
    contact: Mapped["OrderContact"] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('open', 'completed', 'cancelled')", name="state"),
        CheckConstraint(
            "payment_state IN ('unpaid', 'partly_paid', 'paid', 'partly_refunded', 'refunded')",
            name="payment_state",
        ),
        CheckConstraint(
            "shipping_state IN ('unshipped', 'partly_shipped', 'shipped', 'received')",
            name="shipping_state",
        ),
        CheckConstraint(
            "total_minor = items_minor + discount_minor + delivery_minor"
            " + CASE WHEN prices_include_tax THEN 0 ELSE tax_minor END",
            name="total",
        ),
        CheckConstraint("tax_minor >= 0", name="tax"),
        CheckConstraint("tendered_minor >= 0 AND tendered_minor <= total_minor", name="tendered"),
        CheckConstraint(
            "total_minor >= 0 AND discount_minor <= 0 AND delivery_minor >= 0", name="signs"
        ),
        Index("ix_order_store_id_placed_at", "store_id", "placed_at"),
        Index("ix_order_user_id_placed_at", "user_id", "placed_at"),
        Index("ix_order_state_payment_state_expires_at", "state", "payment_state", "expires_at"),
    )


class OrderContact(Base):
    """Whom the order goes to: a side row that can be emptied when a person is erased."""

    __tablename__ = "order_contact"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("order.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str] = mapped_column(String(254), default="", index=True)
    phone: Mapped[str] = mapped_column(String(32), default="")
    phone_key: Mapped[str] = mapped_column(String(32), default="", index=True)
    country: Mapped[str] = mapped_column(String(2), default="")
    province: Mapped[str] = mapped_column(String(80), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    district: Mapped[str] = mapped_column(String(80), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class OrderLine(HasPublicId, Base):
    """One variant of an order, as it was when bought. ``titles``/``options``: locale → text.

    ``discount_minor`` (≤ 0) is the exact sum of its adjustments, so a returned unit carries its share.
    """

    __tablename__ = "order_line"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="RESTRICT"), index=True
    )
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    titles: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sku: Mapped[str] = mapped_column(String(255), default="")
    image_name: Mapped[str | None] = mapped_column(String(120))
    digital_name: Mapped[str | None] = mapped_column(String(255))
    unit_price_minor: Mapped[int]
    quantity: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    tax_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    cancelled: Mapped[int] = mapped_column(default=0)
    shipped: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND unit_price_minor >= 0 AND discount_minor <= 0", name="amounts"
        ),
        CheckConstraint("unit_price_minor * quantity + discount_minor >= 0", name="total"),
        CheckConstraint(
            "cancelled >= 0 AND shipped >= 0 AND cancelled + shipped <= quantity", name="flow"
        ),
        CheckConstraint("returned >= 0 AND returned <= shipped", name="returned"),
        CheckConstraint("tax_minor >= 0", name="tax"),
    )


class Adjustment(HasId, Base):
    """Why a line (or, without a line, the delivery) costs less. ``labels``: locale → sentence."""

    __tablename__ = "adjustment"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    line_id: Mapped[int | None] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), index=True
    )
    source: Mapped[str] = mapped_column(String(24))
    source_id: Mapped[int | None]
    labels: Mapped[dict[str, Any]]
    amount_minor: Mapped[int]

    __table_args__ = (
        CheckConstraint("amount_minor < 0", name="amount"),
        CheckConstraint("source IN ('coupon', 'promotion', 'member', 'delivery')", name="source"),
    )


class Shipment(HasPublicId, Base):
    """A parcel: carrier, tracking number and which units are in it."""

    __tablename__ = "shipment"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    carrier: Mapped[str] = mapped_column(String(24))
    tracking_number: Mapped[str] = mapped_column(String(60), default="", index=True)
    shipped_at: Mapped[datetime] = mapped_column(default=clock.now)
    # What its carrier tells: see tracking.py. ``poll_at``: when it is asked next, for the ``polls``th time.
    state: Mapped[str] = mapped_column(
        String(20), default="sent", server_default="sent", index=True
    )
    delivered_at: Mapped[datetime | None]
    poll_at: Mapped[datetime | None] = mapped_column(index=True)
    polls: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        CheckConstraint(
            "state IN ('sent', 'in_transit', 'out_for_delivery', 'exception', 'delivered')",
            name="state",
        ),
    )


class ShipmentLine(HasId, Base):
    """How many units of a line are in a shipment."""

    __tablename__ = "shipment_line"

    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[int]

    __table_args__ = (
        UniqueConstraint("shipment_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )


class TimelineEntry(HasId, Base):
    """What happened to an order, when, by whom and why. ``detail`` holds ids, amounts and codes."""

    __tablename__ = "timeline_entry"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


append_only(TimelineEntry.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class RedemptionCode(HasId, HasCreatedAt, Base):
    """A code per bought unit of a service, redeemed by staff.

    It is good for ``uses`` visits (a ten-visit card: 10); ``used`` is the sum of its ledger of uses.
    ``redeemed_at``/``redeemed_by``: of the last use. ``reminded_at``: the buyer was told that it ends soon.
    """

    __tablename__ = "redemption_code"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(String(20), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    redeemed_at: Mapped[datetime | None]
    redeemed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    uses: Mapped[int] = mapped_column(default=1, server_default="1")
    used: Mapped[int] = mapped_column(default=0, server_default="0")
    reminded_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'redeemed', 'void')", name="state"),
        CheckConstraint("used >= 0 AND used <= uses", name="used"),
    )
