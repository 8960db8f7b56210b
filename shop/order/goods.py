"""What the lines of an order take from stock: their variant, or the parts of a bundle as they were bought.

Everything that reserves, ships, cancels or takes back units of a line goes through here, so that a bundle
moves the stock of its parts and nothing else. Verbs on several lines begin with ``hold``.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from shop.catalog.bundles import Part
from shop.core.db import db
from shop.inventory import levels, reservation_queries, reservations
from shop.inventory import services as inventory
from shop.order.handover_models import OrderLinePart
from shop.order.models import OrderLine

Units = Sequence[tuple[OrderLine, int]]
"""Lines, with units of each."""


def wanted(
    line: OrderLine, store_id: int, parts: Sequence[Part], tracked: bool
) -> list[reservations.Wanted]:
    """Note the parts of a new line, and say what is to be reserved for it."""
    for part in parts:
        db.session.add(
            OrderLinePart(
                line_id=line.id,
                variant_id=part.variant_id,
                quantity=part.quantity,
                reserved=part.tracked,
                titles=dict(part.titles),
                options=dict(part.options),
                sku=part.sku,
            )
        )
    if parts:
        return [
            reservations.Wanted(line.id, part.variant_id, store_id, line.quantity * part.quantity)
            for part in parts
            if part.tracked
        ]
    if tracked:
        return [reservations.Wanted(line.id, line.variant_id, store_id, line.quantity)]
    return []


def wanted_again(lines: Sequence[OrderLine], store_id: int) -> list[reservations.Wanted]:
    """What lines of an order that comes back to life are to reserve."""
    takes = _takes(lines)
    return [
        reservations.Wanted(line.id, variant_id, store_id, line.quantity * quantity)
        for line in lines
        for variant_id, quantity in takes[line.id]
    ]


def hold(lines: Iterable[OrderLine]) -> None:
    """Lock the stock of everything that these lines take, in the one order of levels."""
    lines = list(lines)
    parts = select(OrderLinePart.variant_id).where(
        OrderLinePart.line_id.in_([line.id for line in lines])
    )
    levels.hold({line.variant_id for line in lines} | set(db.session.scalars(parts)))


def ready(wanted: Units) -> dict[int, int]:
    """Line → how many of the units that are to leave lie on the shelf for it."""
    lines = [line for line, _ in wanted]
    takes = _takes(lines)
    there = reservation_queries.ready([line.id for line in lines])
    return {
        line.id: max(
            0,
            min([units, *(there.get((line.id, vid), 0) // each for vid, each in takes[line.id])]),
        )
        for line, units in wanted
    }


def consume(wanted: Units, *, actor: str, source: str) -> None:
    """So many units of each line leave the house. Raises ``StockShort`` if fewer are reserved."""
    if not wanted:
        return
    reservations.consume(_held(wanted), actor=actor, source=source)


def release(cancelled: Units) -> None:
    """So many units of each line, that were not sent, are free again."""
    if cancelled:
        reservations.release_units(_held(cancelled))


def put_back(returned: Units, *, actor: str, source: str) -> None:
    """So many returned units of each line go back to where they came from."""
    if not returned:
        return
    places = reservation_queries.locations_of_sale([line.id for line, _ in returned])
    inventory.put_back(
        [
            levels.Step(one.variant_id, places[one.order_line_id, one.variant_id], one.quantity)
            for one in _held(returned)
            if (one.order_line_id, one.variant_id) in places
        ],
        actor=actor,
        source=source,
    )


def _held(wanted: Units) -> list[reservations.Held]:
    """What units of lines are in stock: of a bundle, its parts."""
    takes = _takes([line for line, _ in wanted])
    return [
        reservations.Held(line.id, variant_id, units * each)
        for line, units in wanted
        for variant_id, each in takes[line.id]
    ]


def _takes(lines: Sequence[OrderLine]) -> dict[int, list[tuple[int, int]]]:
    """Line → variants and units of each per unit of it, by the variant's id; nothing that is not counted.
    Two statements."""
    takes: dict[int, dict[int, int]] = {line.id: {} for line in lines}
    bundles = set()
    for row in db.session.scalars(
        select(OrderLinePart).where(OrderLinePart.line_id.in_(takes)).order_by(OrderLinePart.id)
    ):
        bundles.add(row.line_id)
        if row.reserved:
            takes[row.line_id][row.variant_id] = row.quantity
    for line in lines:
        if line.id not in bundles:
            takes[line.id][line.variant_id] = 1
    kept = reservation_queries.kept(
        {variant_id for of_line in takes.values() for variant_id in of_line}
    )
    return {
        line_id: [(vid, units) for vid, units in sorted(of_line.items()) if vid in kept]
        for line_id, of_line in takes.items()
    }
