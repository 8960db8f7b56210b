"""What merchants read of their goods beside the catalogue: stock, sales, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from shop.analytics.sales import faces
from shop.catalog.models import Image, Product, ProductTranslation, Variant
from shop.core.db import db
from shop.core.money import to_text
from shop.inventory.models import StockLevel
from shop.order.models import Order, OrderLine
from shop.store.models import Store


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A line of the merchant's list of products.

    ``variant`` is the public id of the only variant (price and stock can then be changed in the row).
    ``stock`` is None when none is kept.
    """

    id: int
    public_id: str
    slug: str
    title: str
    image_name: str | None
    status: str
    kind: str
    variants: int
    price_minor: int
    price_max_minor: int
    currency: str
    stock: int | None
    low: bool
    sold: int
    variant: str | None
    compare_at_minor: int | None


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Some products and whether more follow."""

    rows: list[ProductRow]
    next_offset: int | None


def _low() -> ColumnElement[bool]:
    return exists().where(
        StockLevel.variant_id == Variant.id,
        Variant.product_id == Product.id,
        Variant.archived_at.is_(None),
        StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold,
    )


def _missing(locale: str) -> ColumnElement[bool]:
    return ~exists().where(
        ProductTranslation.product_id == Product.id,
        ProductTranslation.locale == locale,
        ProductTranslation.title != "",
    )


VIEWS: dict[str, Any] = {
    "published": lambda: Product.status == "published",
    "draft": lambda: Product.status == "draft",
    "low": _low,
    "no-picture": lambda: and_(
        Product.status != "archived", ~exists().where(Image.product_id == Product.id)
    ),
    "untranslated": lambda: and_(Product.status != "archived", or_(_missing("en"), _missing("zh"))),
    "archived": lambda: Product.status == "archived",
}


def view_counts(store_ids: Sequence[int]) -> dict[str, int]:
    """How many products are in each view; ``""`` is all but the archived. One statement."""
    columns = [
        func.count().filter(make()).label(name.replace("-", "_")) for name, make in VIEWS.items()
    ]
    row = db.session.execute(
        select(func.count().filter(Product.status != "archived"), *columns)
        .select_from(Product)
        .where(Product.store_id.in_(store_ids))
    ).one()
    return dict(zip(["", *VIEWS], (int(n) for n in row), strict=True))


def products(
    store_ids: Sequence[int],
    locale: str,
    *,
    since: datetime,
    view: str = "",
    q: str = "",
    offset: int = 0,
    limit: int = 40,
) -> ProductPage:
    """Products of some stores, changed last first, with stock and units sold since ``since``."""
    ids = matching(store_ids, view=view, q=q, offset=offset, limit=limit + 1)
    rows = product_rows(ids[:limit], locale, since=since)
    return ProductPage(rows, offset + limit if len(ids) > limit else None)


def matching(
    store_ids: Sequence[int], *, view: str = "", q: str = "", offset: int = 0, limit: int
) -> list[int]:
    """The ids of some stores' products in a view that match ``q``, changed last first. One statement."""
    query = select(Product.id).where(Product.store_id.in_(store_ids))
    query = query.where(VIEWS[view]() if view in VIEWS else Product.status != "archived")
    if q:
        query = query.where(_matches(q))
    query = query.order_by(Product.updated_at.desc(), Product.id.desc())
    return list(db.session.scalars(query.offset(offset).limit(limit)))


def product_ids(public_ids: Sequence[str], store_ids: Sequence[int]) -> list[int]:
    """Those of the named products that are these stores', in the order named. One statement."""
    found = dict(
        db.session.execute(
            select(Product.public_id, Product.id).where(
                Product.public_id.in_(public_ids), Product.store_id.in_(store_ids)
            )
        ).all()
    )
    return [found[name] for name in dict.fromkeys(public_ids) if name in found]


def public_ids(product_ids: Sequence[int]) -> dict[int, str]:
    """How pages name some products. One statement."""
    rows = db.session.execute(
        select(Product.id, Product.public_id).where(Product.id.in_(product_ids))
    )
    return dict(rows.all())


