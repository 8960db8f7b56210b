"""Selling what does not lie there yet: back-orders once a variant is sold out, pre-orders before it appears."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import levels, product_queries, queries, services, watching
from shop.inventory.models import Location, StockLevel
from shop.inventory.supply_models import SellingPolicy

POLICIES = ("stop", "backorder", "preorder")
MOST_DAYS = 730


@dataclass(frozen=True, slots=True)
class Promise:
    """How a variant is sold beyond what is there: until when at the latest, and how many in all.

    ``there``: units that lie somewhere and are promised to nobody.
    """

    policy: str
    promised_on: date
    limit: int
    there: int

    def holds(self, units: int = 1) -> bool:
        """Whether somebody who buys so many now has to wait."""
        appears = self.policy == "preorder" and self.promised_on > clock.now().date()
        return appears or self.there < units


def set_policy(
    variant_id: int, policy: str, *, limit: int = 0, promised_on: date | None = None
) -> None:
    """Say whether a variant is sold beyond what lies there, up to ``limit`` units at the store's first place.

    Raises ``Invalid`` (``policy-unknown``, ``policy-kind``, ``policy-limit``, ``promise-missing``,
    ``promise-past``, ``promise-far``), ``Conflict("backorders-open")`` below what was sold that way,
    ``NotFound("variant-untracked")``.
    """
    _check(variant_id, policy, limit, promised_on)
    db.session.execute(delete(SellingPolicy).where(SellingPolicy.variant_id == variant_id))
    if policy != "stop" and promised_on is not None:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(
            SellingPolicy
        )
        values = {"policy": policy, "promised_on": promised_on}
        db.session.execute(
            insert.values(variant_id=variant_id, **values).on_conflict_do_update(
                index_elements=["variant_id"], set_=values
            )
        )
    store_id = db.session.execute(
        select(Product.store_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id)
    ).scalar_one()
    first = services.default_location(store_id)
    levels.ensure([(variant_id, first)])
    levels.hold([variant_id])
    before = dict(
        db.session.execute(
            select(StockLevel.location_id, StockLevel.backorder_limit)
            .where(StockLevel.variant_id == variant_id)
            .order_by(StockLevel.location_id)
        ).all()
    )
    for location_id, old in before.items():
        new = limit if location_id == first and policy != "stop" else 0
        if new != old:
            set_limit(variant_id, location_id, new, more=new - old)
    watching.keep_available(product_queries.products_of([variant_id]))


def _check(variant_id: int, policy: str, limit: int, promised_on: date | None) -> None:
    if policy not in POLICIES:
        raise Invalid("policy-unknown", field="policy")
    kind = db.session.scalar(
        select(Product.kind)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id, Variant.tracked.is_(True))
    )
    if kind is None:
        raise NotFound("variant-untracked")
    if policy == "stop":
        return
    if kind != "physical":
        raise Invalid("policy-kind", field="policy")
    if not 1 <= limit <= levels.MAX_QUANTITY:
        raise Invalid("policy-limit", field="limit", maximum=levels.MAX_QUANTITY)
    if promised_on is None:
        raise Invalid("promise-missing", field="promised_on")
    today = clock.now().date()
    if promised_on < today - timedelta(days=1):  # where the store is it may still be that day
        raise Invalid("promise-past", field="promised_on")
    if promised_on > today + timedelta(days=MOST_DAYS):
        raise Invalid("promise-far", field="promised_on")


def set_limit(variant_id: int, location_id: int, limit: int, *, more: int) -> None:
    """So many units may be promised beyond what lies at a place, ``more`` than before. The variant is held.

    Raises ``Conflict("backorders-open")``.
    """
    done = db.session.scalar(
        update(StockLevel)
        .where(
            StockLevel.variant_id == variant_id,
            StockLevel.location_id == location_id,
            StockLevel.reserved <= StockLevel.on_hand + limit,
        )
        .values(backorder_limit=limit)
        .returning(StockLevel.id)
    )
    if done is None:
        raise Conflict("backorders-open")
    watching.watch({(variant_id, location_id): more})


def promises(variant_ids: Collection[int]) -> dict[int, Promise]:
    """How these are sold beyond what lies there; those that are not are left out. One statement."""
    if not variant_ids:
        return {}
    free = StockLevel.on_hand - StockLevel.reserved
    rows = db.session.execute(
        select(
            SellingPolicy.variant_id,
            SellingPolicy.policy,
            SellingPolicy.promised_on,
            func.coalesce(func.sum(StockLevel.backorder_limit), 0),
            func.coalesce(func.sum(free).filter(free > 0), 0),
        )
        .outerjoin(StockLevel, StockLevel.variant_id == SellingPolicy.variant_id)
        .outerjoin(Location, Location.id == StockLevel.location_id)
        .where(SellingPolicy.variant_id.in_(variant_ids), Location.archived_at.is_(None))
        .group_by(SellingPolicy.variant_id, SellingPolicy.policy, SellingPolicy.promised_on)
    )
    return {
        vid: Promise(policy, day, int(limit), int(there)) for vid, policy, day, limit, there in rows
    }


def availability(
    variant_ids: Collection[int],
) -> tuple[dict[int, int | None], dict[int, Promise]]:
    """As ``queries.availability``, and the promises of those that are sold beforehand, in the same statement."""
    if not variant_ids:
        return {}, {}
    free = StockLevel.on_hand - StockLevel.reserved
    rows = db.session.execute(
        select(
            Variant.id,
            Variant.tracked,
            SellingPolicy.policy,
            SellingPolicy.promised_on,
            func.coalesce(func.sum(free + StockLevel.backorder_limit), 0).label("left"),
            func.coalesce(func.sum(StockLevel.backorder_limit), 0).label("limit"),
            func.coalesce(func.sum(free).filter(free > 0), 0).label("there"),
        )
        .outerjoin(StockLevel, StockLevel.variant_id == Variant.id)
        .outerjoin(SellingPolicy, SellingPolicy.variant_id == Variant.id)
        .where(Variant.id.in_(variant_ids))
        .group_by(Variant.id, Variant.tracked, SellingPolicy.policy, SellingPolicy.promised_on)
    ).all()
    found = {row.id: max(0, int(row.left)) if row.tracked else None for row in rows}
    promised = {
        row.id: Promise(row.policy, row.promised_on, int(row.limit), int(row.there))
        for row in rows
        if row.policy is not None and row.tracked
    }
    return found | queries.of_bundles([v for v, left in found.items() if left is None]), promised
