"""What a transaction did to stock and sales of products, written into their listing rows as its last act.

Very different verbs touch these rows along the way. Collected, and locked last and in one order, they never
make two transactions wait for each other; and what is derived from stock is derived under the lock, so
that of two transactions at once the later one sees what the earlier one did.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update

from shop.catalog import listing
from shop.catalog.models import ListingRow
from shop.catalog.search import entries
from shop.core.db import db
from shop.core.transaction import at_end, scratch

Derive = Callable[[Collection[int]], AbstractSet[int]]
"""Products → those of them of which some variant can be bought."""

_NOTES = "xiaopu_listing_ends"


@dataclass(slots=True)
class _Notes:
    stock: set[int] = field(default_factory=set)
    sales: Counter[int] = field(default_factory=Counter)
    derive: Derive | None = None


def follow_stock(product_ids: Iterable[int], derive: Derive) -> None:
    """Write down, last in the transaction, whether these products can be bought. Raises ``RuntimeError``
    outside of a transaction."""
    notes = _notes()
    notes.stock.update(product_ids)
    notes.derive = derive


def count_sales(product_id: int, units: int) -> None:
    """Count ``units`` more of a product as sold (fewer, when negative; never below none), last in the
    transaction. Raises ``RuntimeError`` outside of one."""
    _notes().sales[product_id] += units


def _notes() -> _Notes:
    at_end(("listing",), _write)
    found: _Notes = scratch().setdefault(_NOTES, _Notes())
    return found


def _write() -> None:
    notes: _Notes = scratch()[_NOTES]
    sold = {product_id: units for product_id, units in sorted(notes.sales.items()) if units}
    locked = db.session.execute(
        select(ListingRow.product_id, ListingRow.available)
        .where(ListingRow.product_id.in_(notes.stock | sold.keys()))
        .order_by(ListingRow.product_id)
        .with_for_update()
    ).all()
    if notes.derive is not None:
        can_be_bought = notes.derive(notes.stock)
        for product_id, said in locked:
            if product_id in notes.stock and said != (product_id in can_be_bought):
                listing.set_available(product_id, product_id in can_be_bought)
    if sold:
        _add(sold)
        entries.move(sold)


def _add(sold: dict[int, int]) -> None:
    sales = ListingRow.sales + bindparam("units")
    db.session.connection().execute(
        update(ListingRow.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
        .where(ListingRow.product_id == bindparam("product"), sales >= 0)
        .values(sales=sales),
        [{"product": product_id, "units": units} for product_id, units in sold.items()],
    )
