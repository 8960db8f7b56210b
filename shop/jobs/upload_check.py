"""The dry run of an upload: every product is tried, and what would become of it is written down."""

import time

from shop.catalog.imports.reader import Group
from shop.catalog.runs import applying, uploads
from shop.catalog.runs.states import UploadState
from shop.catalog.runs.uploads import Finding
from shop.core.transaction import transaction
from shop.jobs.importing import bring_in
from shop.jobs.upload_work import Work, groups, verdict

_BATCH = 25
_EVERY = 1.0
"""How often the dry run says how far it is."""


def check(work: Work) -> bool:
    """The dry run; False when the time is over before the file is."""
    pages = _Findings(work)
    for _, rows, item in groups(work):
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
        verdict(done),
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