def _matches(q: str) -> ColumnElement[bool]:
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    anywhere = f"%{escaped}%"
    return or_(
        exists().where(
            ProductTranslation.product_id == Product.id,
            ProductTranslation.title.ilike(anywhere, escape="\\"),
        ),
        exists().where(
            Variant.product_id == Product.id,
            or_(Variant.sku.ilike(anywhere, escape="\\"), Variant.barcode == q),
        ),
    )


def product_rows(ids: Sequence[int], locale: str, *, since: datetime) -> list[ProductRow]:
    """Rows of some products, in the given order. Six statements."""
    if not ids:
        return []
    about = faces(ids, locale)
    base = {
        row[0].id: row
        for row in db.session.execute(
            select(Product, Store.currency)
            .join(Store, Store.id == Product.store_id)
            .where(Product.id.in_(ids))
        )
    }
    variants: dict[int, list[Variant]] = {}
    for variant in db.session.scalars(
        select(Variant)
        .where(Variant.product_id.in_(ids), Variant.archived_at.is_(None))
        .order_by(Variant.position)
    ):
        variants.setdefault(variant.product_id, []).append(variant)
    stock = _stock(ids)
    sold = dict(
        db.session.execute(
            select(OrderLine.product_id, func.sum(OrderLine.quantity))
            .join(Order, Order.id == OrderLine.order_id)
            .where(OrderLine.product_id.in_(ids), Order.paid_at >= since)
            .group_by(OrderLine.product_id)
        ).all()
    )
    return [
        _row(
            base[product_id],
            variants.get(product_id, []),
            about[product_id],
            stock.get(product_id),
            int(sold.get(product_id) or 0),
        )
        for product_id in ids
    ]


def _stock(ids: Sequence[int]) -> dict[int, tuple[int, bool]]:
    low = func.max(
        case((StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold, 1), else_=0)
    )
    rows = db.session.execute(
        select(Variant.product_id, func.sum(StockLevel.on_hand - StockLevel.reserved), low)
        .join(StockLevel, StockLevel.variant_id == Variant.id)
        .where(Variant.product_id.in_(ids), Variant.archived_at.is_(None), Variant.tracked)
        .group_by(Variant.product_id)
    )
    return {product_id: (int(units), bool(is_low)) for product_id, units, is_low in rows}


def _row(
    found: Any,
    variants: list[Variant],
    about: tuple[str, str | None],
    stock: tuple[int, bool] | None,
    sold: int,
) -> ProductRow:
    product, currency = found
    prices = [variant.price_minor for variant in variants] or [0]
    tracked = any(variant.tracked for variant in variants)
    units, low = stock or (0, False)
    only = variants[0] if len(variants) == 1 else None
    return ProductRow(
        id=product.id,
        public_id=product.public_id,
        slug=product.slug,
        title=about[0] or product.slug,
        image_name=about[1],
        status=product.status,
        kind=product.kind,
        variants=len(variants),
        price_minor=min(prices),
        price_max_minor=max(prices),
        currency=currency,
        stock=units if tracked else None,
        low=low,
        sold=sold,
        variant=only.public_id if only else None,
        compare_at_minor=only.compare_at_minor if only else None,
    )


def product_id(public_id: str, store_ids: Sequence[int]) -> int | None:
    """The id of a product of one of these stores."""
    return db.session.scalar(
        select(Product.id).where(Product.public_id == public_id, Product.store_id.in_(store_ids))
    )


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """A variant before it is changed."""

    product_id: int
    product: str
    sku: str
    price_minor: int
    compare_at_minor: int | None


def variant(variant_id: int) -> VariantFacts:
    """Price and product of a variant."""
    row = db.session.execute(
        select(
            Variant.product_id,
            Product.public_id,
            Variant.sku,
            Variant.price_minor,
            Variant.compare_at_minor,
        )
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id == variant_id)
    ).one()
    return VariantFacts(*row)


def plain(minor: int | None, currency: str) -> str:
    """An amount as it is typed into a field; nothing for none."""
    return "" if minor is None else to_text(minor, currency)


def product_of_image(image_id: int) -> str:
    """The public id of the product that a picture belongs to."""
    return db.session.execute(
        select(Product.public_id)
        .join(Image, Image.product_id == Product.id)
        .where(Image.id == image_id)
    ).scalar_one()
