"""Files at the desk: the dry run, and applying what was looked at.

Each works for a while, then records the next piece of work, so that a large file takes many short jobs. A
job that is killed is tried again and goes on where the rows say it was; two at once do nothing twice, for
each step is counted in the transaction that makes it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from flask import current_app
from rq.timeouts import BaseTimeoutException
from sqlalchemy.exc import DBAPIError

from shop.catalog.imports.problems import FileRefused
from shop.catalog.imports.reader import ProductFile
from shop.catalog.runs import applying, services, upload_queries, uploads
from shop.catalog.runs.keeping import Kept
from shop.catalog.runs.options import from_json
from shop.catalog.runs.states import UploadState
from shop.core import outbox
from shop.core.db import db
from shop.core.errors import Busy, Conflict, NotFound
from shop.core.transaction import transaction
from shop.jobs.importing import STOPS, Done, bring_in, opened_at_desk, plan
from shop.jobs.upload_check import check
from shop.jobs.upload_work import Work, groups, verdict

_SECONDS = 20.0
"""Of one job, after the file was looked over; the queue gives it fifty, all told."""

log = structlog.get_logger(__name__)


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
    _go_on(payload["upload_id"], UploadState.CHECKING, check, "import.check_asked")


def apply_asked(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Go on with applying. May run twice."""
    _go_on(payload["upload_id"], UploadState.APPLYING, _apply, "import.apply_asked")


def _go_on(upload_id: int, state: UploadState, work: Callable[[Work], bool], event: str) -> None:
    """Work for a while; record ``event`` when there is more to do."""
    try:
        with transaction():
            uploads.move(upload_id, state)
        with _opened(upload_id, trial=state is UploadState.CHECKING) as opened_work:
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
def _opened(upload_id: int, *, trial: bool) -> Iterator[Work]:
    found = upload_queries.get(upload_id)
    path = Kept(current_app.config["IMPORTS_FOLDER"]).path(found.kept)
    what = plan(found.store_id, found.file_name, from_json(found.options), trial=trial)
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


def _apply(work: Work) -> bool:
    """Bring in product after product; False when the time is over before the file is."""
    place = -1
    for place, rows, item in groups(work):
        bring_in(
            item, work.source, work.what, run_id=work.run_id, step=_stepping(work, place, rows)
        )
        if work.is_over():
            return False
    if not _bring_in_again(work):
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


def _bring_in_again(work: Work) -> bool:
    """What refers to goods further down in the file, now that these are there; False when the time is over.

    The rows say what is left, so that another job goes on with it.
    """
    places = {}
    for place, handle, was in upload_queries.put_off(work.id):
        places[handle] = place
        work.source.later_by_handle(handle, was)
    db.session.rollback()
    for item in work.source.again():
        step = _taking_up(work, places[item.handle], item.was)
        done = bring_in(item, work.source, work.what, run_id=work.run_id, step=step)
        if done.later:
            work.source.later(item, done.outcome or "")
        if work.is_over():
            return False
    return True


def _stepping(work: Work, place: int, rows: int) -> Callable[[Done | None], None]:
    def step(done: Done | None) -> None:
        if done is None:
            uploads.step(work.id, UploadState.APPLYING, place, rows=rows)
        else:
            _note(work, place, done)

    return step


def _taking_up(work: Work, place: int, was: str) -> Callable[[Done | None], None]:
    def step(done: Done | None) -> None:
        if done is None:
            uploads.take_up(work.id, place)
        else:
            _note(work, place, done, was)

    return step


def _note(work: Work, place: int, done: Done, was: str = "") -> None:
    """Write down what became of a product; of one that was brought in before, what that changed."""
    if done.later:
        uploads.put_off(work.id, place, was or done.outcome or "")
        if done.outcome is None:
            return
    became = verdict(done)
    known = was == "created" or (was and became == "unchanged")
    if not known or became == "refused":
        problems = done.problems if done.outcome is None else None
        uploads.note_applied(work.id, place, became, problems)


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
