"""Files at the desk: the dry run, and applying what was looked at.

Each works for a while, then records the next piece of work, so that a large file takes many short jobs. A
job that is killed is tried again and goes on where the rows say it was; two at once do nothing twice, for
each step is counted in the transaction that makes it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from flask import current_app
from rq.timeouts import BaseTimeoutException
from sqlalchemy.exc import DBAPIError

from shop.catalog.imports.problems import FileRefused
from shop.catalog.imports.reader import Group, ProductFile
from shop.catalog.runs import applying, services, upload_queries, uploads
from shop.catalog.runs.keeping import Kept
from shop.catalog.runs.options import from_json
from shop.catalog.runs.states import UploadState
from shop.catalog.runs.uploads import Finding
from shop.core import outbox
from shop.core.db import db
from shop.core.errors import Busy, Conflict, NotFound
from shop.core.transaction import transaction
from shop.jobs.importing import STOPS, Done, Plan, bring_in, opened_at_desk, plan

_SECONDS = 20.0
"""Of one job, after the file was looked over; the queue gives it fifty, all told."""
_BATCH = 25
_EVERY = 1.0
"""How often the dry run says how far it is."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """An upload with its file, and how far it is."""

    id: int
    store_id: int
    run_id: int | None
    position: int
    source: ProductFile
    what: Plan
    ends: float

    def is_over(self) -> bool:
        """Whether the next job is to go on."""
        return time.monotonic() > self.ends


def ask_check(upload_id: int) -> None:
    """Let a job make the dry run, inside the edge's transaction."""
    outbox.record("import.check_asked", upload_id=upload_id)


def ask_apply(upload_id: int, *, actor: str) -> None:
    """Begin to apply an upload that was looked at, inside the edge's transaction; a job goes on with it.

    Raises ``Conflict("import-stopped")`` when it is not (or no more) to be applied.
    """
    uploads.begin_apply(upload_id, actor=actor)
    outbox.record("import.apply_asked", upload_id=upload_id)


