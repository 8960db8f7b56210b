"""The lines of an order as they were bought, with what was taken off each."""

from collections.abc import Sequence

from shop.campaigns.engine.quote import Quote
from shop.campaigns.engine.tax import total
from shop.cart.views import CartLineView
from shop.core.db import db
from shop.order.models import Adjustment, OrderLine


def add(order_id: int, lines: Sequence[CartLineView], quote: Quote) -> dict[int, OrderLine]:
    """Write the lines of a new order as they were quoted; key of the cart's line → row, with its id."""
    rows = {line.key: _line(order_id, line, quote) for line in lines}
    db.session.add_all(rows.values())
    db.session.flush()  # their adjustments, taxes and reservations name their ids
    for key, row in rows.items():
        _adjust(key, row, quote)
    return rows


def _line(order_id: int, line: CartLineView, quote: Quote) -> OrderLine:
    quoted = quote.line(line.key)
    return OrderLine(
        order_id=order_id,
        product_id=line.info.product_id,
        variant_id=line.info.variant_id,
        kind=line.info.kind,
        titles=dict(line.info.titles),
        options=dict(line.info.options),
        sku=line.info.sku,
        image_name=line.info.image.name if line.info.image else None,
        digital_name=line.info.digital_name,
        unit_price_minor=quoted.unit_price_minor,
        quantity=quoted.quantity,
        discount_minor=quoted.discount_minor,
        tax_minor=total(quoted.taxes),
    )


def _adjust(key: int, row: OrderLine, quote: Quote) -> None:
    for adjustment in quote.line(key).adjustments:
        db.session.add(
            Adjustment(
                order_id=row.order_id,
                line_id=row.id,
                source=adjustment.source,
                source_id=adjustment.source_id,
                labels=dict(adjustment.labels),
                amount_minor=adjustment.amount_minor,
            )
        )
