"""What goes on behind the demo's shelves: a second place, goods on their way, a count, an order of a supplier."""

from datetime import timedelta

from sqlalchemy import select

from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.inventory import counts, locations, policies, purchases, queries, services, transfers
from shop.inventory.locations import LocationData
from shop.inventory.models import Location
from shop.inventory.purchases import SupplierData

_ACTOR = "Lin Wei"


def set_going(store_id: int) -> None:
    """After the past was lived through; nothing of it changes what an earlier order was promised."""
    first = services.default_location(store_id)
    public_id = locations.create(
        store_id,
        LocationData(
            name="Riverside studio",
            province="浙江省",
            city="杭州市",
            street="滨江路 8 号",
            postcode="310000",
            is_pickup=True,
            hours={"en": "Tue–Sun 10:00–18:00", "zh": "周二至周日 10:00–18:00"},
        ),
    )
    studio = db.session.scalars(select(Location.id).where(Location.public_id == public_id)).one()
    plenty = _plenty(store_id, first)
    arrived = transfers.draft(store_id, first, studio, note="For the tasting", actor=_ACTOR)
    under_way = transfers.draft(store_id, first, studio, note="Weekend market", actor=_ACTOR)
    for variant_id in plenty[:3]:
        transfers.set_line(store_id, arrived, variant_id, 2)
        transfers.set_line(store_id, under_way, variant_id, 3)
    for key in (arrived, under_way):
        transfers.send(store_id, key, actor=_ACTOR)
    transfers.receive(
        store_id,
        arrived,
        {variant_id: transfers.Arrived(2) for variant_id in plenty[:3]},
        reason="",
        actor=_ACTOR,
    )
    count = counts.begin(store_id, studio, actor=_ACTOR)
    counts.set_counted(store_id, count, plenty[0], 2)
    counts.set_counted(store_id, count, plenty[1], 1)
    _order(store_id, first, plenty)


def _order(store_id: int, location_id: int, plenty: list[int]) -> None:
    """One purchase order that is late and came in part, one that is written down."""
    supplier = purchases.save_supplier(
        store_id, None, SupplierData("Jingdezhen Kiln No. 9", "orders@kiln.example", "0798 8222222")
    )
    today = clock.now().date()
    late = purchases.draft(
        store_id,
        supplier,
        location_id,
        reference="K9-2611",
        expected_on=today - timedelta(days=2),
        actor=_ACTOR,
    )
    for variant_id in plenty[3:6]:
        purchases.add(store_id, late, variant_id)
        cost = db.session.scalar(select(Variant.cost_minor).where(Variant.id == variant_id)) or 0
        purchases.set_line(store_id, late, variant_id, 12, cost)
    purchases.order(store_id, late)
    draft = purchases.draft(
        store_id, supplier, location_id, expected_on=today + timedelta(days=21), actor=_ACTOR
    )
    purchases.add(store_id, draft, plenty[6])
    policies.set_policy(plenty[3], "backorder", limit=20, promised_on=today + timedelta(days=12))


def _plenty(store_id: int, location_id: int) -> list[int]:
    """Goods in parcels of which much lies there, most first."""
    variants = db.session.scalars(
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.store_id == store_id,
            Product.kind == "physical",
            Variant.tracked.is_(True),
            Variant.archived_at.is_(None),
        )
        .order_by(Variant.id)
    ).all()
    free = {
        variant_id: queries.on_hand(variant_id, location_id)
        - queries.reserved(variant_id, location_id)
        for variant_id in variants
    }
    return sorted(free, key=lambda variant_id: (-free[variant_id], variant_id))[:7]
