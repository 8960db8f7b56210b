"""Photos that people upload: of reviews, of returns. Stored before their row is written.

Rendering and storing take long, so the edge does them before its transaction, under a name of their own
(``new_name``): what no row names any more is found by that and removed (``shop.jobs.photos``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.images import Picture
from shop.core import ids
from shop.core.errors import Invalid

MOST_PHOTOS = 9
PRIVATE = "private/"
"""What lies below this in media storage is served by views that know who asks, never as media."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that is stored already; as ``catalog.images.Picture``."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]


def new_name(folder: str) -> str:
    """A name in ``folder`` that nobody guesses: a photo is stored before the shop has looked at it."""
    token = ids.token()
    return f"{folder}/{token[:2]}/{token}".replace("-", "_")


def columns(pictures: Sequence[Picture]) -> list[dict[str, Any]]:
    """What the rows of some photos say of them, in order. Raises ``Invalid("photos-too-many")``."""
    if len(pictures) > MOST_PHOTOS:
        raise Invalid("photos-too-many", field="photos", maximum=MOST_PHOTOS)
    return [
        {
            "public_id": ids.public_id(),
            "position": position,
            "name": picture.name,
            "width": picture.width,
            "height": picture.height,
            "widths": " ".join(map(str, picture.widths)),
        }
        for position, picture in enumerate(pictures)
    ]
