"""Levels brought back to what their ledgers say."""

from sqlalchemy import true

from shop.catalog.models import ListingRow
from shop.core.repairs import Repair
from shop.inventory import checks
from shop.inventory.models import Reservation, StockLevel, StockMovement


def repairs() -> list[Repair]:
    """On hand is the sum of movements, reserved that of open reservations; a listing says what its
    variants' stock does."""
    found = []
    for column, ledger, counted in (
        (StockLevel.on_hand, StockMovement, true()),
        (StockLevel.reserved, Reservation, Reservation.state == "open"),
    ):
        for row in checks.apart(column, ledger, counted):
            found.append(Repair(column, {"id": row.id}, row.kept, int(row.total)))
    found += [
        Repair(ListingRow.available, {"product_id": product_id}, said, not said)
        for product_id, said in checks.lists_apart()
    ]
    return found
