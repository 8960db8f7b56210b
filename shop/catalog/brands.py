"""Brands: what is said of them, and two that are one."""

from collections.abc import Collection as Several
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from shop.catalog import collection_members, slugs
from shop.catalog.collection_models import BrandTranslation, Collection
from shop.catalog.models import Brand, Product
from shop.catalog.search import entries
from shop.core import changes, outbox, renames
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

BATCH = 200
_MAX_TEXT = 2000


def check_may_change(brand_id: int, store_ids: Several[int]) -> None:
    """Raise ``Conflict("brand-shared")`` when other stores' goods carry the brand."""
    other = select(Product.id).where(
        Product.brand_id == brand_id, Product.store_id.not_in(list(store_ids))
    )
    if db.session.scalar(other.limit(1)) is not None:
        raise Conflict("brand-shared")


def update_brand(
    brand_id: int,
    *,
    name: str,
    slug: str,
    texts: Mapping[str, str],
) -> None:
    """Change a brand; its logo stays. Records ``brand.renamed{brand_id}``: a job lets its goods be found
    by the new name.

    Raises ``NotFound("brand-unknown")`` and ``Invalid``: "brand-name-missing", "text-too-long",
    "slug-form", "brand-slug-taken".
    """
    brand = db.session.get(Brand, brand_id, with_for_update=True, populate_existing=True)
    if brand is None:
        raise NotFound("brand-unknown")
    name = " ".join(name.split())
    if not name:
        raise Invalid("brand-name-missing", field="name")
    if len(name) > 160:
        raise Invalid("text-too-long", field="name", limit=160)
    for locale, text in texts.items():
        if len(text) > _MAX_TEXT:
            raise Invalid("text-too-long", field=f"text_{locale}", limit=_MAX_TEXT)
    if not slugs.is_slug(slug):
        raise Invalid("slug-form", field="slug", slug=slug)
    old = brand.slug
    if name != brand.name:
        outbox.record("brand.renamed", brand_id=brand_id)
    brand.name = name
    try:
        with db.session.begin_nested():
            brand.slug = slug
            db.session.flush()  # the unique slug decides here
    except IntegrityError:
        raise Invalid("brand-slug-taken", field="slug", slug=slug) from None
    renames.renamed("brand", brand_id, old, slug)
    db.session.execute(delete(BrandTranslation).where(BrandTranslation.brand_id == brand_id))
    db.session.add_all(
        BrandTranslation(brand_id=brand_id, locale=locale, text=text.strip())
        for locale, text in texts.items()
        if text.strip()
    )


def set_image(brand_id: int, image: Mapping[str, Any]) -> None:
    """Give a brand a logo (``stored_images.as_data``), or with an empty one none. Raises ``NotFound``."""
    brand = db.session.get(Brand, brand_id, with_for_update=True, populate_existing=True)
    if brand is None:
        raise NotFound("brand-unknown")
    brand.image = dict(image) or None


def merge(brand_id: int, into_id: int) -> bool:
    """Give at most ``BATCH`` goods of one brand to another; true once the first is no more.

    Called again and again, a transaction each. Its address and its name lead to the other from then on, also
    in imports. Raises ``Invalid("brand-same")`` and ``NotFound("brand-unknown")``.
    """
    if brand_id == into_id:
        raise Invalid("brand-same", field="into")
    for one in sorted((brand_id, into_id)):
        if db.session.get(Brand, one, with_for_update=True, populate_existing=True) is None:
            raise NotFound("brand-unknown")
    ids = db.session.scalars(
        update(Product)
        .where(
            Product.id.in_(
                select(Product.id)
                .where(Product.brand_id == brand_id)
                .order_by(Product.id)
                .limit(BATCH)
            )
        )
        .values(brand_id=into_id, version=Product.version + 1)
        .returning(Product.id)
        .execution_options(synchronize_session=False)
    ).all()
    _follow_rules(brand_id, into_id)
    for product_id in ids:
        entries.refresh(product_id)
        collection_members.follow(product_id)
        changes.note("product", product_id)
    if len(ids) == BATCH:
        return False
    gone = db.session.get_one(Brand, brand_id)
    # Imports look for the address that a name makes, whatever address the brand had in the end.
    former = {gone.slug, slugs.brand_slug(gone.name)}
    renames.leads_to("brand", brand_id, into_id)
    kept = db.session.get_one(Brand, into_id).slug
    db.session.delete(gone)
    db.session.flush()  # its slug is free only now
    for slug in former - {kept}:
        renames.renamed("brand", into_id, slug, kept)
    return True


def _follow_rules(brand_id: int, into_id: int) -> None:
    """Rules that name the one name the other as well, and are followed again."""
    for collection in db.session.scalars(
        select(Collection)
        .where(Collection.kind == "rule")
        .order_by(Collection.id)
        .with_for_update()
    ):
        conditions = []
        changed = False
        for condition in collection.rule["conditions"]:
            ids = condition.get("ids", [])
            if condition["field"] == "brand" and brand_id in ids:
                named = [into_id if one == brand_id else one for one in ids]
                condition = {**condition, "ids": list(dict.fromkeys(named))}
                changed = True
            conditions.append(condition)
        if changed:
            collection.rule = {**collection.rule, "conditions": conditions}
            collection.stale = True
    db.session.flush()  # goods follow the rules by statement
