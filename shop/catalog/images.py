"""The pictures of a product: added, moved, described, removed.

Rendering and storing take long, so the edge does them before its transaction:
``rendered = rendering.render(raw)``, ``storage.save_all(rendered.files)``, then ``add_image`` inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import delete, func, select, update

from shop.catalog.data import MAX_IMAGES
from shop.catalog.listing import refresh_listing
from shop.catalog.models import Image, Product
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid, NotFound


class Picture(Protocol):
    """What a stored picture is known by: ``rendering.Rendered`` and ``rendering.Stored`` both are."""

    @property
    def name(self) -> str:
        """Stem of its files in media storage."""

    @property
    def width(self) -> int:
        """Width of the largest size, in pixels."""

    @property
    def height(self) -> int:
        """Height of the largest size, in pixels."""

    @property
    def widths(self) -> tuple[int, ...]:
        """The sizes made, ascending."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A picture whose files are there already."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]


def add_image(product_id: int, picture: Picture, alts: Mapping[str, str]) -> Image:
    """Put a rendered and stored picture behind the others. ``alts``: locale → text.

    Raises ``NotFound`` and ``Invalid("images-too-many")``.
    """
    _touch(product_id)
    count, following = db.session.execute(
        select(func.count(), func.coalesce(func.max(Image.position) + 1, 0)).where(
            Image.product_id == product_id
        )
    ).one()
    if count >= MAX_IMAGES:
        raise Invalid("images-too-many", field="image", limit=MAX_IMAGES)
    image = Image(
        product_id=product_id,
        position=following,
        name=picture.name,
        width=picture.width,
        height=picture.height,
        widths=" ".join(map(str, picture.widths)),
        alts=dict(alts),
    )
    db.session.add(image)
    db.session.flush()  # the listing row names it by id
    refresh_listing(product_id)
    return image


def add_copy(image_id: int, product_id: int) -> str:
    """Show a picture at another product too, behind what it has; returns the new public id.

    Both share the files, which are never deleted. Raises ``NotFound``.
    """
    image = db.session.get(Image, image_id)
    if image is None or not image.name:
        raise NotFound("image-unknown")
    stored = _Stored(
        image.name, image.width, image.height, tuple(int(made) for made in image.widths.split())
    )
    return add_image(product_id, stored, image.alts).public_id


def fill_image(image_id: int, picture: Picture) -> None:
    """Give an imported picture, known by address so far, its files. Raises ``NotFound``."""
    product_id = db.session.scalar(
        update(Image)
        .where(Image.id == image_id)
        .values(
            name=picture.name,
            width=picture.width,
            height=picture.height,
            widths=" ".join(map(str, picture.widths)),
        )
        .returning(Image.product_id)
    )
    if product_id is None:
        raise NotFound("image-unknown")
    refresh_listing(product_id)


def remove_image(image_id: int) -> None:
    """Take a picture away. Its files stay: orders show the picture as it was. Raises ``NotFound``."""
    product_id = _product_of(image_id)
    _touch(product_id)
    db.session.execute(delete(Image).where(Image.id == image_id))
    _renumber(_in_order(product_id))
    refresh_listing(product_id)


def move_image(image_id: int, position: int) -> None:
    """Put a picture at a place, 0 being the first; past the end means last. Raises ``NotFound``."""
    product_id = _product_of(image_id)
    _touch(product_id)
    order = [image for image in _in_order(product_id) if image != image_id]
    order.insert(max(0, position), image_id)
    _renumber(order)
    refresh_listing(product_id)


def set_alt(image_id: int, alts: Mapping[str, str]) -> None:
    """Describe a picture: locale → text for those who do not see it. Raises ``NotFound``."""
    _touch(_product_of(image_id))
    db.session.execute(update(Image).where(Image.id == image_id).values(alts=dict(alts)))


def image_id(public_id: str, store_ids: list[int]) -> int | None:
    """The id of a picture of one of these stores' products."""
    return db.session.scalar(
        select(Image.id)
        .join(Product, Product.id == Image.product_id)
        .where(Image.public_id == public_id, Product.store_id.in_(store_ids))
    )


def _product_of(image_id: int) -> int:
    product_id = db.session.scalar(select(Image.product_id).where(Image.id == image_id))
    if product_id is None:
        raise NotFound("image-unknown")
    return product_id


def _touch(product_id: int) -> None:
    """Lock the product, so that two edits of its gallery follow each other."""
    found = db.session.scalar(
        update(Product)
        .where(Product.id == product_id)
        .values(updated_at=clock.now())
        .returning(Product.id)
    )
    if found is None:
        raise NotFound("product-unknown")


def _in_order(product_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Image.id)
            .where(Image.product_id == product_id)
            .order_by(Image.position, Image.id)
        )
    )


def _renumber(order: list[int]) -> None:
    for position, image in enumerate(order):
        db.session.execute(update(Image).where(Image.id == image).values(position=position))
