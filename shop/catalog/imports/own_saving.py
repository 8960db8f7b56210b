"""Saving a product of the shop's own file: the file tells all there is, so the product becomes just that.

Kept: the file that buyers of a digital product get, which no file of goods carries, and pictures that
were uploaded since the file was written.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import select, update

from shop.catalog import html, products
from shop.catalog.data import ImageSource, OptionData, OptionValueData, ProductData
from shop.catalog.exports.extras import UNNAMED
from shop.catalog.exports.reading import MEDIA, Goods, filled, goods
from shop.catalog.imports import own_links
from shop.catalog.imports.contexts import Draft
from shop.catalog.imports.own_links import OnParts
from shop.catalog.imports.problems import Problem
from shop.catalog.listing import refresh_listing
from shop.catalog.models import Image, Product
from shop.core.db import db


class Brought(NamedTuple):
    """A product that was saved, and what had to be left out. ``later``: it is to be shown with goods
    further down in the file."""

    product_id: int
    changed: bool
    problems: list[Problem]
    later: bool


def bring(draft: Draft, product_id: int | None, on_parts: OnParts) -> Brought:
    """Save a product, new without ``product_id``. Raises as ``own_links.apply``."""
    handle = draft.data.import_handle or ""
    problems: list[Problem] = []
    before = next(goods(draft.data.store_id, [product_id]), None) if product_id else None
    data = _fitted(draft.data, before, problems)
    if before is not None:
        links = own_links.resolve(draft, before)
        unchanged = _comparable(data) == _comparable(_named_in(before.data, data))
        if unchanged and own_links.same(draft.told, links, before):
            later = own_links.later(draft.told, links, problems, handle)
            return Brought(before.id, False, problems, later)
        own_links.dissolve(draft.told, before, on_parts)
    pictures = list(data.images or ())
    fetched = [image for image in pictures if not image.url.startswith(MEDIA)]
    stored = [image for image in pictures if image.url.startswith(MEDIA)]
    known = {} if before is None else _uploaded(before.id)
    written = _with_pictures(replace(data, images=fetched), known)
    saved = products.save_product(written, product_id=product_id).id
    added = _add_missing(saved, data.store_id, [image.url for image in stored], problems, handle)
    if added:
        # The pictures of variants have an id only now.
        written = _with_pictures(replace(data, images=fetched), _uploaded(saved))
        products.save_product(written, product_id=saved)
    _arrange(saved, pictures)
    later = own_links.apply(draft, saved, before, on_parts, problems)
    refresh_listing(saved)
    return Brought(saved, True, problems, later)


def _fitted(data: ProductData, before: Goods | None, problems: list[Problem]) -> ProductData:
    """``data`` with what the file cannot say, and without an address that another product has."""
    handle = data.import_handle or ""
    if data.slug:
        owner = db.session.scalar(select(Product.id).where(Product.slug == data.slug))
        if owner is not None and (before is None or owner != before.id):
            problems.append(Problem("slug-dropped", handle, None, False, {"value": data.slug}))
            data = replace(data, slug=before.slug if before else None)
    elif before is not None:
        data = replace(data, slug=before.slug)
    if before is not None:
        unnamed = handle.startswith(UNNAMED) and before.handle == handle
        data = replace(
            data,
            digital_name=before.data.digital_name,
            published_at=data.published_at or before.data.published_at,
            tax_class=before.data.tax_class if data.tax_class is None else data.tax_class,
            import_handle=None if unnamed and not _has_handle(before.id) else handle,
        )
    if data.kind == "digital" and data.status == "published" and not data.digital_name:
        problems.append(Problem("no-delivery", handle, None, False))
        data = replace(data, status="draft")
    return data


def _has_handle(product_id: int) -> bool:
    handle = select(Product.import_handle).where(Product.id == product_id)
    return db.session.scalar(handle) is not None


def _named_in(current: ProductData, data: ProductData) -> ProductData:
    """The product without uploaded pictures that the file does not name."""
    named = {image.url for image in data.images or ()}
    images = current.images or ()
    return replace(
        current,
        images=[image for image in images if image.url in named or not image.url.startswith(MEDIA)],
    )


def _comparable(data: ProductData) -> ProductData:
    """``data`` in the form in which it would be stored."""
    return replace(
        data,
        texts={
            locale: replace(
                text,
                title=" ".join(text.title.split()),
                description_html=html.clean(text.description_html),
            )
            for locale, text in data.texts.items()
        },
        variants=[replace(variant, values=tuple(variant.values)) for variant in data.variants],
        options=[
            OptionData(
                filled(option.names),
                [
                    OptionValueData(value.key, filled(value.labels), value.swatch)
                    for value in option.values
                ],
            )
            for option in data.options
        ],
        specs={locale: list(specs) for locale, specs in data.specs.items() if specs},
        brand=data.brand.strip(),
        tags=list(dict.fromkeys(tag.strip() for tag in data.tags if tag.strip())),
        import_handle=None,
        images=[ImageSource(image.url, filled(image.alts)) for image in data.images or ()],
    )


def _uploaded(product_id: int) -> dict[str, str]:
    """Address → public id of the uploaded pictures of a product."""
    rows = db.session.execute(
        select(Image.name, Image.public_id)
        .where(Image.product_id == product_id, Image.source_url.is_(None))
        .order_by(Image.position.desc(), Image.id.desc())
    )
    return {f"{MEDIA}{row.name}": row.public_id for row in rows}


def _with_pictures(data: ProductData, uploaded: Mapping[str, str]) -> ProductData:
    """Variants name their uploaded picture by its public id, as the services want it."""
    return replace(
        data,
        variants=[
            replace(variant, image=uploaded.get(variant.image or "", variant.image))
            for variant in data.variants
        ],
    )


def _add_missing(
    product_id: int, store_id: int, addresses: list[str], problems: list[Problem], handle: str
) -> bool:
    """Give the product pictures that are stored for another product of the store."""
    known = _uploaded(product_id)
    added = False
    for address in addresses:
        if address in known:
            continue
        other = db.session.execute(
            select(Image.name, Image.width, Image.height, Image.widths)
            .join(Product, Product.id == Image.product_id)
            .where(Image.name == address.removeprefix(MEDIA), Product.store_id == store_id)
            .limit(1)
        ).one_or_none()
        if other is None:
            problems.append(Problem("picture-unknown", handle, None, False, {"value": address}))
            continue
        db.session.add(Image(product_id=product_id, position=0, alts={}, **other._asdict()))
        added = True
    db.session.flush()  # they are arranged by statement
    return added


def _arrange(product_id: int, pictures: list[ImageSource]) -> None:
    """Put the pictures of the file in its order, with its texts; others stay behind them."""
    left: dict[str, list[Any]] = {}
    for row in db.session.execute(
        select(Image.id, Image.name, Image.source_url)
        .where(Image.product_id == product_id)
        .order_by(Image.position, Image.id)
    ):
        left.setdefault(row.source_url or f"{MEDIA}{row.name}", []).append(row.id)
    position = 0
    for image in pictures:
        for image_id in left.pop(image.url, [])[:1]:
            _put(image_id, position, alts=dict(image.alts))
            position += 1
    for ids in left.values():
        for image_id in ids:
            _put(image_id, position)
            position += 1


def _put(image_id: int, position: int, **values: Any) -> None:
    db.session.execute(
        update(Image).where(Image.id == image_id).values(position=position, **values)
    )
