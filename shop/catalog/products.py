"""Saving a whole product, and its status."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shop.catalog import checks, html, pictures, slugs, variants
from shop.catalog.data import ProductData, Spec, Text
from shop.catalog.listing import refresh_listing
from shop.catalog.models import Brand, Product, ProductTranslation, Specification
from shop.catalog.search import entries
from shop.core import clock, ids, outbox, renames
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound


def save_product(
    data: ProductData, *, product_id: int | None = None, expected_version: int | None = None
) -> Product:
    """Write a whole product, new or (with ``product_id``) in place of what is there.

    A variant whose combination of values stays keeps its id; one that is gone is deleted, or archived
    once something refers to it. Listing row and search documents follow. ``expected_version`` is the
    version the editor saw. Raises ``Invalid`` as ``checks.check`` does, and "slug-taken",
    "import-handle-taken"; ``NotFound``; ``Conflict("product-changed")`` when another edit came between.
    """
    checks.check(data)
    if product_id is None:
        product = _create(data)
    else:
        product = _claim(data, product_id, expected_version)
        for model in (ProductTranslation, Specification):
            db.session.execute(delete(model).where(model.product_id == product_id))
    _write_texts(product.id, data.texts)
    _write_specs(product.id, data.specs)
    if product_id is None:
        variants.create(product.id, data, pictures.create_sources(product.id, data.images))
    else:
        variants.sync(product.id, data, pictures.sync_sources(product.id, data.images))
    refresh_listing(product.id)
    entries.refresh(product.id)
    if product_id is not None:
        _tell_archived(product)
    db.session.expire(product)
    return product


def set_status(product_id: int, status: str) -> None:
    """Publish, unpublish or archive. The day of first publication stays.

    Raises ``Invalid("status-unknown")``, ``Invalid("digital-file-missing")``, ``NotFound``.
    """
    if status not in ("draft", "published", "archived"):
        raise Invalid("status-unknown", field="status", status=status)
    product = db.session.get(Product, product_id, with_for_update=True, populate_existing=True)
    if product is None:
        raise NotFound("product-unknown")
    if status == "published" and product.kind == "digital" and not product.digital_name:
        raise Invalid("digital-file-missing", field="digital_name")
    product.status = status
    product.publish_at = None
    product.version += 1
    if status == "published" and product.published_at is None:
        product.published_at = clock.now()
    db.session.flush()  # the listing row is derived by statement
    refresh_listing(product_id)
    entries.refresh(product_id)
    _tell_archived(product)


def _tell_archived(product: Product) -> None:
    """Record ``product.archived{product_id}``: what others keep about it can go."""
    if product.status == "archived":
        outbox.record("product.archived", product_id=product.id)


def _create(data: ProductData) -> Product:
    title = next(iter(data.texts.values())).title
    english = data.texts.get("en")
    wanted = data.slug or slugs.product_slug(
        english.title if english else title, data.import_handle
    )
    candidates = [wanted] if wanted else []
    if data.slug is None:
        candidates += [f"{wanted}-{ids.public_id()[:6]}".lstrip("-") for _ in range(3)]
    for slug in candidates:
        product = Product(store_id=data.store_id, slug=slug)
        _fill(product, data)
        try:
            with db.session.begin_nested():
                db.session.add(product)
                db.session.flush()  # the unique slug decides here
        except IntegrityError as error:
            _refuse_handle(error, data)
            continue
        renames.taken("product", slug)
        return product
    raise Invalid("slug-taken", field="slug", slug=data.slug or wanted)


def _claim(data: ProductData, product_id: int, expected_version: int | None) -> Product:
    """Take the product for this edit: the version moves on, or the edit is refused."""
    claim = update(Product).where(Product.id == product_id, Product.store_id == data.store_id)
    if expected_version is not None:
        claim = claim.where(Product.version == expected_version)
    version = db.session.scalar(
        claim.values(version=Product.version + 1, updated_at=clock.now()).returning(Product.version)
    )
    product = db.session.get(Product, product_id, populate_existing=True)
    if product is None or product.store_id != data.store_id:
        raise NotFound("product-unknown")
    if version is None:
        raise Conflict("product-changed", version=product.version)
    old = product.slug
    try:
        with db.session.begin_nested():
            _fill(product, data)
            if data.slug is not None:
                product.slug = data.slug
            db.session.flush()  # the unique slug decides here
    except IntegrityError as error:
        _refuse_handle(error, data)
        raise Invalid("slug-taken", field="slug", slug=data.slug) from None
    renames.renamed("product", product_id, old, product.slug)
    return product


def _refuse_handle(error: IntegrityError, data: ProductData) -> None:
    """Tell the two unique rules of a product apart; anything else is not ours to word."""
    text = str(error.orig)
    if "import_handle" in text:
        raise Invalid(
            "import-handle-taken", field="import_handle", handle=data.import_handle
        ) from None
    if "slug" not in text:
        raise error


def _fill(product: Product, data: ProductData) -> None:
    product.kind = data.kind
    product.status = data.status
    product.category_id = data.category_id
    product.brand_id = _brand_id(data.brand.strip())
    product.tags = ", ".join(dict.fromkeys(tag.strip() for tag in data.tags if tag.strip()))
    product.featured = data.featured
    product.digital_name = data.digital_name
    product.validity_days = data.validity_days
    if data.tax_class is not None:
        product.tax_class = data.tax_class
    if data.import_handle is not None:
        product.import_handle = data.import_handle
    if data.import_hash is not None:
        product.import_hash = data.import_hash
    product.published_at = _published_at(product, data)
    if data.status != "draft":
        product.publish_at = None


def _published_at(product: Product, data: ProductData) -> datetime | None:
    if data.published_at is not None:
        return data.published_at
    if product.published_at is not None:
        return product.published_at
    return clock.now() if data.status == "published" else None


def _brand_id(name: str) -> int | None:
    if not name:
        return None
    slug = slugs.brand_slug(name)
    find = select(Brand.id).where(or_(Brand.slug == slug, Brand.name == name))
    find = find.order_by((Brand.name == name).desc(), Brand.id).limit(1)  # renamed ones by name
    # One that was merged into another, or got another address, is not made anew.
    found = db.session.scalar(find) or renames.owner_id("brand", slug)
    if found is not None:
        return found
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Brand)
    db.session.execute(
        insert.values(public_id=ids.public_id(), slug=slug, name=name).on_conflict_do_nothing(
            index_elements=["slug"]
        )
    )
    return db.session.scalar(find)


def _write_texts(product_id: int, texts: Mapping[str, Text]) -> None:
    db.session.add_all(
        ProductTranslation(
            product_id=product_id,
            locale=locale,
            title=" ".join(text.title.split()),
            fact=text.fact,
            lead=text.lead,
            description_html=html.clean(text.description_html),
            seo_title=text.seo_title,
            seo_description=text.seo_description,
        )
        for locale, text in texts.items()
    )
    db.session.flush()  # the statements that follow read them


def _write_specs(product_id: int, specs: Mapping[str, Sequence[Spec]]) -> None:
    db.session.add_all(
        Specification(
            product_id=product_id,
            locale=locale,
            position=position,
            name=spec.name,
            value=spec.value,
        )
        for locale, rows in specs.items()
        for position, spec in enumerate(rows)
    )
