"""Taking a run back, product by product: each in a transaction of the edge's, the last first."""

from collections.abc import Callable, Sequence

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from shop.catalog import products
from shop.catalog.bundle_models import BundlePart
from shop.catalog.listing import refresh_listing
from shop.catalog.models import Brand, Product, Variant
from shop.catalog.runs import snapshots
from shop.catalog.runs.models import ImportRow, ImportRun
from shop.catalog.runs.services import move
from shop.catalog.runs.states import RunState, Undone
from shop.catalog.search import entries
from shop.core.db import db
from shop.core.errors import Conflict, NotFound

Reverse = Callable[[int, list[list[int]]], None]
"""Called with (product id, [[variant id, location id, units to take back], …])."""
DID = ("created", "updated")


def begin_undo(run_id: int) -> None:
    """Nothing more is imported by this run from here on.

    Raises ``Conflict("import-newer")``, with the newer run, when a later one that was not undone
    touched one of its products; ``NotFound``.
    """
    move(run_id, RunState.UNDOING)
    mine, later = aliased(ImportRow), aliased(ImportRow)
    newer = db.session.scalar(
        select(ImportRun.public_id)
        .where(
            ImportRun.id > run_id,
            exists()
            .where(
                later.run_id == ImportRun.id,
                later.outcome.in_(DID),
                or_(later.undone.is_(None), later.undone == str(Undone.LEFT)),
                mine.run_id == run_id,
                mine.outcome.in_(DID),
                mine.product_id == later.product_id,
            )
            .correlate(ImportRun),
        )
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    if newer is not None:
        raise Conflict("import-newer", run=newer)


def open_rows(run_id: int, before: int | None = None) -> Sequence[int]:
    """What is still to be taken back, the last first; of those ``before`` a row, if given."""
    found = select(ImportRow.id).where(
        ImportRow.run_id == run_id,
        ImportRow.outcome.in_(DID),
        or_(ImportRow.undone.is_(None), ImportRow.undone == str(Undone.LEFT)),
    )
    if before is not None:
        found = found.where(ImportRow.id < before)
    return db.session.scalars(found.order_by(ImportRow.id.desc())).all()


def undo_row(row_id: int, *, overwrite: bool, reverse: Reverse) -> Undone | None:
    """Take back what a run did to one product; None when that was done by another process.

    A product that was edited since is left, unless ``overwrite``. The version goes back too, so that an
    older run finds the product as it left it. Raises ``Conflict("import-rows-taken")``.
    """
    row = db.session.get(ImportRow, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("import-unknown")
    if row.undone not in (None, Undone.LEFT):
        return None
    product = row.product_id and db.session.get(
        Product, row.product_id, with_for_update=True, populate_existing=True
    )
    if not product:
        row.undone = Undone.GONE
    elif not overwrite and (
        product.version != row.version
        or (row.before is not None and snapshots.is_edited(product.id, row.before))
    ):
        row.undone = Undone.LEFT
    else:
        row.undone = _take_back(row, product, reverse)
    return Undone(row.undone)


def leave_row(row_id: int) -> None:
    """Note that a product could not be brought back."""
    db.session.execute(
        update(ImportRow).where(ImportRow.id == row_id).values(undone=str(Undone.LEFT))
    )


def _take_back(row: ImportRow, product: Product, reverse: Reverse) -> Undone:
    product_id, brand_id = product.id, product.brand_id
    newest = db.session.scalar(select(ImportRun.last_brand_id).where(ImportRun.id == row.run_id))
    if row.stock or row.before is not None:
        # Without stock to take back, too: what its parts allow of a bundle is told anew.
        reverse(product_id, row.stock)
    if row.before is None:
        became = _remove(product_id)
    else:
        try:
            snapshots.restore(product_id, row.before)
        except IntegrityError:
            # Its address, or the category it was in, is no longer to be had.
            raise Conflict("import-rows-taken") from None
        refresh_listing(product_id)
        entries.refresh(product_id)
        became = Undone.RESTORED
    if brand_id is not None and newest is not None and brand_id > newest:
        db.session.execute(
            delete(Brand).where(
                Brand.id == brand_id, ~exists().where(Product.brand_id == brand_id)
            ),
            execution_options={"synchronize_session": False},
        )
    return became


def _remove(product_id: int) -> Undone:
    """Delete a product, or archive it once an order or the ledger names it.

    Archived, it is no longer what its file made of it: another import of the file brings it back.
    """
    products.set_status(product_id, "archived")
    try:
        with db.session.begin_nested():
            # A variant may be a part of another one of the same product.
            variants = select(Variant.id).where(Variant.product_id == product_id)
            db.session.execute(delete(BundlePart).where(BundlePart.bundle_id.in_(variants)))
            db.session.execute(
                delete(Product).where(Product.id == product_id),
                execution_options={"synchronize_session": False},
            )
    except IntegrityError:
        db.session.execute(
            update(Product).where(Product.id == product_id).values(import_hash=None),
            execution_options={"synchronize_session": False},
        )
        return Undone.ARCHIVED
    return Undone.DELETED
