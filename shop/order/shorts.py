"""Units of orders that a count did not find, and what of a line can leave the house now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.inventory.models import Reservation, StockLevel
from shop.order import lock, money, timeline
from shop.order.handover_models import OrderLinePart
from shop.order.models import Order, OrderLine
from shop.order.states import OrderState


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a line's units that are still to leave: how many are short, and how many lie ready."""

    short: int
    ready: int


@askable
def standing(line_ids: Collection[int]) -> Lookup[dict[int, Standing]]:
    """How the lines stand that hold stock; those that need none are left out. One statement."""
    if not line_ids:
        return Lookup(dict)
    is_short = Reservation.state == "short"
    lies = case(
        (is_short, 0),
        (Reservation.quantity < StockLevel.on_hand, Reservation.quantity),
        else_=StockLevel.on_hand,
    )
    each = func.coalesce(OrderLinePart.quantity, 1)
    query = (
        select(
            Reservation.order_line_id,
            each.label("units"),
            func.sum(case((is_short, Reservation.quantity), else_=0)).label("short"),
            func.sum(lies).label("ready"),
        )
        .join(
            StockLevel,
            (StockLevel.variant_id == Reservation.variant_id)
            & (StockLevel.location_id == Reservation.location_id),
        )
        .outerjoin(
            OrderLinePart,
            (OrderLinePart.line_id == Reservation.order_line_id)
            & (OrderLinePart.variant_id == Reservation.variant_id),
        )
        .where(Reservation.order_line_id.in_(line_ids), Reservation.state.in_(("open", "short")))
        .group_by(Reservation.order_line_id, Reservation.variant_id, each)
    )
    return Lookup(_read, query)


def _read(rows: Rows) -> dict[int, Standing]:
    found: dict[int, Standing] = {}
    for line_id, units, short, ready in rows:
        before = found.get(line_id)
        missing, there = -(-int(short) // units), int(ready) // units
        found[line_id] = Standing(
            max(missing, before.short if before else 0),
            min(there, before.ready) if before else there,
        )
    return found


def note(kind: str, lines: Sequence[Sequence[int]], *, actor: str) -> None:
    """Tell the orders that units of their lines (id, units) are ``short`` or ``filled``, in their timelines.

    What needs no parcel is handed over as soon as it is there again.
    """
    units = {int(line_id): int(number) for line_id, number in lines}
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.order_id, OrderLine.public_id)
        .where(OrderLine.id.in_(units))
        .order_by(OrderLine.order_id, OrderLine.id)
    ).all()
    orders: dict[int, list[tuple[int, str]]] = {}
    for line_id, order_id, public_id in rows:
        orders.setdefault(order_id, []).append((line_id, public_id))
    for order_id, of_order in orders.items():
        timeline.note(
            order_id,
            kind,
            actor=actor,
            units=sum(units[line_id] for line_id, _ in of_order),
            lines={public_id: units[line_id] for line_id, public_id in of_order},
        )
        if kind == "filled":
            money.hand_over_rest(lock.order(order_id))


def numbers_of(line_ids: Collection[int]) -> list[str]:
    """The numbers of the orders of some lines, oldest first."""
    return list(
        db.session.scalars(
            select(Order.number)
            .where(Order.id.in_(select(OrderLine.order_id).where(OrderLine.id.in_(line_ids))))
            .order_by(Order.id)
        )
    )


@askable
def waiting(store_ids: Sequence[int]) -> Lookup[tuple[int, str | None]]:
    """How many open orders of some stores have units that are short, and the number of an oldest one."""
    return Lookup(
        lambda rows: (rows[0].many, rows[0].first),
        select(
            func.count(func.distinct(Order.id)).label("many"), func.min(Order.number).label("first")
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Reservation, Reservation.order_line_id == OrderLine.id)
        .where(
            Order.store_id.in_(store_ids),
            Order.state == OrderState.OPEN,
            Reservation.state == "short",
        ),
    )
