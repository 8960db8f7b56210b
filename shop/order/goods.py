"""What the lines of an order take from stock: their variant, or the parts of a bundle as they were bought.

Everything that reserves, ships, cancels or takes back units of a line goes through here, so that a bundle
moves the stock of its parts and nothing else. Verbs on several lines begin with ``hold``.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from shop.catalog.bundles import Part
from shop.core.db import db
from shop.inventory import reservations
from shop.inventory import services as inventory
from shop.order.handover_models import OrderLinePart
from shop.order.models import OrderLine


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
    return [
        reservations.Wanted(line.id, variant_id, store_id, line.quantity * quantity)
        for line in lines
        for variant_id, quantity in _takes(line)
    ]


def hold(lines: Iterable[OrderLine]) -> None:
    """Lock the stock of everything that these lines take, in the one order of levels."""
    lines = list(lines)
    parts = select(OrderLinePart.variant_id).where(
        OrderLinePart.line_id.in_([line.id for line in lines])
    )
    inventory.hold({line.variant_id for line in lines} | set(db.session.scalars(parts)))


def ready(line: OrderLine, units: int) -> int:
    """How many of so many units that are to leave lie on the shelf for this line."""
    found = [
        reservations.ready(line.id, variant_id) // quantity for variant_id, quantity in _takes(line)
    ]
    return max(0, min([units, *found]))


def consume(line: OrderLine, units: int, *, actor: str, source: str) -> None:
    """So many units of a line leave the house. Raises ``StockShort`` if fewer are reserved."""
    for variant_id, quantity in _takes(line):
        reservations.consume(
            line.id, units * quantity, actor=actor, source=source, variant_id=variant_id
        )


def release(line: OrderLine, units: int) -> None:
    """So many units of a line that were not sent are free again."""
    for variant_id, quantity in _takes(line):
        reservations.release_units(line.id, units * quantity, variant_id=variant_id)


def put_back(line: OrderLine, units: int, *, actor: str, source: str) -> None:
    """So many returned units go back to where they came from."""
    for variant_id, quantity in _takes(line):
        location_id = reservations.location_of_sale(line.id, variant_id)
        if location_id is not None:
            inventory.put_back(
                variant_id, location_id, units * quantity, actor=actor, source=source
            )


def _takes(line: OrderLine) -> list[tuple[int, int]]:
    """Variants and units of each per unit of a line, by the variant's id; nothing that is not counted."""
    rows: Sequence[OrderLinePart] = db.session.scalars(
        select(OrderLinePart)
        .where(OrderLinePart.line_id == line.id)
        .order_by(OrderLinePart.variant_id)
    ).all()
    takes: Mapping[int, int] = (
        {row.variant_id: row.quantity for row in rows if row.reserved}
        if rows
        else {line.variant_id: 1}
    )
    return [(vid, units) for vid, units in takes.items() if reservations.is_kept(vid)]