def check_asked(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Go on with a dry run. May run twice."""
    _go_on(payload["upload_id"], UploadState.CHECKING, _check, "import.check_asked")


def apply_asked(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Go on with applying. May run twice."""
    _go_on(payload["upload_id"], UploadState.APPLYING, _apply, "import.apply_asked")


def _go_on(upload_id: int, state: UploadState, work: Callable[[Work], bool], event: str) -> None:
    """Work for a while; record ``event`` when there is more to do."""
    try:
        with transaction():
            uploads.move(upload_id, state)
        with _opened(upload_id) as opened_work:
            whole = work(opened_work)
        if not whole:
            with transaction():
                outbox.record(event, upload_id=upload_id)
    except FileRefused as error:
        _fail(upload_id, error)
    except NotFound:
        return  # the upload, or its store, is gone
    except Conflict as error:
        if error.reason not in STOPS:
            raise
        _stopped(upload_id)
    except (Busy, DBAPIError, BaseTimeoutException):
        raise  # the next try may fare better
    except Exception:
        log.exception("import failed", upload=upload_id, state=str(state))
        _fail(upload_id, FileRefused("file-broken"))


@contextmanager
def _opened(upload_id: int) -> Iterator[Work]:
    found = upload_queries.get(upload_id)
    path = Kept(current_app.config["IMPORTS_FOLDER"]).path(found.kept)
    what = plan(found.store_id, found.file_name, from_json(found.options))
    store_id, run_id, position, format_ = found.store_id, found.run_id, found.position, found.format
    db.session.rollback()  # nothing is open while the file is looked over
    with _looked_over(path) as source:
        if not format_:
            with transaction():
                uploads.measure(
                    upload_id,
                    rows=source.rows,
                    format=source.headings.format,
                    damaged=source.encoding.damaged,
                )
        ends = time.monotonic() + _SECONDS
        yield Work(upload_id, store_id, run_id, position, source, what, ends)


@contextmanager
def _looked_over(path: Path) -> Iterator[ProductFile]:
    if not path.is_file():
        raise FileRefused("file-gone")
    with opened_at_desk(path) as source:
        yield source


def _groups(work: Work) -> Iterator[tuple[int, int, Group]]:
    """The products that are still to be done: place, rows read with it, and the product."""
    rows = 0
    for place, item in enumerate(work.source.groups()):
        rows += item.read
        if place >= work.position:
            yield place, rows, item


def _check(work: Work) -> bool:
    """The dry run; False when the time is over before the file is."""
    pages = _Findings(work)
    for _, rows, item in _groups(work):
        pages.add(_found(work, item), rows)
        if work.is_over():
            pages.write()
            return False
    pages.write()
    while work.what.options.missing == "archive":
        with transaction():
            found = uploads.missing(work.id, work.store_id, _BATCH)
            uploads.note(work.id, pages.position, found, rows=work.source.rows)
        pages.position += len(found)
        if not found:
            break
        if work.is_over():
            return False
    with transaction():
        uploads.move(work.id, UploadState.CHECKED)
    return True


def _found(work: Work, item: Group) -> Finding:
    done = bring_in(item, work.source, work.what, run_id=None, told=True)
    complete = work.source.headings.format == "own"
    known = applying.known(work.store_id, item.handle, complete=complete)
    first = item.rows[0].number if item.rows else None
    return Finding(
        _verdict(done),
        item.handle,
        title=done.title or _title(item),
        row=done.refusal.row or first if done.refusal else first,
        product_id=known[0] if known else None,
        changes=done.changes,
        problems=done.problems,
    )


def _title(item: Group) -> str:
    """What a product that could not be read calls itself."""
    names = ("title", "Title", "Title (en)", "Title (zh)")
    return next((row.cells[name] for row in item.rows for name in names if name in row.cells), "")


def _verdict(done: Done) -> str:
    if done.outcome is None:
        return "refused"
    stock = any(one["field"] == "stock" for one in done.changes)
    return {"created": "created", "updated": "changed"}.get(
        done.recorded, "changed" if stock else "unchanged"
    )


class _Findings:
    """Collects what is found and writes it down now and then."""

    def __init__(self, work: Work) -> None:
        self.position = work.position
        self._work = work
        self._waiting: list[Finding] = []
        self._rows = 0
        self._written = time.monotonic()

    def add(self, finding: Finding, rows: int) -> None:
        """Keep a finding; ``rows`` were read with it."""
        self._waiting.append(finding)
        self._rows = rows
        if len(self._waiting) >= _BATCH or time.monotonic() - self._written > _EVERY:
            self.write()

    def write(self) -> None:
        """Write down what waits. Raises ``Conflict("import-stopped")``."""
        if self._waiting:
            with transaction():
                uploads.note(self._work.id, self.position, self._waiting, rows=self._rows)
        self.position += len(self._waiting)
        self._waiting = []
        self._written = time.monotonic()


def _apply(work: Work) -> bool:
    """Bring in product after product; False when the time is over before the file is."""
    place = -1
    for place, rows, item in _groups(work):
        bring_in(
            item, work.source, work.what, run_id=work.run_id, step=_stepping(work, place, rows)
        )
        if work.is_over():
            return False
    run_id = work.run_id
    if run_id is None:
        raise FileRefused("file-broken")
    for position, product_id in upload_queries.to_archive(work.id, max(place + 1, work.position)):
        with transaction():
            uploads.step(work.id, UploadState.APPLYING, position, rows=work.source.rows)
            gone = product_id is not None and applying.archive(
                product_id, work.what.stock, run_id=run_id
            )
            uploads.note_applied(work.id, position, "archived" if gone else "unchanged")
        if work.is_over():
            return False
    with transaction():
        services.finish(run_id)
        uploads.move(work.id, UploadState.FINISHED)
    return True


def _stepping(work: Work, place: int, rows: int) -> Callable[[Done | None], None]:
    def step(done: Done | None) -> None:
        if done is None:
            uploads.step(work.id, UploadState.APPLYING, place, rows=rows)
        else:
            problems = done.problems if done.outcome is None else None
            uploads.note_applied(work.id, place, _verdict(done), problems)

    return step


def _fail(upload_id: int, error: FileRefused) -> None:
    db.session.rollback()
    run_id = upload_queries.get(upload_id).run_id
    try:
        with transaction():
            uploads.fail(upload_id, error)
            if run_id is not None:
                services.finish(run_id)
    except Conflict:
        return  # it was cancelled, or its run is being undone, meanwhile


def _stopped(upload_id: int) -> None:
    """Another process goes on with it, or it was cancelled, or its run is being undone."""
    db.session.rollback()
    if upload_queries.is_undone(upload_id):
        try:
            with transaction():
                uploads.move(upload_id, UploadState.CANCELLED)
        except Conflict:
            return
