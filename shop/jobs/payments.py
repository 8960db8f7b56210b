"""Payments and refunds in time: asked about, submitted, and unpaid orders ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from shop.core.db import db
from shop.core.errors import ShopError
from shop.jobs.context import job
from shop.jobs.gateways import gateways
from shop.order import queries as orders
from shop.payment import flows, queries

log = structlog.get_logger(__name__)


@job
def poll() -> int:
    """Ask providers about the attempts whose time has come; returns how many were asked about."""
    return _each(queries.due_for_query(), lambda number: flows.refresh(number, gateways()))


@job
def submit_refunds() -> int:
    """Send refunds whose time has come, or ask about those that were sent; returns how many."""
    return _each(queries.due_refunds(), lambda number: flows.submit_refund(number, gateways()))


@job
def expire_orders() -> int:
    """End unpaid orders whose time is over and give back what they held; returns how many were due."""
    return _each(orders.due_for_expiry(), lambda number: flows.expire(number, gateways()))


def submit_refund(payload: Mapping[str, Any], delivery_id: int) -> None:
    """``refund.requested``: send it at once. What stays unknown is ``submit_refunds``' business."""
    flows.submit_refund(payload["refund_id"], gateways())


def close_left(payload: Mapping[str, Any], delivery_id: int) -> None:
    """``payment.left``: the shopper pays another way; make the old attempt unpayable, unless it was paid."""
    flows.refresh(payload["payment_id"], gateways())


def _each(ids: Sequence[int], act: Callable[[int], object]) -> int:
    db.session.rollback()  # no read transaction stays open while a provider is talked to
    done = 0
    for number in ids:
        try:
            act(number)
        except ShopError as error:  # one that cannot be handled does not keep the others
            log.warning("not handled this time", id=number, error=str(error))
        else:
            done += 1
    return done
