"""Pictures that belong to no product: kept as ``{"name", "width", "height", "widths"}`` beside their thing."""

from collections.abc import Mapping
from typing import Any

from shop.catalog.rendering import Rendered
from shop.catalog.views import ImageView


def stored_image(kept: Mapping[str, Any] | None, alt: str) -> ImageView | None:
    """The picture as pages show it; None where there is none."""
    if not kept or not kept.get("widths"):
        return None
    widths = tuple(int(width) for width in kept["widths"])
    return ImageView(str(kept["name"]), int(kept["width"]), int(kept["height"]), widths, alt)


def as_data(picture: Rendered) -> dict[str, Any]:
    """A picture that was rendered, as the database keeps it."""
    return {
        "name": picture.name,
        "width": picture.width,
        "height": picture.height,
        "widths": list(picture.widths),
    }
