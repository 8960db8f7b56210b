"""Which goods a rule takes in, kept as rows: at once where goods change, in batches where a rule or time does.

Whoever changes goods holds the rules shared, and whoever follows a rule holds it alone, so that neither
decides on what the other is about to change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog import collection_rules as rules
from shop.catalog.collection_models import TOPIC, Collection, CollectionProduct
from shop.catalog.models import ListingRow, Product
from shop.core import changes, clock
from shop.core.db import db
from shop.core.transaction import at_end

BATCH = 500
_AT_ONCE = 50
_LATE = timedelta(minutes=10)
"""How long a product may stay after its time is over, before it counts as a mistake."""


def follow(product_id: int) -> None:
    """Put a product that changed into the collections whose rules take it in, at the end of the transaction."""
    at_end(("collections", product_id), lambda: follow_now(product_id))


def follow_now(product_id: int, because: str | None = None) -> None:
    """As ``follow``, at once; ``because`` names the one condition that may have changed."""
    found = db.session.execute(
        select(Collection.id, Collection.store_id, Collection.rule)
        .where(Collection.kind == "rule")
        .order_by(Collection.id)
        .with_for_update(read=True)
    ).all()
    asked = [(row.id, row.store_id, rules.parse(row.rule)) for row in found]
    if because is not None:
        asked = [row for row in asked if row[2].asks(because)]
    for start in range(0, len(asked), _AT_ONCE):
        _follow(product_id, asked[start : start + _AT_ONCE])


def _follow(product_id: int, asked: Sequence[tuple[int, int | None, rules.Rule]]) -> None:
    now = clock.now()
    answers = db.session.execute(
        select(
            *(
                rules.matching(rule, store_id, now).label(f"c{collection_id}")
                for collection_id, store_id, rule in asked
            )
        )
        .select_from(ListingRow)
        .join(Product, Product.id == ListingRow.product_id)
        .where(ListingRow.product_id == product_id)
    ).one_or_none()
    ids = [collection_id for collection_id, _, _ in asked]
    wanted = {number for number, answer in zip(ids, answers or (), strict=False) if answer}
    held = set(
        db.session.scalars(
            select(CollectionProduct.collection_id).where(
                CollectionProduct.product_id == product_id,
                CollectionProduct.collection_id.in_(ids),
            )
        )
    )
    if held - wanted:
        db.session.execute(
            delete(CollectionProduct).where(
                CollectionProduct.product_id == product_id,
                CollectionProduct.collection_id.in_(held - wanted),
            )
        )
    _insert([(collection_id, product_id) for collection_id in sorted(wanted - held)])
    if held != wanted:
        changes.note("product", product_id)


def evaluate(collection_id: int) -> int:
    """Let at most ``BATCH`` rows follow a rule; how many were changed. With fewer, it is followed.

    Called again and again, a transaction each, it comes to an end; stopped in between, nothing is lost.
    """
    found = db.session.execute(
        select(Collection.kind, Collection.store_id, Collection.rule, Collection.stale)
        .where(Collection.id == collection_id)
        .with_for_update()
    ).one_or_none()
    if found is None or found.kind != "rule":
        return 0
    wanted = _products(found.rule, found.store_id, clock.now())
    held = CollectionProduct.collection_id == collection_id
    gone = db.session.scalars(
        select(CollectionProduct.product_id)
        .where(held, CollectionProduct.product_id.not_in(wanted))
        .limit(BATCH)
    ).all()
    if gone:
        db.session.execute(
            delete(CollectionProduct).where(held, CollectionProduct.product_id.in_(gone))
        )
    come = db.session.scalars(wanted.where(_absent(collection_id)).limit(BATCH - len(gone))).all()
    _insert([(collection_id, product_id) for product_id in come])
    changed = len(gone) + len(come)
    if changed:
        changes.note(TOPIC, collection_id)
    if found.stale != (changed >= BATCH):  # each write to this table ends what processes keep
        db.session.execute(
            update(Collection)
            .where(Collection.id == collection_id)
            .values(stale=changed >= BATCH, updated_at=Collection.updated_at)
            .execution_options(synchronize_session=False)
        )
    return changed


def few(collection_id: int, most: int) -> list[int] | None:
    """What a collection holds, on sale or not; None when that is more than ``most``. One statement."""
    found = db.session.scalars(
        select(CollectionProduct.product_id)
        .where(CollectionProduct.collection_id == collection_id)
        .limit(most + 1)
    ).all()
    return list(found) if len(found) <= most else None


def due() -> list[int]:
    """The collections that a job has to look at: of changed rules, and of rules that time changes."""
    found = db.session.execute(
        select(Collection.id, Collection.stale, Collection.rule)
        .where(Collection.kind == "rule")
        .order_by(Collection.id)
    )
    return [row.id for row in found if row.stale or rules.parse(row.rule).timed]


def all_stale() -> None:
    """Let a job follow every rule again: the category tree changed under them."""
    db.session.execute(
        update(Collection)
        .where(Collection.kind == "rule")
        .values(stale=True, updated_at=Collection.updated_at)
        .execution_options(synchronize_session=False)
    )


def differences() -> list[str]:
    """Collections that hold what their rule leaves out, or lack what it takes in: for ``flask doctor``.

    One whose rule a job has yet to follow is no mistake, nor is a product whose time has just come or gone.
    """
    now = clock.now()
    found = []
    for row in db.session.execute(
        select(Collection.id, Collection.store_id, Collection.rule)
        .where(Collection.kind == "rule", Collection.stale.is_(False))
        .order_by(Collection.id)
    ).all():
        today = _products(row.rule, row.store_id, now)
        lately = _products(row.rule, row.store_id, now - _LATE)
        stray = select(CollectionProduct.product_id).where(
            CollectionProduct.collection_id == row.id,
            CollectionProduct.product_id.not_in(today),
            CollectionProduct.product_id.not_in(lately),
        )
        missing = today.where(_absent(row.id), ListingRow.product_id.in_(lately))
        for what, wrong in (("holds", _count(stray)), ("lacks", _count(missing))):
            if wrong:
                found.append(f"collection {row.id}: {what} {wrong} products against its rule")
    return found


def _products(rule: dict[str, Any], store_id: int | None, at: datetime) -> Select[int]:
    return (
        select(ListingRow.product_id)
        .join(Product, Product.id == ListingRow.product_id)
        .where(rules.matching(rules.parse(rule), store_id, at))
    )


def _absent(collection_id: int) -> ColumnElement[bool]:
    return ~(
        select(CollectionProduct.product_id)
        .where(
            CollectionProduct.collection_id == collection_id,
            CollectionProduct.product_id == ListingRow.product_id,
        )
        .exists()
    )


def _count(found: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _insert(rows: Sequence[tuple[int, int]]) -> None:
    if not rows:
        return
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(
        CollectionProduct
    )
    db.session.execute(
        insert.on_conflict_do_nothing(index_elements=["collection_id", "product_id"]),
        [
            {"collection_id": collection_id, "product_id": product_id, "position": 0}
            for collection_id, product_id in rows
        ],
    )
