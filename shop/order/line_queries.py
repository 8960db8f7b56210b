"""Reading the lines of an order, with what belongs to each: codes, files, parts."""

from sqlalchemy import select

from shop.catalog.models import Product
from shop.core.db import db
from shop.core.i18n import pick
from shop.order import downloads
from shop.order.handover_models import OrderLinePart
from shop.order.models import Order, OrderLine, RedemptionCode
from shop.order.views import CodeView, LineView, PartView


def lines_of(order: Order, locale: str) -> list[LineView]:
    """The lines in the order they were bought, worded in ``locale``: two statements, four with downloads."""
    codes: dict[int, list[CodeView]] = {}
    for code in db.session.scalars(
        select(RedemptionCode)
        .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
        .where(OrderLine.order_id == order.id)
        .order_by(RedemptionCode.id)
    ):
        codes.setdefault(code.line_id, []).append(
            CodeView(code.code, code.state, code.expires_at, code.redeemed_at, code.uses, code.used)
        )
    rows: dict[int, tuple[OrderLine, str]] = {}
    parts: dict[int, list[PartView]] = {}
    for line, slug, part in db.session.execute(
        select(OrderLine, Product.slug, OrderLinePart)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(OrderLinePart, OrderLinePart.line_id == OrderLine.id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.id, OrderLinePart.id)
    ):
        rows[line.id] = (line, slug)
        if part is not None:
            parts.setdefault(line.id, []).append(
                PartView(
                    pick(part.titles, locale), pick(part.options, locale), part.sku, part.quantity
                )
            )
    fetched = downloads.of_lines([line for line, _ in rows.values()], order.placed_at)
    return [
        LineView(
            id=line.id,
            public_id=line.public_id,
            product_id=line.product_id,
            product_slug=slug,
            kind=line.kind,
            title=pick(line.titles, locale),
            options=pick(line.options, locale),
            sku=line.sku,
            image_name=line.image_name,
            unit_price_minor=line.unit_price_minor,
            quantity=line.quantity,
            discount_minor=line.discount_minor,
            cancelled=line.cancelled,
            shipped=line.shipped,
            returned=line.returned,
            codes=codes.get(line.id, []),
            digital=bool(line.digital_name),
            downloads=fetched.get(line.id),
            parts=tuple(parts.get(line.id, ())),
        )
        for line, slug in rows.values()
    ]
