"""Returns in time: approved by silence, their stores reminded before, closed when nothing was sent."""

from collections.abc import Callable, Sequence

import structlog

from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs.context import job
from shop.order import return_deadlines

log = structlog.get_logger(__name__)


@job
def return_dates() -> int:
    """Whatever of returns has come due; returns how many were moved or told of."""
    return (
        _each(return_deadlines.to_approve(), return_deadlines.approve_due)
        + _each(return_deadlines.to_remind(), return_deadlines.remind)
        + _each(return_deadlines.to_close(), return_deadlines.close_unsent)
    )


def _each(return_ids: Sequence[str], act: Callable[[str], bool]) -> int:
    """A transaction per return; one that is refused does not keep the others."""
    done = 0
    for return_id in return_ids:
        try:
            with transaction():
                done += act(return_id)
        except ShopError as error:
            log.warning("not handled this time", id=return_id, error=str(error))
    return done
