"""Places, transfers, counts and purchases for tests, made through the services."""

from sqlalchemy import select

from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import counts, purchases, services, transfers
from shop.inventory.models import Location
from shop.inventory.purchases import SupplierData


def stock_of(store_id: int, variant: int) -> dict[str, str]:
    """A value for each placeholder of the stock pages: a second place, a draft to it, a
    count, a purchase order of a supplier."""
    with transaction():
        first = services.default_location(store_id)
        second = services.create_location(store_id, f"Annex {store_id}", 1).id
        transfer = transfers.draft(store_id, first, second, note="", actor="test")
        transfers.set_line(store_id, transfer, variant, 1)
        count = counts.begin(store_id, first, actor="test")
        counts.set_counted(store_id, count, variant, 9)
        supplier = purchases.save_supplier(store_id, None, SupplierData("Kiln"))
        purchase = purchases.draft(store_id, supplier, first, actor="test")
        purchases.set_line(store_id, purchase, variant, 3, 500)
    place = db.session.scalar(select(Location.public_id).where(Location.id == second))
    return {
        "location": str(place),
        "transfer": transfer,
        "count": count,
        "supplier": supplier,
        "purchase": purchase,
    }
