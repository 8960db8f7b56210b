"""Photos that go with returns: for their shopper and the staff of their store."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, insert, select

from shop.catalog.images import Picture
from shop.catalog.photos import PRIVATE, Photo, columns
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.order.return_models import ReturnPhoto, ReturnRequest

FOLDER = f"{PRIVATE}returns"
"""Where uploaded photos lie in media storage."""


def attach(return_id: int, pictures: Sequence[Picture]) -> None:
    """Give a new return its photos, in order. Raises ``Invalid("photos-too-many")``."""
    rows = columns(pictures)
    if rows:
        db.session.execute(insert(ReturnPhoto), [{**row, "return_id": return_id} for row in rows])


Photos = dict[str, dict[str, Photo]]
"""Return → public id → photo, in order, for those that have some."""


@askable
def of_order(order_id: int) -> Lookup[Photos]:
    """The photos of all returns of an order."""
    return Lookup(_read, _photos().where(ReturnRequest.order_id == order_id))


def of_returns(public_ids: Collection[str]) -> Photos:
    """The photos of some returns. One statement, none for nothing."""
    if not public_ids:
        return {}
    return _read(db.session.execute(_photos().where(ReturnRequest.public_id.in_(public_ids))).all())


def _photos() -> Select[str, str, str, int, int, str]:
    return (
        select(
            ReturnRequest.public_id.label("of"),
            ReturnPhoto.public_id,
            ReturnPhoto.name,
            ReturnPhoto.width,
            ReturnPhoto.height,
            ReturnPhoto.widths,
        )
        .join(ReturnRequest, ReturnRequest.id == ReturnPhoto.return_id)
        .order_by(ReturnPhoto.return_id, ReturnPhoto.position)
    )


def _read(rows: Rows) -> Photos:
    found: Photos = {}
    for row in rows:
        widths = tuple(int(width) for width in row.widths.split())
        photo = Photo(row.name, row.width, row.height, widths)
        found.setdefault(row.of, {})[row.public_id] = photo
    return found


def known(names: Collection[str]) -> set[str]:
    """Which of these stored pictures are photos of a return."""
    return set(
        db.session.scalars(select(ReturnPhoto.name).where(ReturnPhoto.name.in_(names)).distinct())
    )
