"""Listing goods for the admin: always within the stores of the person who asks."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, func, or_, select

from shop.catalog.admin_views import (
    AdminPage,
    AdminRow,
    AdminVariantRef,
)
from shop.catalog.folding import terms
from shop.catalog.localised import best
from shop.catalog.models import (
    CategoryTranslation,
    Image,
    ListingRow,
    Product,
    ProductTranslation,
    Variant,
)
from shop.catalog.rows import image_columns, image_view
from shop.core.db import db


def admin_products(
    store_ids: Collection[int],
    *,
    locale: str,
    q: str = "",
    status: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> AdminPage:
    """Products of some stores, last changed first. Three statements.

    ``q``: words of a title, a SKU or a barcode. ``after`` is the public id that the last page ended
    with.
    """
    mine = Product.store_id.in_(list(store_ids))
    counts = {
        row.status: row.number
        for row in db.session.execute(
            select(Product.status, func.count().label("number"))
            .where(mine)
            .group_by(Product.status)
        )
    }
    statement = (
        select(
            Product.id,
            Product.public_id,
            Product.slug,
            ProductTranslation.title,
            Product.kind,
            Product.status,
            Product.store_id,
            ListingRow.currency,
            ListingRow.price_minor,
            ListingRow.price_max_minor,
            ListingRow.compare_at_minor,
            ListingRow.variant_count,
            ListingRow.available,
            ListingRow.sales,
            CategoryTranslation.name.label("category"),
            Product.updated_at,
            *image_columns(Image, "image_"),
        )
        .select_from(Product)
        .join(ListingRow, ListingRow.product_id == Product.id)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .outerjoin(
            CategoryTranslation,
            best(CategoryTranslation, "category_id", Product.category_id, locale),
        )
        .outerjoin(Image, Image.id == ListingRow.image_id)
        .where(mine)
        .order_by(Product.updated_at.desc(), Product.id.desc())
        .limit(limit + 1)
    )
    if status:
        statement = statement.where(Product.status == status)
    for word in terms(q):
        statement = statement.where(
            or_(
                Product.id.in_(
                    select(ProductTranslation.product_id).where(
                        ProductTranslation.title.icontains(word, autoescape=True)
                    )
                ),
                Product.id.in_(
                    select(Variant.product_id).where(
                        or_(
                            Variant.sku.icontains(word, autoescape=True),
                            Variant.barcode == word,
                        )
                    )
                ),
            )
        )
    if after:
        last = (
            select(Product.updated_at, Product.id)
            .where(Product.public_id == after, mine)
            .subquery()
        )
        statement = statement.join(last, and_(last.c.id > 0)).where(
            or_(
                Product.updated_at < last.c.updated_at,
                and_(Product.updated_at == last.c.updated_at, Product.id < last.c.id),
            )
        )
    rows = db.session.execute(statement).all()
    more = len(rows) > limit
    rows = rows[:limit]
    refs = variants_of([row.id for row in rows])
    items = [
        AdminRow(
            id=row.id,
            public_id=row.public_id,
            slug=row.slug,
            title=row.title,
            kind=row.kind,
            status=row.status,
            store_id=row.store_id,
            currency=row.currency,
            price_minor=row.price_minor,
            price_max_minor=row.price_max_minor,
            compare_at_minor=row.compare_at_minor,
            variant_count=row.variant_count,
            available=row.available,
            sales=row.sales,
            category=row.category or "",
            image=image_view(row, locale, "image_"),
            updated_at=row.updated_at,
            variants=refs.get(row.id, []),
        )
        for row in rows
    ]
    return AdminPage(items, rows[-1].public_id if more else None, counts)


def variants_of(product_ids: Sequence[int]) -> dict[int, list[AdminVariantRef]]:
    """The variants on sale of some products. One statement."""
    found: dict[int, list[AdminVariantRef]] = {}
    for row in db.session.execute(
        select(
            Variant.product_id,
            Variant.id,
            Variant.public_id,
            Variant.sku,
            Variant.price_minor,
            Variant.tracked,
        )
        .where(Variant.product_id.in_(product_ids), Variant.archived_at.is_(None))
        .order_by(Variant.product_id, Variant.position, Variant.id)
    ):
        found.setdefault(row.product_id, []).append(AdminVariantRef(*row[1:]))
    return found


def admin_variant(public_id: str, store_ids: Collection[int]) -> int | None:
    """The id of a variant of one of these stores."""
    return db.session.scalar(
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.public_id == public_id, Product.store_id.in_(list(store_ids)))
    )
