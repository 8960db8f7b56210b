"""Reading parcels with what their carriers told, and when an order will count as received."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from shop.core import clock
from shop.core.db import db
from shop.core.lookups import Asked, Lookup, Rows, askable
from shop.order.carriers.data import link
from shop.order.models import Order, Shipment, ShipmentLine
from shop.order.receipt_dates import EXTENSION
from shop.order.states import OrderState, ParcelState, ShippingState
from shop.order.tracking import Event
from shop.order.tracking import state_of as tracking_state
from shop.order.tracking_models import FormerAddress, TrackingEvent


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel; ``events`` the latest first, ``url`` its page at the carrier's or ""."""

    public_id: str
    carrier: str
    tracking_number: str
    url: str
    shipped_at: datetime
    units: int
    state: ParcelState
    delivered_at: datetime | None
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Travel:
    """The way of an order: its parcels, the latest first, and what its buyer and its shop may do about it."""

    parcels: list[ParcelView]
    delivered_at: datetime | None
    auto_receive_at: datetime | None
    extended_at: datetime | None
    packing_at: datetime | None
    cancel_asked_at: datetime | None
    reminded_at: datetime | None
    former: Rows
    on_its_way: bool

    @property
    def can_extend(self) -> bool:
        """The buyer may take seven days more, once."""
        return self.on_its_way and self.auto_receive_at is not None and self.extended_at is None

    @property
    def received_on(self) -> datetime | None:
        """When it will count as received; None when nothing waits, or a parcel has a problem."""
        held = any(one.state == ParcelState.EXCEPTION for one in self.parcels)
        return self.auto_receive_at if self.on_its_way and not held else None

    @property
    def extended_to(self) -> datetime | None:
        """When it would count as received after an extension."""
        return self.auto_receive_at + EXTENSION if self.auto_receive_at is not None else None

    @property
    def problem(self) -> bool:
        """A carrier met with a problem."""
        return any(one.state == ParcelState.EXCEPTION for one in self.parcels)


@askable
def of_order(order_id: int) -> Lookup[Travel]:
    """The way of one order. One statement."""
    units = (
        select(func.coalesce(func.sum(ShipmentLine.quantity), 0))
        .where(ShipmentLine.shipment_id == Shipment.id)
        .scalar_subquery()
    )
    return Lookup(
        _travel,
        select(
            Order.state,
            Order.shipping_state,
            Order.delivered_at,
            Order.auto_receive_at,
            Order.extended_at,
            Order.packing_at,
            Order.cancel_asked_at,
            Order.reminded_at,
        ).where(Order.id == order_id),
        select(
            Shipment.id,
            Shipment.public_id,
            Shipment.carrier,
            Shipment.tracking_number,
            Shipment.shipped_at,
            Shipment.state,
            Shipment.delivered_at,
            units.label("units"),
        )
        .where(Shipment.order_id == order_id)
        .order_by(Shipment.id.desc()),
        _told()
        .join(Shipment, Shipment.id == TrackingEvent.shipment_id)
        .where(Shipment.order_id == order_id)
        .order_by(TrackingEvent.at.desc(), TrackingEvent.id.desc()),
        select(*FormerAddress.__table__.c)
        .where(FormerAddress.order_id == order_id)
        .order_by(FormerAddress.id),
    )


def _travel(orders: Rows, parcels: Rows, events: Rows, former: Rows) -> Travel:
    (order,) = orders
    told: dict[int, list[Event]] = {}
    for event in events:
        told.setdefault(event.shipment_id, []).append(_event(event))
    return Travel(
        parcels=[_parcel(row, told.get(row.id, [])) for row in parcels],
        delivered_at=order.delivered_at,
        auto_receive_at=order.auto_receive_at,
        extended_at=order.extended_at,
        packing_at=order.packing_at,
        cancel_asked_at=order.cancel_asked_at,
        reminded_at=order.reminded_at,
        former=former,
        on_its_way=(
            order.state == OrderState.OPEN and order.shipping_state == ShippingState.SHIPPED
        ),
    )


def _parcel(row: Any, events: list[Event]) -> ParcelView:
    return ParcelView(
        public_id=row.public_id,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        url=link(row.carrier, row.tracking_number),
        shipped_at=row.shipped_at,
        units=int(row.units),
        state=ParcelState(row.state),
        delivered_at=row.delivered_at,
        events=events,
    )


