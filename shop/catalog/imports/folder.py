"""Pictures of an import that lie in a folder, found by the name with which their address ends.

Rendering is slow, so a product's pictures are made before the transaction that notes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from shop.catalog import images, rendering
from shop.catalog.imports.problems import Problem
from shop.catalog.media import Storage
from shop.catalog.models import Image, Product
from shop.core.db import db
from shop.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made and stored, for the row that waits for it."""

    image_id: int
    picture: rendering.Rendered


class Folder:
    """The files of a folder and those below it, by name whatever its letter case.

    Of two files of the same name the one whose path comes first counts. Links are passed over: a
    folder speaks for what lies in it.
    """

    def __init__(self, path: Path, storage: Storage) -> None:
        self._storage = storage
        self._files: dict[str, Path] = {}
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.is_symlink():
                self._files.setdefault(file.name.casefold(), file)

    def make(self, product_id: int, problems: list[Problem]) -> list[Made]:
        """Make and store the pictures of a product that have no files yet; call outside of a
        transaction. What is not there or cannot be read is told in ``problems``."""
        made = []
        for image_id, url, handle in _waiting(product_id):
            name = unquote(urlsplit(url).path).rpartition("/")[2]
            file = self._files.get(name.casefold())
            if file is None:
                problems.append(Problem("picture-missing", handle, None, False, {"value": name}))
                continue
            try:
                picture = rendering.render(_read(file))
            except Invalid:
                problems.append(Problem("picture-unreadable", handle, None, False, {"value": name}))
                continue
            self._storage.save_all(picture.files)
            made.append(Made(image_id, picture))
        return made


def fill(made: list[Made]) -> None:
    """Note the pictures that were made, inside a transaction."""
    for one in made:
        images.fill_image(one.image_id, one.picture)


def _waiting(product_id: int) -> Iterator[tuple[int, str, str]]:
    rows = db.session.execute(
        select(Image.id, Image.source_url, Product.import_handle, Product.slug)
        .join(Product, Product.id == Image.product_id)
        .where(Image.product_id == product_id, Image.name.is_(None), Image.source_url.is_not(None))
        .order_by(Image.position, Image.id)
    ).all()
    db.session.rollback()  # no read transaction stays open while pictures are made
    for row in rows:
        yield row.id, row.source_url, row.import_handle or row.slug


def _read(file: Path) -> bytes:
    """The file, if it is not larger than a picture may be: one byte more tells ``render``."""
    try:
        with file.open("rb") as source:
            return source.read(rendering.MAX_BYTES + 1)
    except OSError as error:
        raise Invalid("image-unreadable", field="image") from error
