"""What carriers tell about parcels: each word is kept once, and the parcel's state follows from all of them.

A parcel is delivered once any event said so; else it stands where its latest event left it. Carriers use
numbers again: what happened long before the parcel left is about another one, and is not believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import NotFound
from shop.order import lock, receipt_dates, timeline
from shop.order.models import Order, Shipment
from shop.order.states import PARCEL, ParcelState
from shop.order.tracking_models import TrackingEvent

KINDS = ("picked_up", "in_transit", "out_for_delivery", "exception", "delivered")
_BEFORE = timedelta(days=2)
"""Carriers often take a number in before the shop books the parcel; not longer ago than this."""
_FOLLOWED = timedelta(days=60)
_SOON, _LATEST = timedelta(minutes=15), timedelta(hours=6)
_TOLD = {
    ParcelState.OUT_FOR_DELIVERY: "parcel_out",
    ParcelState.EXCEPTION: "parcel_problem",
    ParcelState.DELIVERED: "parcel_delivered",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One word of a carrier. ``event_id`` is its own and unique per parcel; ``kind`` one of ``KINDS``."""

    event_id: str
    at: datetime
    kind: str
    place: str = ""
    text: str = ""


def state_of(kinds: Sequence[str]) -> ParcelState:
    """The state that the kinds of a parcel's events mean, the earliest first."""
    if not kinds:
        return ParcelState.SENT
    if "delivered" in kinds:
        return ParcelState.DELIVERED
    last = kinds[-1]
    return ParcelState.IN_TRANSIT if last == "picked_up" else ParcelState(last)


def record(shipment_id: int, events: Sequence[Event], *, actor: str) -> int:
    """Keep what is new of ``events`` and let parcel and order follow; returns how many were new.

    Telling the same twice changes nothing. Raises ``NotFound``.
    """
    order = _lock(shipment_id)
    parcel = db.session.get_one(Shipment, shipment_id, populate_existing=True)
    believed = [event for event in events if event.at >= parcel.shipped_at - _BEFORE]
    new = sum(_keep(shipment_id, event) for event in believed)
    if new:
        _follow(order, parcel, actor)
    return new


def polled(shipment_id: int, *, news: bool) -> None:
    """A carrier was asked: soon again after news, else twice as late as before; not at all for a parcel
    that is delivered or that has been on its way for sixty days."""
    _lock(shipment_id)
    parcel = db.session.get_one(Shipment, shipment_id, populate_existing=True)
    parcel.polls = 0 if news else parcel.polls + 1
    pause = min(_SOON * 2 ** min(parcel.polls, 8), _LATEST)
    over = parcel.state == ParcelState.DELIVERED or parcel.shipped_at < clock.now() - _FOLLOWED
    parcel.poll_at = None if over else clock.now() + pause


def named(carrier: str, number: str) -> list[int]:
    """The parcels that a carrier's number means: those that left within the last sixty days."""
    return list(
        db.session.scalars(
            select(Shipment.id)
            .where(
                Shipment.carrier == carrier,
                Shipment.tracking_number == number,
                Shipment.shipped_at > clock.now() - _FOLLOWED,
            )
            .order_by(Shipment.id)
        )
    )


def _lock(shipment_id: int) -> Order:
    order_id = db.session.scalar(select(Shipment.order_id).where(Shipment.id == shipment_id))
    if order_id is None:
        raise NotFound("parcel-missing")
    return lock.order(order_id)


def _keep(shipment_id: int, event: Event) -> bool:
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(TrackingEvent)
    kept = db.session.scalar(
        insert.values(
            shipment_id=shipment_id,
            event_id=event.event_id,
            at=min(event.at, clock.now()),  # no carrier knows the future
            kind=event.kind,
            place=event.place[:120],
            text=event.text[:255],
            noted_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["shipment_id", "event_id"])
        .returning(TrackingEvent.id)
    )
    return kept is not None


def _follow(order: Order, parcel: Shipment, actor: str) -> None:
    rows = db.session.execute(
        select(TrackingEvent.kind, TrackingEvent.at, TrackingEvent.place, TrackingEvent.text)
        .where(TrackingEvent.shipment_id == parcel.id)
        .order_by(TrackingEvent.at, TrackingEvent.id)
    ).all()
    old, new = ParcelState(parcel.state), state_of([row.kind for row in rows])
    if new == ParcelState.DELIVERED:
        parcel.delivered_at = min(row.at for row in rows if row.kind == "delivered")
    if new == old:
        if new == ParcelState.DELIVERED:
            db.session.flush()  # the correction looks at all parcels of the order
            receipt_dates.corrected(order)
        return
    PARCEL.check(old, new)
    parcel.state = new
    said = [row for row in rows if row.kind == new][-1:]
    if new in _TOLD:
        timeline.note(
            order.id,
            _TOLD[new],
            actor=actor,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            shipment=parcel.public_id,
            place=said[0].place if said else "",
            text=said[0].text if said else "",
        )
    if new == ParcelState.DELIVERED:
        db.session.flush()  # the date of receipt looks at all parcels of the order
        receipt_dates.delivered(order)
        outbox.record("parcel.delivered", order_id=order.id, shipment_id=parcel.id)
