"""From rows of the database to the views that several readers share."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from shop.catalog.models import Image
from shop.catalog.views import ImageView, Rating
from shop.core import clock
from shop.core.i18n import pick

NEW_FOR = timedelta(days=30)
_COLUMNS = ("public_id", "name", "width", "height", "widths", "alts")


def image_columns(source: Any = Image, prefix: str = "") -> list[Any]:
    """What ``image_view`` reads of a picture, each column named with ``prefix``."""
    return [getattr(source, name).label(prefix + name) for name in _COLUMNS]


def image_view(row: Any, locale: str, prefix: str = "") -> ImageView | None:
    """The picture of a row in one language; None where there is none or it was never fetched."""
    public_id, name, width, height, widths, alts = _picture(prefix)(row)
    if not name or not widths:
        return None
    sizes = tuple(int(made) for made in widths.split())
    return ImageView(name, width, height, sizes, pick(alts, locale), public_id)


@lru_cache(maxsize=8)
def _picture(prefix: str) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(prefix + column for column in _COLUMNS))


def rating(total: int, count: int) -> Rating:
    """The mean of ``count`` ratings of ``total`` stars, to one place."""
    return Rating(round(total / count, 1) if count else None, count)


def is_new(published_at: datetime | None) -> bool:
    """Whether something was first published within the last thirty days."""
    return published_at is not None and published_at > clock.now() - NEW_FOR
