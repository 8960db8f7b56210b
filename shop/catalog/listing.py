"""The listing row of a product: what cards and sorts read, kept beside the truth.

Prices and pictures are derived here; availability, sales and rating are written down by the services
of inventory, order and review in their own transactions. What lists show of a product is noted in
``core.changes`` as "product"; that it sold more only moves it within lists, and is not.
"""

from sqlalchemy import case, exists, func, select, update

from shop.catalog import collection_members
from shop.catalog.bundle_models import BundlePart
from shop.catalog.facets import derive
from shop.catalog.models import Category, Image, ListingRow, Product, Variant
from shop.catalog.search import entries
from shop.core import changes
from shop.core.db import db
from shop.core.errors import NotFound
from shop.core.transaction import sum_at_end
from shop.store.models import Store


def refresh_listing(product_id: int) -> None:
    """Derive the listing row from product, variants and pictures again.

    Availability is kept, but for what the catalogue knows itself: nothing left on sale is not
    available, an untracked variant that is no bundle is. Raises ``NotFound``.
    """
    product = db.session.execute(
        select(
            Product.store_id,
            Product.category_id,
            Product.status,
            Product.published_at,
            Store.currency,
        )
        .join(Store, Store.id == Product.store_id)
        .where(Product.id == product_id)
    ).one_or_none()
    if product is None:
        raise NotFound("product-unknown")
    variants = db.session.execute(
        select(
            Variant.price_minor,
            Variant.compare_at_minor,
            (Variant.tracked | exists().where(BundlePart.bundle_id == Variant.id)).label("tracked"),
        )
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None))
        .order_by(Variant.price_minor, Variant.position, Variant.id)
    ).all()
    pictures = db.session.scalars(
        select(Image.id)
        .where(Image.product_id == product_id, Image.name.is_not(None))
        .order_by(Image.position, Image.id)
        .limit(2)
    ).all()
    values: dict[str, object] = {
        "store_id": product.store_id,
        "category_id": product.category_id,
        "published_at": product.published_at if product.status == "published" else None,
        "price_minor": variants[0].price_minor if variants else 0,
        "price_max_minor": variants[-1].price_minor if variants else 0,
        "compare_at_minor": variants[0].compare_at_minor if variants else None,
        "currency": product.currency,
        "variant_count": len(variants),
        "image_id": pictures[0] if pictures else None,
        "hover_image_id": pictures[1] if len(pictures) > 1 else None,
    }
    if not variants:
        values["available"] = False
    elif any(not variant.tracked for variant in variants):
        values["available"] = True
    before = db.session.execute(
        select(ListingRow.category_id, ListingRow.published_at)
        .where(ListingRow.product_id == product_id)
        .with_for_update()  # two edits at once must not both count the same change
    ).one_or_none()
    if before is None:
        db.session.add(ListingRow(product_id=product_id, **values))
        db.session.flush()  # the services of other packages update the row by statement
    else:
        db.session.execute(
            update(ListingRow).where(ListingRow.product_id == product_id).values(**values)
        )
        if before.published_at is not None:
            _count(before.category_id, -1)
    if values["published_at"] is not None:
        _count(product.category_id, 1)
    derive.refresh(product_id)
    changes.note("product", product_id)
    collection_members.follow(product_id)


def _count(category_id: int | None, products: int) -> None:
    """Count published products of a category, at the end of the transaction: many wait for this row."""
    if category_id is None:
        return

    def write(total: int) -> None:
        db.session.execute(
            update(Category)
            .where(Category.id == category_id)
            .values(products=Category.products + total)
        )

    sum_at_end(("category", category_id), products, write)


def recount() -> None:
    """Count the published products of every category anew."""
    truth = (
        select(func.count())
        .select_from(ListingRow)
        .where(ListingRow.category_id == Category.id, ListingRow.published_at.is_not(None))
        .scalar_subquery()
    )
    db.session.execute(
        update(Category).values(products=truth).execution_options(synchronize_session=False)
    )


def differences() -> list[str]:
    """Categories whose count is not how many published products they hold: for ``flask doctor``."""
    counted = (
        select(ListingRow.category_id, func.count().label("products"))
        .where(ListingRow.published_at.is_not(None))
        .group_by(ListingRow.category_id)
        .subquery()
    )
    truth = func.coalesce(counted.c.products, 0)
    rows = db.session.execute(
        select(Category.id, Category.products, truth)
        .outerjoin(counted, counted.c.category_id == Category.id)
        .where(Category.products != truth)
    )
    return [f"category {cid}: counts {kept} products, has {true}" for cid, kept, true in rows]


def set_available(product_id: int, available: bool) -> None:
    """Write down whether some variant of the product can be bought now."""
    changed = db.session.scalar(
        update(ListingRow)
        .where(ListingRow.product_id == product_id, ListingRow.available.is_not(available))
        .values(available=available)
        .returning(ListingRow.product_id)
    )
    if changed is not None:
        entries.move([product_id])
        changes.note("product", product_id)
        collection_members.follow_now(product_id, because="stock")


def add_rating(product_id: int, stars_delta: int, count_delta: int) -> None:
    """Add a published review's stars, or take them back with both deltas negative."""
    stars, ratings = ListingRow.rating_sum + stars_delta, ListingRow.rating_count + count_delta
    rank = case((ratings == 0, 0), else_=(stars * 1000 + 12_000) // (ratings + 3))
    db.session.execute(
        update(ListingRow)
        .where(ListingRow.product_id == product_id)
        .values(rating_sum=stars, rating_count=ratings, rating_rank=rank)
    )
    changes.note("product", product_id)
