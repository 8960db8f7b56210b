"""What an order was charged as tax: written when it is placed, never changed; read per line and per rate."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from shop.campaigns.engine.quote import Quote, StoreQuote
from shop.campaigns.engine.tax import TaxShare, total
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.core.percent import percent
from shop.order.models import OrderLine
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


def write(order_id: int, rows: Mapping[int, OrderLine], part: StoreQuote, quote: Quote) -> None:
    """Keep the taxes of a quote beside the lines (by their key in the cart) they were charged for."""
    for key, row in rows.items():
        shares = quote.line(key).taxes
        row.tax_minor = total(shares)
        db.session.add_all(_row(order_id, row.id, share) for share in shares)
    db.session.add_all(_row(order_id, None, share) for share in part.delivery_taxes)


def _row(order_id: int, line_id: int | None, share: TaxShare) -> OrderTax:
    return OrderTax(
        order_id=order_id,
        line_id=line_id,
        name=share.rate.name,
        country=share.rate.country,
        region=share.rate.region,
        rate=share.rate.rate,
        net_minor=share.net_minor,
        tax_minor=share.tax_minor,
    )


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
