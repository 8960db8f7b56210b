"""Photos that go with returns: for their shopper and the staff of their store."""

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select

from shop.catalog.images import Picture
from shop.catalog.photos import PRIVATE, Photo, columns
from shop.core.db import db
from shop.order.return_models import ReturnPhoto, ReturnRequest

FOLDER = f"{PRIVATE}returns"
"""Where uploaded photos lie in media storage."""


def attach(return_id: int, pictures: Sequence[Picture]) -> None:
    """Give a new return its photos, in order. Raises ``Invalid("photos-too-many")``."""
    rows = columns(pictures)
    if rows:
        db.session.execute(insert(ReturnPhoto), [{**row, "return_id": return_id} for row in rows])


def of_returns(public_ids: Collection[str]) -> dict[str, dict[str, Photo]]:
    """Return → public id → photo, in order, for those that have some. One statement, none for nothing."""
    found: dict[str, dict[str, Photo]] = {}
    if not public_ids:
        return found
    for return_id, row in db.session.execute(
        select(ReturnRequest.public_id, ReturnPhoto)
        .join(ReturnRequest, ReturnRequest.id == ReturnPhoto.return_id)
        .where(ReturnRequest.public_id.in_(public_ids))
        .order_by(ReturnPhoto.return_id, ReturnPhoto.position)
    ):
        widths = tuple(int(width) for width in row.widths.split())
        photo = Photo(row.name, row.width, row.height, widths)
        found.setdefault(return_id, {})[row.public_id] = photo
    return found


def known(names: Collection[str]) -> set[str]:
    """Which of these stored pictures are photos of a return."""
    return set(
        db.session.scalars(select(ReturnPhoto.name).where(ReturnPhoto.name.in_(names)).distinct())
    )
