"""Pictures that an import names by address, until they are fetched."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from shop.catalog.data import ImageSource
from shop.catalog.models import Image
from shop.core.db import db


def create_sources(product_id: int, sources: Sequence[ImageSource] | None) -> Mapping[str, int]:
    """The imported pictures of a new product, in their order. Returns the ids by address."""
    rows = [
        {"product_id": product_id, "position": place, "source_url": url, "alts": dict(source.alts)}
        for place, (url, source) in enumerate({item.url: item for item in sources or ()}.items())
    ]
    if not rows:
        return {}
    made = db.session.execute(insert(Image).returning(Image.source_url, Image.id), rows)
    return {url: image_id for url, image_id in made if url is not None}


def sync_sources(product_id: int, sources: Sequence[ImageSource] | None) -> Mapping[str, int]:
    """Make the imported pictures of a product those of ``sources``, in their order.

    One that is there already (by address) stays with its files; uploaded ones stay behind them. None
    changes nothing. Returns the ids by public id and by address.
    """
    existing = list(
        db.session.scalars(
            select(Image).where(Image.product_id == product_id).order_by(Image.position, Image.id)
        )
    )
    if sources is not None:
        by_url = {image.source_url: image for image in existing if image.source_url}
        uploaded = [image for image in existing if not image.source_url]
        kept: list[Image] = []
        for source in {item.url: item for item in sources}.values():
            image = by_url.pop(source.url, None)
            if image is None:
                image = Image(product_id=product_id, source_url=source.url)
            image.alts = dict(source.alts)
            kept.append(image)
        if by_url:
            db.session.execute(
                delete(Image).where(Image.id.in_([image.id for image in by_url.values()])),
                execution_options={"synchronize_session": False},
            )
            for image in by_url.values():
                db.session.expunge(image)
        existing = kept + uploaded
        for position, image in enumerate(existing):
            image.position = position
        db.session.add_all(existing)
        db.session.flush()  # variants name them by id
    found = {image.source_url: image.id for image in existing if image.source_url}
    return {**found, **{image.public_id: image.id for image in existing}}