def _told() -> Asked:
    return select(
        TrackingEvent.shipment_id,
        TrackingEvent.event_id,
        TrackingEvent.at,
        TrackingEvent.kind,
        TrackingEvent.place,
        TrackingEvent.text,
    )


def _event(row: Any) -> Event:
    return Event(row.event_id, row.at, row.kind, row.place, row.text)


def received_on(order_id: int) -> datetime | None:
    """When an order that is on its way counts as received; None for any other."""
    return db.session.scalar(
        select(Order.auto_receive_at).where(
            Order.id == order_id,
            Order.state == OrderState.OPEN,
            Order.shipping_state == ShippingState.SHIPPED,
        )
    )


def to_poll(carriers: Collection[str], limit: int = 50) -> list[tuple[int, str, str]]:
    """Parcels whose carriers are to be asked now: id, carrier and number, the longest due first."""
    return [
        (row.id, row.carrier, row.tracking_number)
        for row in db.session.execute(
            select(Shipment.id, Shipment.carrier, Shipment.tracking_number)
            .where(
                Shipment.poll_at <= clock.now(),
                Shipment.carrier.in_(carriers),
                Shipment.tracking_number != "",
            )
            .order_by(Shipment.poll_at)
            .limit(limit)
        )
    ]


def told(shipment_id: int) -> list[Event]:
    """What the carrier told about a parcel, the earliest first."""
    rows = db.session.execute(
        _told()
        .where(TrackingEvent.shipment_id == shipment_id)
        .order_by(TrackingEvent.at, TrackingEvent.id)
    )
    return [_event(row) for row in rows]


def numbered(number: str) -> list[tuple[int, str, str]]:
    """Parcels of an order, or with a tracking number: id, carrier and tracking number."""
    query = (
        select(Shipment.id, Shipment.carrier, Shipment.tracking_number)
        .join(Order, Order.id == Shipment.order_id)
        .where(or_(Order.number == number, Shipment.tracking_number == number))
        .order_by(Shipment.id)
    )
    return [(row.id, row.carrier, row.tracking_number) for row in db.session.execute(query)]


def differences() -> list[str]:
    """Parcels and orders that do not stand where the carriers' words put them: a sentence each."""
    from_events = select(TrackingEvent.shipment_id, TrackingEvent.kind, TrackingEvent.at).order_by(
        TrackingEvent.shipment_id, TrackingEvent.at, TrackingEvent.id
    )
    kinds: dict[int, list[str]] = {}
    arrived: dict[int, datetime] = {}
    for shipment_id, kind, at in db.session.execute(from_events):
        kinds.setdefault(shipment_id, []).append(kind)
        if kind == "delivered":
            arrived.setdefault(shipment_id, at)
    wrong = []
    for sid, state, delivered_at in db.session.execute(
        select(Shipment.id, Shipment.state, Shipment.delivered_at).where(
            or_(
                Shipment.state != ParcelState.SENT,
                Shipment.id.in_(select(TrackingEvent.shipment_id)),
            )
        )
    ):
        meant = tracking_state(kinds.get(sid, []))
        if state != meant:
            wrong.append(f"shipment {sid}: {state}, but its events mean {meant}")
        elif delivered_at != arrived.get(sid):
            wrong.append(
                f"shipment {sid}: delivered {delivered_at}, its events say {arrived.get(sid)}"
            )
    return wrong + _unwaited()


def _unwaited() -> list[str]:
    """Orders that nothing travels for do not count as received by themselves; delivered ones have arrived."""
    late = select(func.max(Shipment.delivered_at)).where(Shipment.order_id == Order.id)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.delivered_at, late.scalar_subquery()).where(
            Order.delivered_at.is_not(None), Order.delivered_at != late.scalar_subquery()
        )
    )
    wrong = [
        f"order {oid} ({number}): delivered {kept}, its last parcel {real}"
        for oid, number, kept, real in rows
    ]
    idle = db.session.execute(
        select(Order.id, Order.number).where(
            Order.auto_receive_at.is_not(None),
            Order.shipping_state.not_in([ShippingState.SHIPPED, ShippingState.RECEIVED]),
        )
    )
    return wrong + [
        f"order {oid} ({number}): has a date of receipt, yet is not shipped whole"
        for oid, number in idle
    ]
