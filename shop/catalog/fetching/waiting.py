"""Which pictures wait to be fetched, and what became of a try. Inside the edge's transaction."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog import images
from shop.catalog.fetching.models import ImageFetch
from shop.catalog.images import Picture
from shop.catalog.models import Image
from shop.core import clock
from shop.core.db import db

LEASE = timedelta(minutes=5)
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""How long to wait after each try that failed; after the last one no more are made."""


def due(limit: int) -> list[int]:
    """Ids of pictures to fetch now, oldest first. One statement."""
    waits = or_(ImageFetch.image_id.is_(None), ImageFetch.next_try_at <= clock.now())
    return list(
        db.session.scalars(
            select(Image.id)
            .outerjoin(ImageFetch, ImageFetch.image_id == Image.id)
            .where(Image.name.is_(None), Image.source_url.is_not(None), waits)
            .order_by(Image.id)
            .limit(limit)
        )
    )


def claim(image_id: int) -> str | None:
    """Take a picture for one try: its address; None when it is there, gone, given up or being fetched.

    For the time of the lease nobody else tries; a job that is killed leaves it for after that.
    """
    url = db.session.scalar(
        select(Image.source_url).where(Image.id == image_id, Image.name.is_(None))
    )
    if url is None:
        return None
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(ImageFetch)
    now = clock.now()
    taken = db.session.scalar(
        insert.values(image_id=image_id, tries=1, next_try_at=now + LEASE, error="")
        .on_conflict_do_update(
            index_elements=["image_id"],
            set_={"tries": ImageFetch.tries + 1, "next_try_at": now + LEASE},
            where=ImageFetch.next_try_at <= now,
        )
        .returning(ImageFetch.image_id)
    )
    return url if taken is not None else None


def fetched(image_id: int, picture: Picture) -> None:
    """The picture is stored. Raises ``NotFound`` when it was taken away meanwhile."""
    images.fill_image(image_id, picture)
    db.session.execute(delete(ImageFetch).where(ImageFetch.image_id == image_id))


def failed(image_id: int, error: str, *, for_good: bool) -> None:
    """The try failed: wait longer each time, or give up."""
    tries = db.session.scalar(select(ImageFetch.tries).where(ImageFetch.image_id == image_id)) or 1
    again = None
    if not for_good and tries <= len(_PAUSES):
        again = clock.now() + _PAUSES[tries - 1]
    db.session.execute(
        update(ImageFetch)
        .where(ImageFetch.image_id == image_id)
        .values(next_try_at=again, error=error)
    )


def try_again(image_ids: Collection[int]) -> None:
    """Begin anew with pictures that were given up or wait."""
    db.session.execute(delete(ImageFetch).where(ImageFetch.image_id.in_(image_ids)))


def errors(product_id: int) -> dict[int, tuple[str, bool]]:
    """Why pictures of a product could not be fetched: id → (code, whether it was given up)."""
    rows = db.session.execute(
        select(ImageFetch.image_id, ImageFetch.error, ImageFetch.next_try_at)
        .join(Image, Image.id == ImageFetch.image_id)
        .where(Image.product_id == product_id, ImageFetch.error != "")
    )
    return {row.image_id: (row.error, row.next_try_at is None) for row in rows}
