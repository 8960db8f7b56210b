"""Taking an import back: one product after the other, each in its own transaction."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from shop.catalog.runs import services, undoing
from shop.catalog.runs.states import RunState
from shop.core import outbox
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.inventory.undo import reverse

_SECONDS = 20.0
"""Of one job; the queue gives it fifty."""


def ask(run_id: int, *, overwrite: bool) -> None:
    """Begin to undo a run, inside the edge's transaction; a job goes on with it.

    Raises as ``undoing.begin_undo`` does.
    """
    undoing.begin_undo(run_id)
    outbox.record("import.undo_asked", run_id=run_id, overwrite=overwrite)


def undo_asked(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Do what was asked for. May run twice: what is taken back already is left alone.

    A large run takes many short jobs: each records the next.
    """
    reached = take_back(
        payload["run_id"],
        overwrite=payload["overwrite"],
        before=payload.get("before"),
        ends=time.monotonic() + _SECONDS,
    )
    if reached is not None:
        with transaction():
            outbox.record("import.undo_asked", **{**payload, "before": reached})


def take_back(
    run_id: int, *, overwrite: bool, before: int | None = None, ends: float | None = None
) -> int | None:
    """Undo what is still to be undone of a run that ``begin_undo`` has opened, the last first.

    Stops once ``ends`` (of the monotonic clock) has passed: then it returns what the next call takes as
    ``before``. None when all was looked at.
    """
    reached = before
    for row_id in undoing.open_rows(run_id, before):
        if ends is not None and reached != before and time.monotonic() > ends:
            return reached
        book = partial(reverse, reason="Import undone", actor="import")
        try:
            with transaction():
                undoing.undo_row(row_id, overwrite=overwrite, reverse=book)
        except Conflict:
            # An id is taken by another product: it cannot be as it was, and stays as it is.
            with transaction():
                undoing.leave_row(row_id)
        reached = row_id
    try:
        with transaction():
            services.move(run_id, RunState.UNDONE)
    except Conflict:
        return None  # another process came to the end first
    return None
