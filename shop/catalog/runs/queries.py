"""Reading runs of imports."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from shop.catalog.runs.models import ImportRow, ImportRun
from shop.core.db import db


def runs(store_id: int | None = None, limit: int = 50) -> Sequence[ImportRun]:
    """The newest runs, of one store or of all."""
    found = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit)
    if store_id is not None:
        found = found.where(ImportRun.store_id == store_id)
    return db.session.scalars(found).all()


def by_public_id(public_id: str, store_id: int | None = None) -> ImportRun | None:
    """A run by its public id, where ``store_id`` is given only of that store."""
    found = select(ImportRun).where(ImportRun.public_id == public_id)
    if store_id is not None:
        found = found.where(ImportRun.store_id == store_id)
    return db.session.scalar(found)


def undone(run_id: int) -> Mapping[str, int]:
    """What became of the products of a run when it was undone → how many."""
    counted = db.session.execute(
        select(ImportRow.undone, func.count())
        .where(ImportRow.run_id == run_id, ImportRow.undone.is_not(None))
        .group_by(ImportRow.undone)
    )
    return {str(became): number for became, number in counted}


def left(run_id: int, limit: int = 20) -> Sequence[str]:
    """Handles of products that were not taken back."""
    return db.session.scalars(
        select(ImportRow.handle)
        .where(ImportRow.run_id == run_id, ImportRow.undone == "left")
        .order_by(ImportRow.id)
        .limit(limit)
    ).all()
