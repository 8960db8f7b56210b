"""Photos that the demo's customers took: their own view of our pictures, cut and turned as by hand."""

import io
import random
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image, ImageEnhance

from shop.catalog import rendering
from shop.catalog.media import Storage
from shop.catalog.photos import new_name
from shop.catalog.rendering import Rendered
from shop.demo import texts

Photos = Mapping[tuple[str, str], list[Rendered]]
"""Product and author of a review → its photos."""


def count() -> int:
    """How many there are."""
    return sum(len(row.get("photos", ())) for row in texts.read("reviews")["review"])


def take(storage: Storage, step: Callable[[], None]) -> Photos:
    """Take, render and store the photos that the reviews name."""
    wanted = [
        (_of(row), stem)
        for row in texts.read("reviews")["review"]
        for stem in row.get("photos", ())
    ]
    shots = (
        _shot((texts.PICTURES / f"{stem}.jpg").read_bytes(), f"{key} {stem}")
        for key, stem in wanted
    )
    made: dict[tuple[str, str], list[Rendered]] = {}
    for (key, _), rendered in zip(wanted, rendering.render_many(shots, 2), strict=True):
        storage.save_all(rendered.files)
        made.setdefault(key, []).append(rendered)
        step()
    return made


def of(photos: Photos, row: Mapping[str, Any]) -> list[Rendered]:
    """The photos of a review of the texts."""
    return photos.get(_of(row), [])


def of_goods(storage: Storage, name: str, folder: str) -> Rendered:
    """A photo that a customer took of a thing of this picture, stored in ``folder``."""
    sizes = storage.folder.glob(f"{name}-*.jpg")
    largest = max(sizes, key=lambda path: int(path.stem.rpartition("-")[2]))
    rendered = rendering.render(_shot(largest.read_bytes(), name), new_name(folder))
    storage.save_all(rendered.files)
    return rendered


def _of(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["product"], row["author"]


def _shot(raw: bytes, seed: str) -> bytes:
    """A picture as somebody would hold a telephone over the thing: nearer, a little askew, indoors."""
    chance = random.Random(seed)  # noqa: S311 - for variety, not for secrets
    with Image.open(io.BytesIO(raw)) as opened:
        picture = opened.convert("RGB")
    turned = picture.rotate(chance.uniform(-5, 5), Image.Resampling.BICUBIC)
    share = chance.uniform(0.72, 0.82)
    width, height = round(turned.width * share), round(turned.height * share)
    if chance.random() < 0.5:
        height = round(width * 0.8)
    # Not to the very edge, where turning has left corners bare.
    left = round((turned.width - width) * chance.uniform(0.4, 0.6))
    top = round((turned.height - height) * chance.uniform(0.4, 0.6))
    cut = turned.crop((left, top, left + width, top + height))
    warm = Image.new("RGB", cut.size, (255, 214, 150))
    lit = ImageEnhance.Brightness(Image.blend(cut, warm, chance.uniform(0.04, 0.12)))
    target = io.BytesIO()
    lit.enhance(chance.uniform(0.9, 1.02)).save(target, "JPEG", quality=88)
    return target.getvalue()
