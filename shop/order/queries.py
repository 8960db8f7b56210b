"""Reading one order, whole, in a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from shop.core import clock
from shop.core.contact import email_key, phone_key
from shop.core.db import db
from shop.core.i18n import pick
from shop.core.ids import normalise_number
from shop.core.lookups import Lookup, Rows, together
from shop.order import line_queries, taxes
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_views import delivery_view
from shop.order.models import (
    Adjustment,
    Checkout,
    Order,
    OrderContact,
    OrderLine,
    Shipment,
    ShipmentLine,
    TimelineEntry,
)
from shop.order.states import AWAITING, OrderState, PaymentState, ShippingState
from shop.order.views import (
    AdjustmentView,
    ContactView,
    EventView,
    OrderView,
    ShipmentView,
)
from shop.store.models import Store, StoreTranslation


def id_of(number: str, store_ids: Sequence[int] | None = None) -> int | None:
    """The id of an order by its number, only among ``store_ids`` when given."""
    query = select(Order.id).where(Order.number == number)
    if store_ids is not None:
        query = query.where(Order.store_id.in_(store_ids))
    return db.session.scalar(query)


def order_page(
    number: str, locale: str, *, store_ids: Sequence[int] | None = None
) -> OrderView | None:
    """Everything of one order, worded in ``locale`` where it was kept in several languages. Two statements,
    three with downloads."""
    query = (
        select(Order, OrderContact, Checkout.token, Store, OrderDelivery)
        .join(Store, Store.id == Order.store_id)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .outerjoin(OrderDelivery, OrderDelivery.order_id == Order.id)
        .where(Order.number == number)
    )
    if store_ids is not None:
        query = query.where(Order.store_id.in_(store_ids))
    found = db.session.execute(query).first()
    if found is None:
        return None
    row, contact, token, store, delivery = found
    names: Lookup[dict[str, str]] = Lookup(
        dict,
        select(StoreTranslation.locale, StoreTranslation.name).where(
            StoreTranslation.store_id == store.id
        ),
    )
    siblings = Lookup(
        _first_column,
        select(Order.number)
        .where(Order.checkout_id == row.checkout_id, Order.id != row.id)
        .order_by(Order.id),
    )
    lines = line_queries.of_order.later(row.id, row.placed_at, locale)
    adjustments, shipments = _adjustments(row.id, locale), _shipments(row.id)
    events, taxed = _timeline(row.id), taxes.of_order.later(row.id)
    together(names, siblings, lines, adjustments, shipments, events, taxed)
    return OrderView(
        id=row.id,
        number=row.number,
        store_id=store.id,
        store_slug=store.slug,
        store_name=pick(names.found, locale) or store.slug,
        store_mark=store.mark,
        store_email=store.contact_email,
        timezone=store.timezone,
        checkout_id=row.checkout_id,
        checkout_token=token,
        user_id=row.user_id,
        state=OrderState(row.state),
        payment_state=PaymentState(row.payment_state),
        shipping_state=ShippingState(row.shipping_state),
        method=row.method,
        locale=row.locale,
        currency=row.currency,
        items_minor=row.items_minor,
        discount_minor=row.discount_minor,
        delivery_minor=row.delivery_minor,
        total_minor=row.total_minor,
        tendered_minor=row.tendered_minor,
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        received_at=row.received_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        contact=contact_view(contact),
        lines=lines.found,
        adjustments=adjustments.found,
        shipments=shipments.found,
        timeline=events.found,
        siblings=siblings.found,
        delivery=delivery_view(delivery, locale),
        tax_minor=row.tax_minor,
        prices_include_tax=row.prices_include_tax,
        taxes=taxed.found,
    )


def contact_view(row: OrderContact | None) -> ContactView:
    """Whom an order goes to, as plain values; nobody, when the person was erased."""
    if row is None:
        return ContactView()
    return ContactView(
        row.name,
        row.email,
        row.phone,
        row.country,
        row.province,
        row.city,
        row.district,
        row.street,
        row.postcode,
        row.note,
        row.email_key,
        row.phone_key,
    )


def _first_column(rows: Rows) -> list[str]:
    return [row[0] for row in rows]


def _adjustments(order_id: int, locale: str) -> Lookup[list[AdjustmentView]]:
    def read(rows: Rows) -> list[AdjustmentView]:
        sums: dict[tuple[str, int | None], AdjustmentView] = {}
        for row in rows:
            key = (row.source, row.source_id)
            amount = row.amount_minor + (sums[key].amount_minor if key in sums else 0)
            sums[key] = AdjustmentView(row.source, pick(row.labels, locale), amount)
        return list(sums.values())

    return Lookup(
        read,
        select(Adjustment.source, Adjustment.source_id, Adjustment.labels, Adjustment.amount_minor)
        .where(Adjustment.order_id == order_id)
        .order_by(Adjustment.id),
    )


def _shipments(order_id: int) -> Lookup[list[ShipmentView]]:
    return Lookup(
        lambda rows: [ShipmentView(*row) for row in rows],
        select(
            Shipment.public_id,
            Shipment.carrier,
            Shipment.tracking_number,
            Shipment.shipped_at,
            func.coalesce(func.sum(ShipmentLine.quantity), 0).label("units"),
        )
        .outerjoin(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .where(Shipment.order_id == order_id)
        .group_by(Shipment.id)
        .order_by(Shipment.id),
    )


def _timeline(order_id: int) -> Lookup[list[EventView]]:
    return Lookup(
        lambda rows: [EventView(*row) for row in rows],
        select(TimelineEntry.at, TimelineEntry.kind, TimelineEntry.actor, TimelineEntry.detail)
        .where(TimelineEntry.order_id == order_id)
        .order_by(TimelineEntry.id),
    )


def find(number: str, contact: str) -> str | None:
    """The number of the order that ``number`` means, if ``contact`` is its e-mail or phone."""
    number = normalise_number(number)
    row = db.session.execute(
        select(OrderContact.email_key, OrderContact.phone_key, OrderContact.country)
        .join(Order, Order.id == OrderContact.order_id)
        .where(Order.number == number)
    ).first()
    if row is None or not contact.strip():
        return None
    if row.email_key and email_key(contact) == row.email_key:
        return number
    if row.phone_key and phone_key(contact, row.country or "CN") == row.phone_key:
        return number
    return None


def of_checkout(token: str) -> list[str]:
    """The numbers of the orders of a checkout, in the order they were made."""
    return list(
        db.session.scalars(
            select(Order.number)
            .join(Checkout, Checkout.id == Order.checkout_id)
            .where(Checkout.token == token)
            .order_by(Order.id)
        )
    )


def due_for_expiry(limit: int = 200, at: datetime | None = None) -> list[int]:
    """Open orders whose time is over and that nothing or a card alone has paid for, oldest first: what
    was transferred in part ends by a job of its own."""
    tendered = and_(Order.payment_state == PaymentState.PARTLY_PAID, Order.tendered_minor > 0)
    return list(
        db.session.scalars(
            select(Order.id)
            .where(
                Order.state == OrderState.OPEN,
                or_(Order.payment_state == PaymentState.UNPAID, tendered),
                Order.expires_at <= (at or clock.now()),
            )
            .order_by(Order.expires_at)
            .limit(limit)
        )
    )


def awaits_payment(token: str) -> bool:
    """Whether some order of the checkout waits for money from a provider."""
    query = (
        select(Order.id)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .where(
            Checkout.token == token,
            Order.state == OrderState.OPEN,
            Order.payment_state.in_(AWAITING),
            Order.method != "cod",
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def of_line(line: str) -> tuple[int, str] | None:
    """The id and the number of the order that a line (its public id) belongs to."""
    row = db.session.execute(
        select(Order.id, Order.number)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.public_id == line)
    ).first()
    return (row.id, row.number) if row is not None else None


def checkout_of(order_id: int) -> int:
    """The checkout that an order belongs to."""
    return db.session.execute(select(Order.checkout_id).where(Order.id == order_id)).scalar_one()


def contents(order_id: int) -> dict[int, int]:
    """Variant and quantity of each line of an order, in their order: to be bought once more."""
    return dict(
        db.session.execute(
            select(OrderLine.variant_id, OrderLine.quantity)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.id)
        ).all()
    )
