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


class UploadState(StrEnum):
    """Of a file at the desk, from its coming in to the end of its run."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


UPLOAD: Machine[UploadState] = Machine(
    "import upload",
    {
        UploadState.UPLOADED: frozenset(
            {UploadState.CHECKING, UploadState.CANCELLED, UploadState.FAILED}
        ),
        # Checking and applying go on where they were killed.
        UploadState.CHECKING: frozenset(
            {UploadState.CHECKING, UploadState.CHECKED, UploadState.CANCELLED, UploadState.FAILED}
        ),
        UploadState.CHECKED: frozenset({UploadState.APPLYING, UploadState.CANCELLED}),
        # Cancelled: its run is being undone.
        UploadState.APPLYING: frozenset(
            {UploadState.APPLYING, UploadState.FINISHED, UploadState.CANCELLED, UploadState.FAILED}
        ),
        UploadState.FINISHED: frozenset(),
        UploadState.CANCELLED: frozenset(),
        UploadState.FAILED: frozenset(),
    },
)


class Undone(StrEnum):
    """What became of a product when its run was undone."""

    RESTORED = "restored"
    DELETED = "deleted"
    ARCHIVED = "archived"
    LEFT = "left"
    GONE = "gone"
