"""Reading the lines of an order, with what belongs to each: codes, files, parts."""

from datetime import datetime

from sqlalchemy import select

from shop.catalog.models import Product
from shop.core.i18n import pick
from shop.core.lookups import Lookup, Rows, askable
from shop.order import downloads
from shop.order.handover_models import DownloadGrant, OrderLinePart
from shop.order.models import OrderLine, RedemptionCode
from shop.order.views import CodeView, LineView, PartView


@askable
def of_order(order_id: int, placed_at: datetime, locale: str) -> Lookup[list[LineView]]:
    """The lines in the order they were bought, worded in ``locale``; the files of downloads, where there
    are some, cost one statement more."""

    def read(lines: Rows, parts: Rows, codes: Rows, grants: Rows) -> list[LineView]:
        return _views(lines, parts, codes, grants, placed_at, locale)

    return Lookup(
        read,
        select(*OrderLine.__table__.c, Product.slug)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id),
        select(
            OrderLinePart.line_id,
            OrderLinePart.titles,
            OrderLinePart.options,
            OrderLinePart.sku,
            OrderLinePart.quantity,
        )
        .join(OrderLine, OrderLine.id == OrderLinePart.line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLinePart.id),
        select(
            RedemptionCode.line_id,
            RedemptionCode.code,
            RedemptionCode.state,
            RedemptionCode.expires_at,
            RedemptionCode.redeemed_at,
            RedemptionCode.uses,
            RedemptionCode.used,
        )
        .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(RedemptionCode.id),
        select(*DownloadGrant.__table__.c)
        .join(OrderLine, OrderLine.id == DownloadGrant.line_id)
        .where(OrderLine.order_id == order_id),
    )


def _views(
    lines: Rows, parts: Rows, codes: Rows, grants: Rows, placed_at: datetime, locale: str
) -> list[LineView]:
    parts_of: dict[int, list[PartView]] = {}
    for part in parts:
        parts_of.setdefault(part.line_id, []).append(
            PartView(pick(part.titles, locale), pick(part.options, locale), part.sku, part.quantity)
        )
    codes_of: dict[int, list[CodeView]] = {}
    for code in codes:
        codes_of.setdefault(code.line_id, []).append(
            CodeView(code.code, code.state, code.expires_at, code.redeemed_at, code.uses, code.used)
        )
    fetched = downloads.of_lines(lines, {row.line_id: row for row in grants}, placed_at)
    return [
        LineView(
            id=line.id,
            public_id=line.public_id,
            product_id=line.product_id,
            product_slug=line.slug,
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
            codes=codes_of.get(line.id, []),
            digital=bool(line.digital_name),
            downloads=fetched.get(line.id),
            parts=tuple(parts_of.get(line.id, ())),
        )
        for line in lines
    ]
