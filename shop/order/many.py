"""Shipping many orders from a list: each line "order number, tracking number, carrier", typed, pasted or scanned.

A scanner sends the order's barcode and then the parcel's, each with Enter: so a line with an order number
alone is followed by the line with its tracking number.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from shop.core import ids
from shop.core.db import db
from shop.order import shipping
from shop.order.carriers import data
from shop.order.models import Order, OrderContact, OrderLine, Shipment
from shop.order.states import OrderState

MOST = 200
_APART = re.compile(r"[\t,;，；]+|\s+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A line that was read: ``number`` of the order, "" where none was recognised in ``text``."""

    text: str
    number: str
    tracking_number: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line and what would come of it. ``problem``: a code, "" when it can be shipped; ``hint``: a code
    of something to look at. ``carrier`` is the one that was named or guessed, or the usual one."""

    wish: Wish
    carrier: str
    order_id: int | None
    customer: str
    units: int
    problem: str
    hint: str = ""


def read(text: str) -> list[Wish]:
    """The lines of ``text``; blank ones and a head line of a file are left out."""
    found: list[Wish] = []
    waiting: Wish | None = None
    for raw in text.splitlines():
        line = raw.strip().strip("\ufeff").replace('"', "")
        parts = [part for part in _APART.split(line) if part]
        if not parts:
            continue
        number = ids.normalise_number(parts[0])
        known = ids.is_order_number(number)
        if waiting is not None and not known:  # the parcel that belongs to the order before
            found.append(_wish(f"{waiting.text} {line}", waiting.number, parts))
            waiting = None
            continue
        if waiting is not None:
            found.append(waiting)
            waiting = None
        if known and len(parts) == 1:
            waiting = Wish(line, number)
        elif known:
            found.append(_wish(line, number, parts[1:]))
        elif found or any(ch.isdigit() for ch in line):
            found.append(Wish(line[:120], ""))
    if waiting is not None:
        found.append(waiting)
    return found


def _wish(text: str, number: str, parts: Sequence[str]) -> Wish:
    carrier = data.code_of(" ".join(parts[1:])) if len(parts) > 1 else ""
    if not carrier and len(parts) > 1:
        carrier = data.code_of(parts[0])
        if carrier:
            return Wish(text[:120], number, parts[1], carrier)
        carrier = "?"
    return Wish(text[:120], number, parts[0], carrier)


def look(
    wishes: Sequence[Wish], store_ids: Collection[int], carriers: Sequence[str], usual: str
) -> list[Row]:
    """What would come of each line, for orders of some stores. Three statements."""
    numbers = {wish.number for wish in wishes if wish.number}
    left = func.sum(OrderLine.quantity - OrderLine.cancelled - OrderLine.shipped)
    orders = {
        row[0].number: row
        for row in db.session.execute(
            select(Order, OrderContact.name, left)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .outerjoin(OrderContact, OrderContact.order_id == Order.id)
            .where(Order.number.in_(numbers), Order.store_id.in_(store_ids))
            .group_by(Order.id, OrderContact.name)
        )
    }
    tracked = {wish.tracking_number for wish in wishes if wish.tracking_number}
    used = set(
        db.session.scalars(
            select(Shipment.tracking_number)
            .join(Order, Order.id == Shipment.order_id)
            .where(Shipment.tracking_number.in_(tracked), Order.store_id.in_(store_ids))
        )
    )
    rows, seen, parcels = [], set(), set()
    for wish in wishes:
        row = orders.get(wish.number)
        order, customer, units = row if row is not None else (None, "", 0)
        carrier = wish.carrier or data.guess(wish.tracking_number, carriers) or usual
        problem = _problem(wish, order, int(units or 0), carriers)
        if not problem and wish.number in seen:
            problem = "twice"
        seen.add(wish.number)
        again = wish.tracking_number in used or wish.tracking_number in parcels
        parcels.add(wish.tracking_number)
        rows.append(
            Row(
                wish=wish,
                carrier=carrier if carrier in carriers else usual,
                order_id=order.id if order is not None else None,
                customer=customer or "",
                units=int(units or 0),
                problem=problem,
                hint="number-used" if again and wish.tracking_number and not problem else "",
            )
        )
    return rows


def _problem(wish: Wish, order: Order | None, units: int, carriers: Sequence[str]) -> str:
    if not wish.number:
        return "unreadable"
    if order is None:
        return "order-unknown"
    if not wish.tracking_number:
        return "no-number"
    if len(wish.tracking_number) > 60:
        return "number-long"
    if wish.carrier and wish.carrier not in carriers:
        return "carrier-unknown"
    if order.state != OrderState.OPEN:
        return "closed"
    if not units:
        return "shipped"
    if not shipping.may_ship(order):
        return "unpaid"
    return "cancel-asked" if order.cancel_asked_at is not None else ""
