"""What pages, mails and the admin read of an order: plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shop.core import clock
from shop.order.delivery_views import DeliveryView
from shop.order.downloads import DownloadView
from shop.order.states import AWAITING, OrderState, PaymentState, ShippingState
from shop.order.taxes import TaxView


@dataclass(frozen=True, slots=True)
class LineView:
    """A bought line in the reader's language. ``total_minor`` is after its discounts."""

    id: int
    public_id: str
    product_id: int
    product_slug: str
    kind: str
    title: str
    options: str
    sku: str
    image_name: str | None
    unit_price_minor: int
    quantity: int
    discount_minor: int
    cancelled: int
    shipped: int
    returned: int
    codes: list["CodeView"]
    digital: bool
    review: str | None = None
    downloads: DownloadView | None = None
    parts: tuple["PartView", ...] = ()

    @property
    def total_minor(self) -> int:
        """What the line costs after its discounts."""
        return self.unit_price_minor * self.quantity + self.discount_minor

    @property
    def to_ship(self) -> int:
        """Units that are still to leave the house."""
        return self.quantity - self.cancelled - self.shipped


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a bought bundle: ``quantity`` units in each of the line's."""

    title: str
    options: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CodeView:
    """A redemption code of a service line: good for ``uses`` visits, ``used`` of which are over."""

    code: str
    state: str
    expires_at: datetime | None
    redeemed_at: datetime | None
    uses: int = 1
    used: int = 0

    @property
    def left(self) -> int:
        """Visits that remain."""
        return self.uses - self.used

    @property
    def expired(self) -> bool:
        """Its time is over before it was used up."""
        return (
            self.state == "open" and self.expires_at is not None and self.expires_at <= clock.now()
        )


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """A reason the order costs less, summed over the lines it was split on."""

    source: str
    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A parcel."""

    public_id: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    units: int


@dataclass(frozen=True, slots=True)
class EventView:
    """An entry of the timeline; the edge words its kind."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whom the order goes to."""

    name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""
    note: str = ""
    email_key: str = ""
    phone_key: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything a page shows of one order."""

    id: int
    number: str
    store_id: int
    store_slug: str
    store_name: str
    store_mark: str | None
    store_email: str
    timezone: str
    checkout_id: int
    checkout_token: str
    user_id: int | None
    state: OrderState
    payment_state: PaymentState
    shipping_state: ShippingState
    method: str
    locale: str
    currency: str
    items_minor: int
    discount_minor: int
    delivery_minor: int
    total_minor: int
    placed_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    contact: ContactView
    lines: list[LineView]
    adjustments: list[AdjustmentView]
    shipments: list[ShipmentView]
    timeline: list[EventView]
    siblings: list[str] = field(default_factory=list)
    delivery: DeliveryView | None = None
    tax_minor: int = 0
    prices_include_tax: bool = True
    taxes: list[TaxView] = field(default_factory=list)
    tendered_minor: int = 0

    @property
    def due_minor(self) -> int:
        """What is paid by other means than cards and balances."""
        return self.total_minor - self.tendered_minor

    @property
    def physical(self) -> bool:
        """Whether anything travels in a parcel."""
        return any(line.kind == "physical" for line in self.lines)

    @property
    def pickup(self) -> str:
        """The state of what is fetched, "" for what is sent."""
        state = self.delivery.pickup_state if self.delivery is not None else None
        return str(state or "")

    @property
    def can_pay(self) -> bool:
        """Money is still to come before it is packed."""
        return (
            self.state == OrderState.OPEN
            and self.payment_state in AWAITING
            and self.method != "cod"
        )

    @property
    def can_cancel(self) -> bool:
        """By the shopper: nothing has left the house."""
        return self.state == OrderState.OPEN and self.shipping_state == ShippingState.UNSHIPPED

    @property
    def can_ship(self) -> bool:
        """Staff may send what is left."""
        paid = self.payment_state in {PaymentState.PAID, PaymentState.PARTLY_REFUNDED}
        return (
            self.state == OrderState.OPEN
            and (paid or self.method == "cod")
            and any(line.to_ship > 0 for line in self.lines)
        )

    @property
    def can_receive(self) -> bool:
        """The shopper may confirm receipt."""
        return self.state == OrderState.OPEN and self.shipping_state == ShippingState.SHIPPED

    @property
    def can_review(self) -> bool:
        """The shopper may say what they think of it."""
        return self.shipping_state == ShippingState.RECEIVED and not self.replaces

    @property
    def replaces(self) -> str:
        """The number of the order whose goods it was sent in exchange for; "" for any other order."""
        made = (e.detail["number"] for e in self.timeline if e.kind == "replaces")
        return str(next(made, ""))

    @property
    def downloads_open(self) -> bool:
        """Digital lines may be fetched: paid, and not given back."""
        return self.state != OrderState.CANCELLED and self.payment_state in {
            PaymentState.PAID,
            PaymentState.PARTLY_REFUNDED,
        }


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of an order list. ``thumbs``: image names of the first lines; ``pickup``: the state of what is
    fetched, "" for what is sent."""

    id: int
    number: str
    store_id: int
    store_name: str
    state: OrderState
    payment_state: PaymentState
    shipping_state: ShippingState
    method: str
    currency: str
    total_minor: int
    placed_at: datetime
    expires_at: datetime | None
    customer: str
    first_title: str
    first_options: str
    line_count: int
    units: int
    thumbs: list[str]
    carrier: str
    tracking_number: str
    checkout_token: str
    ready_to_ship: bool
    reviewable: bool
    pickup: str = ""
    returning: str = ""
    tendered_minor: int = 0

    @property
    def due_minor(self) -> int:
        """What is paid by other means than cards and balances."""
        return self.total_minor - self.tendered_minor
