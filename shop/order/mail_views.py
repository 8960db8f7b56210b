"""What mails say of an order."""

from dataclasses import dataclass, field
from datetime import datetime

from shop.core.db import db
from shop.order import queries
from shop.order.delivery_views import DeliveryView
from shop.order.models import Order
from shop.order.taxes import TaxView
from shop.order.views import AdjustmentView, CodeView, ContactView, LineView, ShipmentView


@dataclass(frozen=True, slots=True)
class OrderMail:
    """An order as its mails need it, in the language it was placed in."""

    number: str
    locale: str
    currency: str
    email: str
    name: str
    store_id: int
    store_name: str
    store_email: str
    timezone: str
    lines: list[LineView]
    adjustments: list[AdjustmentView]
    items_minor: int
    discount_minor: int
    delivery_minor: int
    total_minor: int
    contact: ContactView
    method: str
    payment_state: str
    state: str
    placed_at: datetime
    expires_at: datetime | None
    cancel_reason: str
    shipments: list[ShipmentView]
    codes: list[CodeView]
    has_downloads: bool
    checkout_token: str
    delivery: DeliveryView | None = None
    prices_include_tax: bool = True
    taxes: list[TaxView] = field(default_factory=list)
    tendered_minor: int = 0
    due_minor: int = 0


def order_mail(order_id: int, locale: str | None = None) -> OrderMail | None:
    """The order for a mail; ``locale`` overrides the shopper's (for the merchant's copy)."""
    row = db.session.get(Order, order_id)
    if row is None:
        return None
    view = queries.order_page(row.number, locale or row.locale)
    if view is None:
        return None
    return OrderMail(
        number=view.number,
        locale=locale or view.locale,
        currency=view.currency,
        email=view.contact.email,
        name=view.contact.name,
        store_id=view.store_id,
        store_name=view.store_name,
        store_email=view.store_email,
        timezone=view.timezone,
        lines=view.lines,
        adjustments=view.adjustments,
        items_minor=view.items_minor,
        discount_minor=view.discount_minor,
        delivery_minor=view.delivery_minor,
        total_minor=view.total_minor,
        contact=view.contact,
        method=view.method,
        payment_state=view.payment_state,
        state=view.state,
        placed_at=view.placed_at,
        expires_at=view.expires_at,
        cancel_reason=view.cancel_reason,
        shipments=view.shipments,
        codes=[code for line in view.lines for code in line.codes],
        has_downloads=any(line.digital for line in view.lines),
        checkout_token=view.checkout_token,
        delivery=view.delivery,
        prices_include_tax=view.prices_include_tax,
        taxes=view.taxes,
        tendered_minor=view.tendered_minor,
        due_minor=view.due_minor,
    )
