"""States of a run of an import."""

from enum import StrEnum

from shop.core.states import Machine


class RunState(StrEnum):
    """From the first product of the file to the last one taken back."""

    RUNNING = "running"
    FINISHED = "finished"
    UNDOING = "undoing"
    UNDONE = "undone"


RUN: Machine[RunState] = Machine(
    "import run",
    {
        # A run whose process was killed stays running: it can be undone as it is.
        RunState.RUNNING: frozenset({RunState.FINISHED, RunState.UNDOING}),
        RunState.FINISHED: frozenset({RunState.UNDOING}),
        # Undoing goes on where it was killed, and again for what was left.
        RunState.UNDOING: frozenset({RunState.UNDOING, RunState.UNDONE}),
        RunState.UNDONE: frozenset({RunState.UNDOING}),
    },
)


class Undone(StrEnum):
    """What became of a product when its run was undone."""

    RESTORED = "restored"
    DELETED = "deleted"
    ARCHIVED = "archived"
    LEFT = "left"
    GONE = "gone"
