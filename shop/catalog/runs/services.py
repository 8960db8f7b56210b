"""Recording a run product by product, in the transactions that import them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from shop.catalog.imports.contexts import Draft
from shop.catalog.imports.own_lookup import find
from shop.catalog.imports.problems import Problem
from shop.catalog.models import Brand, Product
from shop.catalog.runs import snapshots
from shop.catalog.runs.models import ImportRow, ImportRun
from shop.catalog.runs.states import RUN, RunState
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, NotFound

Levels = Mapping[tuple[int, int], int]
"""(variant id, location id) → units on hand."""
ReadLevels = Callable[[int], Levels]


def begin(store_id: int, file_name: str, *, actor: str) -> ImportRun:
    """A new run, of which nothing is done yet."""
    newest = db.session.scalar(select(func.max(Brand.id))) or 0
    run = ImportRun(store_id=store_id, file_name=file_name[:255], actor=actor, last_brand_id=newest)
    db.session.add(run)
    db.session.flush()  # callers need its id
    return run


def finish(run_id: int) -> None:
    """The file is at its end. Raises ``Conflict("import-stopped")`` when the run is being undone."""
    move(run_id, RunState.FINISHED)


def move(run_id: int, state: RunState) -> None:
    """Bring a run into another state. Raises ``Conflict("import-stopped")``, ``NotFound``."""
    values: dict[str, object] = {"state": str(state)}
    if state is RunState.FINISHED:
        values["finished_at"] = clock.now()
    elif state is RunState.UNDONE:
        values["undone_at"] = clock.now()
    moved = db.session.scalar(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state.in_(RUN.sources(state)))
        .values(values)
        .returning(ImportRun.id)
    )
    if moved is None:
        if db.session.get(ImportRun, run_id) is None:
            raise NotFound("import-unknown")
        raise Conflict("import-stopped")


@dataclass(frozen=True, slots=True)
class Before:
    """A product of the file before it is saved; no id for one that is not there yet."""

    product_id: int | None
    rows: snapshots.Rows | None
    levels: Levels


def look(draft: Draft, *, set_stock: bool, levels: ReadLevels) -> Before:
    """Note what a product is before it is saved. What will be left alone is not read."""
    data = draft.data
    if draft.complete:
        product_id = find(data.store_id, data.import_handle or "")
    else:
        existing = db.session.execute(
            select(Product.id, Product.import_hash).where(
                Product.store_id == data.store_id, Product.import_handle == data.import_handle
            )
        ).one_or_none()
        product_id = existing.id if existing is not None else None
        if existing is not None and existing.import_hash == data.import_hash and not set_stock:
            return Before(product_id, None, {})
    if product_id is None:
        return Before(None, None, {})
    return Before(product_id, snapshots.take(product_id), levels(product_id))


def record(
    run_id: int,
    before: Before,
    *,
    product_id: int,
    handle: str,
    row: int | None,
    outcome: str,
    levels: ReadLevels,
    was: str = "",
) -> str:
    """Write down what became of a product; returns it, changed where its stock moved.

    ``was``: that is known already, and this is the second time that the run saved it. Raises
    ``Conflict("import-stopped")`` once undoing began.
    """
    moved: list[list[int]] = []
    if before.rows is not None or outcome == "created":
        after = levels(product_id)
        moved = [
            [*key, units - before.levels.get(key, 0)]
            for key, units in sorted(after.items())
            if units != before.levels.get(key, 0)
        ]
    if moved and outcome == "unchanged":
        outcome = "updated"  # in its stock alone
    db.session.flush()  # the version is that of the database
    version = db.session.scalar(select(Product.version).where(Product.id == product_id))
    rows = before.rows if outcome == "updated" else None
    if was:
        if outcome == "updated":
            _amend(run_id, product_id, version, rows)
        return outcome
    _count(run_id, outcome)
    db.session.add(
        ImportRow(
            run_id=run_id,
            row=row,
            handle=handle[:255],
            outcome=outcome,
            product_id=product_id,
            version=version,
            stock=moved,
            before=None if rows is None else snapshots.after(product_id, rows),
        )
    )
    return outcome


def _amend(run_id: int, product_id: int, version: int | None, rows: snapshots.Rows | None) -> None:
    """The run changed the product a second time."""
    _count(run_id, "updated", by=0)
    row = db.session.scalars(
        select(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.product_id == product_id)
        .options(undefer(ImportRow.before))
    ).one()
    row.version = version
    if row.outcome == "unchanged":
        row.outcome = "updated"
        _count(run_id, "updated")
        _count(run_id, "unchanged", by=-1)
    if row.outcome == "updated" and rows is not None:
        row.before = snapshots.again(product_id, row.before or {}, rows)


def refuse(run_id: int, problem: Problem) -> None:
    """Write down why a product was left out. Raises ``Conflict("import-stopped")``."""
    _count(run_id, "refused")
    db.session.add(
        ImportRow(
            run_id=run_id,
            row=problem.row,
            handle=problem.handle[:255],
            outcome="refused",
            code=problem.code[:80],
            sentence=problem.sentence(),
            params=problem.plain_params(),
        )
    )


def _count(run_id: int, outcome: str, by: int = 1) -> None:
    column = getattr(ImportRun, outcome)
    counted = db.session.scalar(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state == str(RunState.RUNNING))
        .values({column: column + by})
        .returning(ImportRun.id)
    )
    if counted is None:
        raise Conflict("import-stopped")
