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

Key = tuple[str, str, bool]
Photos = Mapping[Key, list[Rendered]]
"""Product and author of a review, and whether it is what they added later → its photos."""


def count() -> int:
    """How many there are."""
    return len(_wanted())


def take(storage: Storage, step: Callable[[], None]) -> Photos:
    """Take, render and store the photos that the reviews name."""
    wanted = _wanted()
    shots = (
        _shot((texts.PICTURES / f"{stem}.jpg").read_bytes(), f"{key[:2]} {stem}")
        for key, stem in wanted
    )
    made: dict[Key, list[Rendered]] = {}
    for (key, _), rendered in zip(wanted, rendering.render_many(shots, 2), strict=True):
        storage.save_all(rendered.files)
        made.setdefault(key, []).append(rendered)
        step()
    return made


def of(photos: Photos, row: Mapping[str, Any], *, later: bool = False) -> list[Rendered]:
    """The photos of a review of the texts; those of what was added ``later``."""
    return photos.get((row["product"], row["author"], later), [])


def _wanted() -> list[tuple[Key, str]]:
    """The pictures that are taken photos of, for whom."""
    return [
        ((row["product"], row["author"], later), stem)
        for row in texts.read("reviews")["review"]
        for later, said in ((False, row), (True, row.get("followup", {})))
        for stem in said.get("photos", ())
    ]


def of_goods(storage: Storage, name: str, folder: str) -> Rendered:
    """A photo that a customer took of a thing of this picture, stored in ``folder``."""
    sizes = storage.folder.glob(f"{name}-*.jpg")
    largest = max(sizes, key=lambda path: int(path.stem.rpartition("-")[2]))
    rendered = rendering.render(_shot(largest.read_bytes(), name), new_name(folder))
    storage.save_all(rendered.files)
    return rendered


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
