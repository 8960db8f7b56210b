"""Reading runs of imports."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select

from shop.catalog.runs.models import ImportRow, ImportRun
from shop.core.db import db

NAMED = 100


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


def became(run_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """What became of the products of undone runs: run → what → how many."""
    counted = db.session.execute(
        select(ImportRow.run_id, ImportRow.undone, func.count())
        .where(ImportRow.run_id.in_(run_ids), ImportRow.undone.is_not(None))
        .group_by(ImportRow.run_id, ImportRow.undone)
    )
    found: dict[int, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for run_id, what, number in counted:
        found[run_id][str(what)] = number
    return found


def left(run_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """Handles of products that were not taken back, the first ``NAMED`` of all: run → handles."""
    found: dict[int, list[str]] = {run_id: [] for run_id in run_ids}
    for run_id, handle in db.session.execute(
        select(ImportRow.run_id, ImportRow.handle)
        .where(ImportRow.run_id.in_(run_ids), ImportRow.undone == "left")
        .order_by(ImportRow.run_id.desc(), ImportRow.id)
        .limit(NAMED)
    ):
        found[run_id].append(handle)
    return found


def refused(run_ids: Collection[int]) -> Mapping[int, Sequence[ImportRow]]:
    """What was refused, the first ``NAMED`` of all: run → rows."""
    found: dict[int, list[ImportRow]] = {run_id: [] for run_id in run_ids}
    for row in db.session.scalars(
        select(ImportRow)
        .where(ImportRow.run_id.in_(run_ids), ImportRow.outcome == "refused")
        .order_by(ImportRow.run_id.desc(), ImportRow.id)
        .limit(NAMED)
    ):
        found[row.run_id].append(row)
    return found
