"""What a shopper asks of the shop before anything is shipped: hurry up, cancel, send it somewhere else."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shop.core import clock, outbox
from shop.core.contact import phone_key
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import delivery, lists, lock, shipping, timeline
from shop.order.models import Order, OrderContact
from shop.order.states import OrderState, ShippingState
from shop.order.tracking_models import FormerAddress
from shop.store import places

AGAIN = timedelta(days=1)
REASONS = ("mind", "mistake", "address", "slow", "cheaper")
"""Why shoppers cancel, as the last part of the order's reason ``by-customer-…``."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom a parcel goes to, and where."""

    name: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    street: str
    postcode: str


def is_late(since: datetime | None, reminded_at: datetime | None) -> bool:
    """Whether the shop may be told: it has been waited for since then, and it was not told within a day."""
    late = since is not None and since < clock.now() - lists.LATE_AFTER
    return late and (reminded_at is None or reminded_at < clock.now() - AGAIN)


def remind(order_id: int, *, actor: str) -> None:
    """Tell the shop that an order is late, once a day. Raises ``Conflict("reminder-too-early")``."""
    row = lock.order(order_id)
    since = row.paid_at or row.placed_at  # one without a payment waits from its beginning
    waits = row.shipping_state == ShippingState.UNSHIPPED and shipping.may_ship(row)
    if not waits or not is_late(since, row.reminded_at):
        raise Conflict("reminder-too-early", number=row.number)
    row.reminded_at = clock.now()
    timeline.note(row.id, "reminded", actor=actor)
    outbox.record("order.reminded", order_id=row.id)


def begin_packing(order_id: int, *, actor: str) -> None:
    """The shop takes the goods in hand: from now on a cancellation needs its word.

    Harmless to repeat. Raises ``Conflict("order-not-shippable")``.
    """
    row = lock.order(order_id)
    if row.state != OrderState.OPEN or not shipping.may_ship(row):
        raise Conflict("order-not-shippable", number=row.number)
    if row.packing_at is None:
        row.packing_at = clock.now()
        timeline.note(row.id, "packing", actor=actor)


def ask_cancellation(row: Order, *, reason: str, actor: str) -> None:
    """The shopper wants to cancel what is being packed; the shop decides. Repeating changes nothing."""
    if row.cancel_asked_at is None:
        row.cancel_asked_at = clock.now()
        timeline.note(row.id, "cancel_asked", actor=actor, reason=reason)
        outbox.record("order.cancel_asked", order_id=row.id)


def decline_cancellation(order_id: int, *, actor: str) -> None:
    """The shop sends it nevertheless. Raises ``Conflict("cancel-not-asked")``."""
    row = lock.order(order_id)
    if row.state != OrderState.OPEN or row.cancel_asked_at is None:
        raise Conflict("cancel-not-asked", number=row.number)
    row.cancel_asked_at = None
    timeline.note(row.id, "cancel_declined", actor=actor)
    outbox.record("order.cancel_declined", order_id=row.id)


def change_address(order_id: int, to: Destination, *, actor: str) -> None:
    """Send an order somewhere else, while nothing has left and nobody packs it.

    Only within its country, where its way of delivery is offered and its taxes are the same. Raises
    ``Conflict``: "address-too-late"; ``Invalid``: "address-other-country", "address-other-price",
    "name-missing", "address-missing".
    """
    row = lock.order(order_id)
    contact = db.session.get(OrderContact, order_id, populate_existing=True)
    if (
        row.state != OrderState.OPEN
        or row.shipping_state != ShippingState.UNSHIPPED
        or row.packing_at is not None
        or contact is None
        or not contact.street
    ):
        raise Conflict("address-too-late", number=row.number)
    if to.country != contact.country:
        raise Invalid("address-other-country", field="country")
    if not to.name.strip():
        raise Invalid("name-missing", field="name")
    if not to.street.strip():
        raise Invalid("address-missing", field="street")
    if not delivery.same_there(row, places.Destination(to.country, to.province, to.postcode)):
        raise Invalid("address-other-price", field="province")
    new = asdict(to)
    old = {name: getattr(contact, name) for name in new}
    if old == new:
        return
    # The timeline is kept for ever and holds no person's address: the old one lies in a row of its own.
    db.session.add(FormerAddress(order_id=order_id, until=clock.now(), **old))
    for name, value in new.items():
        setattr(contact, name, value)
    contact.phone_key = phone_key(to.phone, to.country or "CN") if to.phone else ""
    timeline.note(row.id, "address_changed", actor=actor)
