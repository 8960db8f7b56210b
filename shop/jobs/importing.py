"""Products of a file brought in one after the other, each in a transaction of its own.

The command line and the jobs of the desk both do it here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from shop.catalog.imports.contexts import Context, Later
from shop.catalog.imports.drafts import draft
from shop.catalog.imports.problems import Problem
from shop.catalog.imports.reader import Group, ProductFile
from shop.catalog.imports.saving import Outcome, context
from shop.catalog.imports.tables import as_csv
from shop.catalog.runs import applying, changes, services
from shop.catalog.runs.applying import Stock
from shop.catalog.runs.changes import Change, Seen
from shop.catalog.runs.options import Options
from shop.core.errors import Busy, ShopError
from shop.core.transaction import transaction
from shop.inventory import bundles, exports
from shop.inventory import services as inventory
from shop.inventory.imports import Counting
from shop.inventory.undo import levels


class _DryRun(Exception):
    """Ends the transaction of a product that is only tried."""


MOST_ROWS = 200_000
MOST_JSON = 16 * 1024 * 1024
STOPS = ("import-stopped",)
"""Refusals that are about the run, not about the product."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a file: for which store, how, and how its stock is booked."""

    reading: Context
    options: Options
    stock: Stock


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a product; no ``outcome`` for one that was refused. ``later``: it is to be brought in
    again after the end of the file; without an outcome, nothing of it was kept till now."""

    product_id: int | None
    outcome: Outcome | None
    problems: list[Problem]
    counted: int = 0
    recorded: str = ""
    title: str = ""
    changes: list[Change] = field(default_factory=list)
    later: bool = False

    @property
    def refusal(self) -> Problem | None:
        """Why it was refused."""
        return next((one for one in self.problems if one.refuses), None)


def plan(store_id: int, file_name: str, options: Options, *, trial: bool) -> Plan:
    """Read what the rows of a file are understood with; ``trial``: nothing will be kept. Raises
    ``NotFound``."""
    grows = not exports.places(store_id)
    stock = Stock(
        levels,
        lambda: Counting(store_id, f"Import of {file_name}", grows=grows),
        inventory.keep_available,
        bundles.compose,
    )
    reading = context(store_id, options.locale, trial=trial)
    if options.category_id not in reading.slugs.values():
        options = replace(options, category_id=None)  # it is gone since
    return Plan(reading, options, stock)


@contextmanager
def opened(file: Path, wanted: str | None = None) -> Iterator[ProductFile]:
    """A file, looked over, of any size: for operators. Raises ``FileRefused``."""
    with as_csv(file) as rows:
        yield ProductFile(rows, wanted)


@contextmanager
def opened_at_desk(file: Path, *, glance: bool = False) -> Iterator[ProductFile]:
    """The same within what a job may take of time and memory; ``glance`` looks at signs and headings only.

    Raises ``FileRefused``.
    """
    with as_csv(file, MOST_JSON) as rows:
        yield ProductFile(rows, glance=glance, most=MOST_ROWS)


def bring_in(
    item: Group,
    source: ProductFile,
    what: Plan,
    *,
    run_id: int | None,
    step: Callable[[Done | None], None] | None = None,
    told: bool = False,
) -> Done:
    """Bring in one product; without a run it is only tried.

    ``step`` is called in the transaction that says what became of it: None before the product is
    touched, then with what was done. ``told``: also say what it changes. Raises ``Busy``, and
    ``Conflict("import-stopped")`` once the run is being undone or another process did this step.
    """
    found, problems = draft(item, source.headings, what.reading)
    if item.again:
        problems = [one for one in problems if one.refuses]  # the rest was said the first time
    if found is None:
        return _refused(Done(None, None, problems), run_id, step)
    title = changes.title(found.data, what.reading.locale)
    row = item.rows[0].number if item.rows else None
    result = Done(None, None, problems, title=title)
    try:
        with transaction():
            if step is not None:
                step(None)
            wanted = applying.as_wanted(found, what.options)
            set_stock = what.options.set_stock
            before = services.look(wanted, set_stock=set_stock, levels=what.stock.levels)
            old = _see(what, before.product_id) if told and before.rows is not None else None
            brought = applying.bring(
                wanted,
                before,
                what.stock,
                set_stock=set_stock,
                run_id=run_id,
                row=row,
                was=item.was,
            )
            result = Done(
                brought.product_id,
                brought.outcome,
                [*problems, *brought.problems],
                brought.counted,
                brought.recorded,
                title,
                _differences(what, before, old, brought) if told else [],
                brought.later,
            )
            if step is not None:
                step(result)
            if run_id is None:
                raise _DryRun
    except _DryRun:
        pass
    except Later:
        return _put_off(Done(None, None, problems, title=title, later=True), step)
    except Busy:
        raise
    except ShopError as error:
        if error.reason in STOPS:
            raise
        at = error.params.get("row", row)
        problem = Problem(error.reason, item.handle, at, params=error.params)
        return _refused(Done(None, None, [*problems, problem], title=title), run_id, step)
    return result


def _put_off(done: Done, step: Callable[[Done | None], None] | None) -> Done:
    if step is not None:
        with transaction():
            step(None)
            step(done)
    return done


def _refused(done: Done, run_id: int | None, step: Callable[[Done | None], None] | None) -> Done:
    problem = done.refusal
    if run_id is not None and problem is not None:
        with transaction():
            if step is not None:
                step(None)
            services.refuse(run_id, problem)
            if step is not None:
                step(done)
    return done


def _see(what: Plan, product_id: int | None) -> Seen | None:
    if product_id is None:
        return None
    return changes.see(what.reading.store_id, product_id, what.stock.levels(product_id))


def _differences(
    what: Plan, before: services.Before, old: Seen | None, brought: applying.Brought
) -> list[Change]:
    if before.product_id is not None and old is None:
        return []  # it is left alone
    new = _see(what, brought.product_id)
    return [] if new is None else changes.between(old, new)
