"""Parcels in time: carriers asked, orders received by themselves, buyers told the day before."""

from collections.abc import Callable, Sequence

import structlog
from flask import current_app

from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs.context import job
from shop.order import receipts, tracking, tracking_queries
from shop.order.carriers.base import CarrierError, CarrierGateway
from shop.order.carriers.registry import build_carriers

log = structlog.get_logger(__name__)


@job
def track_parcels() -> int:
    """Ask carriers about the parcels whose time has come; returns how many were asked about."""
    gateways = build_carriers(current_app.config)
    due = tracking_queries.to_poll(list(gateways)) if gateways else []
    for shipment_id, carrier, number in due:
        ask(gateways[carrier], shipment_id, carrier, number)
    return len(due)


def ask(gateway: CarrierGateway, shipment_id: int, carrier: str, number: str) -> int | None:
    """Ask about one parcel and keep what is new; None when the carrier did not answer."""
    db.session.rollback()  # no read transaction stays open while a carrier is talked to
    try:
        events = gateway.track(number)
    except CarrierError as error:
        log.info("carrier did not answer", carrier=carrier, error=str(error))
        events = None
    with transaction():
        new = tracking.record(shipment_id, events or [], actor=f"carrier:{carrier}")
        tracking.polled(shipment_id, news=bool(new))
    return None if events is None else new


@job
def receive_due() -> int:
    """Count orders as received whose time has come; returns how many were."""
    return _each(receipts.due(), receipts.receive_due)


@job
def remind_receipts() -> int:
    """Tell buyers whose orders count as received within a day; returns how many were told."""
    return _each(receipts.to_remind(), receipts.remind)


def _each(order_ids: Sequence[int], act: Callable[[int], bool]) -> int:
    """A transaction per order; one that is refused does not keep the others."""
    done = 0
    for order_id in order_ids:
        try:
            with transaction():
                done += act(order_id)
        except ShopError as error:
            log.warning("not handled this time", id=order_id, error=str(error))
    return done
