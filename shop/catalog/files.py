"""Files of a digital product: several of them, each in versions that earlier buyers may be given, too.

File 0 is the product's main one (``digital_name``, set by its editor or an import); an order line keeps
the name that it had when it was bought. The others are found by when the line was bought.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from shop.catalog.models import Product
from shop.catalog.terms_models import ProductFile
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

MOST = 20
MAIN = "main"
"""Names the main file as it was when a line was bought."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that can be fetched. ``key`` names it in forms, ``name`` in the storage."""

    key: str
    slot: int
    version: int
    name: str
    size: int
    added_at: datetime | None

    @property
    def title(self) -> str:
        """What the buyer's file is called."""
        return self.name.rsplit("/", 1)[-1]


def add(
    product_id: int, name: str, size: int, *, slot: int | None = None, for_earlier: bool = False
) -> FileView:
    """Another file, or with ``slot`` a new version of one; ``for_earlier`` buyers get it as well.

    Raises ``NotFound("product-unknown" | "file-unknown")``, ``Invalid("files-too-many")``.
    """
    product = db.session.scalar(
        select(Product).where(Product.id == product_id).with_for_update()
    )  # two uploads at once must not both take the same number
    if product is None:
        raise NotFound("product-unknown")
    known = {view.slot for view in current(product_id)}
    if slot is None and not product.digital_name:
        slot = 0
    if slot is None:
        if len(known) >= MOST:
            raise Invalid("files-too-many", field="file", maximum=MOST)
        highest = select(func.coalesce(func.max(ProductFile.slot), 0))
        slot = int(db.session.scalar(highest.where(ProductFile.product_id == product_id)) or 0)
        slot += 1
    elif slot not in known and slot != 0:
        raise NotFound("file-unknown")
    latest = db.session.scalar(
        select(func.max(ProductFile.version)).where(
            ProductFile.product_id == product_id, ProductFile.slot == slot
        )
    )
    first = 2 if slot == 0 and product.digital_name else 1
    row = ProductFile(
        product_id=product_id,
        slot=slot,
        version=(latest or first - 1) + 1,
        name=name,
        size=size,
        for_earlier=for_earlier,
        added_at=clock.now(),
    )
    db.session.add(row)
    if slot == 0:
        product.digital_name = name
    db.session.flush()  # the answer names its public id
    return _view(row)


def remove(product_id: int, key: str) -> None:
    """Later buyers do not get this file; who bought it keeps it. Raises ``NotFound("file-unknown")``."""
    slot = db.session.scalar(
        select(ProductFile.slot).where(
            ProductFile.product_id == product_id, ProductFile.public_id == key, ProductFile.slot > 0
        )
    )
    if slot is None:
        raise NotFound("file-unknown")
    db.session.execute(
        update(ProductFile)
        .where(
            ProductFile.product_id == product_id,
            ProductFile.slot == slot,
            ProductFile.removed_at.is_(None),
        )
        .values(removed_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def current(product_id: int) -> list[FileView]:
    """What who buys now gets, the main file first (its size is 0 when an editor or import set it)."""
    main = db.session.scalar(select(Product.digital_name).where(Product.id == product_id))
    newest: dict[int, FileView] = {}
    if main:
        newest[0] = FileView(MAIN, 0, 1, main, 0, None)
    for row in _rows([product_id]):
        if row.slot == 0:
            if row.name == main:
                newest[0] = FileView(MAIN, 0, row.version, main, row.size, row.added_at)
        elif row.removed_at is None:
            newest[row.slot] = _view(row)
    return [newest[slot] for slot in sorted(newest)]


def bought(lines: Iterable[tuple[int, int, str | None]], at: datetime) -> dict[int, list[FileView]]:
    """The files of lines that were bought ``at`` a moment; each line as its id, its product, and the
    main file that was noted with it."""
    lines = list(lines)
    rows = _rows({product_id for _, product_id, _ in lines})
    found: dict[int, list[FileView]] = {}
    for line_id, product_id, main in lines:
        newest: dict[int, FileView] = {}
        if main:
            newest[0] = FileView(MAIN, 0, 1, main, 0, None)
        for row in rows:
            if row.product_id != product_id or (row.removed_at and row.removed_at <= at):
                continue
            earlier = row.added_at <= at
            # The main file of that day is noted with the line; of it only what came later counts.
            if (earlier and row.slot > 0) or (not earlier and row.for_earlier):
                newest[row.slot] = _view(row)
        found[line_id] = [newest[slot] for slot in sorted(newest)]
    return found


def copy(product_id: int, to: int) -> None:
    """Give a copied product the further files of its original; what is stored is shared."""
    for number, view in enumerate((one for one in current(product_id) if one.slot > 0), start=1):
        db.session.add(
            ProductFile(product_id=to, slot=number, version=1, name=view.name, size=view.size)
        )


def _rows(product_ids: Iterable[int]) -> Sequence[ProductFile]:
    return db.session.scalars(
        select(ProductFile)
        .where(ProductFile.product_id.in_(list(product_ids)))
        .order_by(ProductFile.product_id, ProductFile.slot, ProductFile.version)
    ).all()


def _view(row: ProductFile) -> FileView:
    return FileView(row.public_id, row.slot, row.version, row.name, row.size, row.added_at)
