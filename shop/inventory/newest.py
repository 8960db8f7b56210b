"""Lists of what moves stock, from the newest row down."""

from typing import TypeVar

from shop.core.lookups import Asked
from shop.inventory.flow_models import StockCount, Transfer
from shop.inventory.supply_models import PurchaseOrder

_Query = TypeVar("_Query", bound=Asked)


def newest(
    query: _Query,
    model: type[Transfer] | type[StockCount] | type[PurchaseOrder],
    before: int | None,
    public_id: str | None,
    limit: int,
) -> _Query:
    """A list from its newest row down, those ``before`` an id only; or the one row of a public id."""
    if before is not None:
        query = query.where(model.id < before)
    if public_id is not None:
        query = query.where(model.public_id == public_id)
    return query.order_by(model.id.desc()).limit(limit)
