"""Lists of orders: the shopper's tabs and the merchant's views."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true

from shop.core import clock
from shop.core.contact import email_key
from shop.core.db import db
from shop.core.lookups import Lookup, askable
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_states import PickupState
from shop.order.list_rows import ready, reviewable, rows_of
from shop.order.models import Order, OrderContact, OrderLine, Shipment
from shop.order.return_models import ReturnRequest
from shop.order.states import OrderState, ParcelState, PaymentState, ShippingState
from shop.order.views import OrderRow

LATE_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class OrderList:
    """A page of orders and where the next begins."""

    rows: list[OrderRow]
    next_cursor: str | None


def _overdue() -> ColumnElement[bool]:
    """The day on which it was to leave, or to lie ready, is over; without one, it waits longer than most."""
    promised = exists().where(OrderDelivery.order_id == Order.id)
    waits = func.coalesce(Order.paid_at, Order.placed_at) < clock.now() - LATE_AFTER
    return or_(
        promised.where(
            OrderDelivery.late_at <= clock.now(),
            func.coalesce(OrderDelivery.pickup_state, "") != PickupState.READY,
        ),
        and_(~promised, waits),
    )


def _unpaid() -> ColumnElement[bool]:
    return and_(
        Order.state == OrderState.OPEN,
        Order.payment_state.in_((PaymentState.UNPAID, PaymentState.PARTLY_PAID)),
        Order.method != "cod",
    )


TABS: dict[str, Any] = {
    "to-pay": _unpaid,
    "to-ship": ready,
    "to-receive": lambda: and_(
        Order.state == OrderState.OPEN, Order.shipping_state == ShippingState.SHIPPED
    ),
    "to-review": reviewable,
    "refunds": lambda: or_(
        Order.payment_state.in_([PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED]),
        exists().where(ReturnRequest.order_id == Order.id),
    ),
}

VIEWS: dict[str, Any] = {
    "open": lambda: Order.state == OrderState.OPEN,
    "to-ship": ready,
    "late": lambda: and_(ready(), _overdue()),
    "unpaid": _unpaid,
    "shipped": lambda: and_(
        Order.state == OrderState.OPEN, Order.shipping_state == ShippingState.SHIPPED
    ),
    "problem": lambda: and_(
        Order.state == OrderState.OPEN,
        exists().where(Shipment.order_id == Order.id, Shipment.state == ParcelState.EXCEPTION),
    ),
    "cancel-asked": lambda: and_(
        Order.state == OrderState.OPEN,
        Order.cancel_asked_at.is_not(None),
        Order.shipping_state == ShippingState.UNSHIPPED,
    ),
    "refunded": lambda: Order.payment_state.in_(
        [PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED]
    ),
    "cancelled": lambda: Order.state == OrderState.CANCELLED,
}


def of_user(
    user_id: int,
    locale: str,
    *,
    tab: str = "",
    q: str = "",
    after: str | None = None,
    limit: int = 10,
) -> OrderList:
    """A shopper's orders, newest first, within one tab."""
    query = select(Order.id).where(Order.user_id == user_id)
    if tab in TABS:
        query = query.where(TABS[tab]())
    if q:
        query = query.where(_matches(q))
    return _page(query, locale, after, limit)


@askable
def tab_counts(user_id: int) -> Lookup[dict[str, int]]:
    """How many of a shopper's orders wait in each tab."""
    return _counts(Order.user_id == user_id, TABS)


def of_stores(
    store_ids: Sequence[int],
    locale: str,
    *,
    view: str = "",
    q: str = "",
    after: str | None = None,
    limit: int = 40,
) -> OrderList:
    """Orders of some stores, newest first: a saved view, and words in number, phone, name, tracking."""
    query = select(Order.id).where(Order.store_id.in_(store_ids))
    if view in VIEWS:
        query = query.where(VIEWS[view]())
    if q:
        query = query.where(_matches(q))
    return _page(query, locale, after, limit)


@askable
def view_counts(store_ids: Sequence[int]) -> Lookup[dict[str, int]]:
    """How many orders are in each view, and in all (key ``""``)."""
    return _counts(Order.store_id.in_(store_ids), VIEWS | {"": true})


def _counts(mine: ColumnElement[bool], named: dict[str, Any]) -> Lookup[dict[str, int]]:
    columns = [
        func.count().filter(make()).label(f"n{at}") for at, make in enumerate(named.values())
    ]
    return Lookup(
        lambda rows: dict(zip(named, rows[0], strict=True)),
        select(*columns).select_from(Order).where(mine),
    )


def _matches(q: str) -> ColumnElement[bool]:
    text = q.strip()[:80]
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    anywhere = f"%{escaped}%"
    digits = "".join(ch for ch in text if ch.isdigit())
    contact = [
        OrderContact.name.ilike(anywhere, escape="\\"),
        OrderContact.email_key == email_key(text),
    ]
    if len(digits) >= 4:
        contact.append(OrderContact.phone_key.like(f"%{digits}"))
    return or_(
        Order.number.ilike(f"{escaped}%", escape="\\"),
        exists().where(OrderContact.order_id == Order.id, or_(*contact)),
        exists().where(
            Shipment.order_id == Order.id, Shipment.tracking_number.in_([text, text.upper()])
        ),
        exists().where(OrderLine.order_id == Order.id, OrderLine.sku == text),
    )


def _page(query: Select[int], locale: str, after: str | None, limit: int) -> OrderList:
    position = _decode(after)
    if position is not None:
        at, order_id = position
        query = query.where(
            or_(Order.placed_at < at, and_(Order.placed_at == at, Order.id < order_id))
        )
    query = query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit + 1)
    found = list(db.session.scalars(query))
    rows = rows_of(found[:limit], locale)
    cursor = _encode(rows[-1].placed_at, rows[-1].id) if len(found) > limit and rows else None
    return OrderList(rows, cursor)


def _encode(at: datetime, order_id: int) -> str:
    raw = f"{at.timestamp():.6f}:{order_id}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str | None) -> tuple[datetime, int] | None:
    """A cursor's place, or None for none and for garbage (the list then starts anew)."""
    if not cursor or len(cursor) > 80:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        at, order_id = raw.split(":")
        return datetime.fromtimestamp(float(at), UTC), int(order_id)
    except (ValueError, OverflowError, OSError, binascii.Error):
        return None
