"""What an order was charged as tax: written when it is placed, never changed; read per line and per rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from shop.campaigns.engine.quote import Quote, StoreQuote
from shop.campaigns.engine.tax import TaxShare
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.core.percent import percent
from shop.order.tax_models import OrderTax


@dataclass(frozen=True, slots=True)
class TaxView:
    """One rate over all of an order. ``rate`` in hundred-thousandths, ``net_minor`` without any tax."""

    name: str
    country: str
    region: str
    rate: int
    net_minor: int
    tax_minor: int

    @property
    def label(self) -> str:
        """What bills call it: "VAT 20%"."""
        return f"{self.name} {percent(self.rate)}"


def write(order_id: int, line_ids: Mapping[int, int], part: StoreQuote, quote: Quote) -> None:
    """Keep the taxes of a quote beside the lines (key in the cart → id) they were charged for. One
    statement."""
    rows = [
        _row(order_id, line_id, share)
        for key, line_id in line_ids.items()
        for share in quote.line(key).taxes
    ]
    rows += [_row(order_id, None, share) for share in part.delivery_taxes]
    if rows:
        # Lines and delivery in one: the unit of work parts rows with a null from those without.
        db.session.execute(insert(OrderTax), rows, execution_options={"render_nulls": True})


def _row(order_id: int, line_id: int | None, share: TaxShare) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "line_id": line_id,
        "name": share.rate.name,
        "country": share.rate.country,
        "region": share.rate.region,
        "rate": share.rate.rate,
        "net_minor": share.net_minor,
        "tax_minor": share.tax_minor,
    }


@askable
def of_order(order_id: int) -> Lookup[list[TaxView]]:
    """What an order was taxed, rate by rate. One statement."""
    return Lookup(
        _read,
        select(
            OrderTax.name,
            OrderTax.country,
            OrderTax.region,
            OrderTax.rate,
            OrderTax.net_minor,
            OrderTax.tax_minor,
        ).where(OrderTax.order_id == order_id),
    )


def _read(rows: Rows) -> list[TaxView]:
    sums: dict[tuple[str, str, str, int], tuple[int, int]] = {}
    for row in rows:
        key = (row.name, row.country, row.region, row.rate)
        net, tax = sums.get(key, (0, 0))
        sums[key] = (net + row.net_minor, tax + row.tax_minor)
    return [TaxView(*key, *sums[key]) for key in sorted(sums)]
