"""A process that works, kept by one that watches.

The one that watches holds the application, and neither the database nor Redis. It forks the one that works,
which lives for many jobs and so pays for imports, templates and statements once; and forks the next one when
that has ended by itself, was killed, crashed, or hangs in a job whose time has long been over.
"""

import contextlib
import mmap
import os
import random
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog

_LOOK = 0.2  # seconds between two looks at the child
_GRACE = 5.0
"""Seconds after its limit in which a job may end in order, by the exception that the limit raises."""
_SOON = 2.0
"""Who ends badly sooner than this after its start is not started again at once."""

log = structlog.get_logger(__name__)


class Pulse:
    """Memory that both processes see: until when (monotonic) the job in hand may take."""

    _FORM = struct.Struct("d")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._FORM.size)

    def beat(self, seconds: float) -> None:
        """A job begins that may take so long."""
        self._FORM.pack_into(self._memory, 0, time.monotonic() + seconds)

    def rest(self) -> None:
        """It is over."""
        self._FORM.pack_into(self._memory, 0, 0.0)

    @property
    def overdue(self) -> bool:
        """Whether the job in hand should have ended long ago."""
        until: float = self._FORM.unpack_from(self._memory)[0]
        return until > 0 and time.monotonic() > until + _GRACE


class Keeper:
    """Keeps one process at ``work`` until a signal says stop, which it hands on."""

    def __init__(self, work: Callable[[Pulse], None]) -> None:
        self._work = work
        self._pulse = Pulse()
        self._child = self._held = 0
        self._stopping = False

    def keep(self) -> None:
        """Return once told to stop (SIGTERM, SIGINT) and the child has finished the job in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            began = time.monotonic()
            status = self._watch(self._fork())
            if status == 0 or self._stopping:
                continue
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            log.warning("worker process ended, the next one begins", how=how)
            if time.monotonic() - began < _SOON:
                self._pause()

    def _fork(self) -> int:
        self._pulse.rest()
        ours, theirs = os.pipe()  # ours: closed by the kernel when this process is gone
        self._child = child = os.fork()
        if child:
            os.close(ours)
            self._held = theirs
            if self._stopping:  # the signal came before there was whom to tell
                self._tell(signal.SIGTERM)
            return child
        status = 1
        try:
            os.close(theirs)
            os.setpgrp()  # a terminal's Ctrl-C reaches the keeper alone, which hands it on once
            random.seed()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            threading.Thread(target=_end_with, args=(ours,), daemon=True).start()
            self._work(self._pulse)
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            log.exception("worker process failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # nothing of the keeper's is cleared away by its child

    def _watch(self, child: int) -> int:
        """Wait until the child has ended; its exit status, negative for a signal."""
        while True:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                self._child = 0
                os.close(self._held)
                return os.waitstatus_to_exitcode(status)
            if self._pulse.overdue:
                log.error("a job hangs beyond its time, its process is killed")
                self._tell(signal.SIGKILL)
            time.sleep(_LOOK)

    def _pause(self) -> None:
        limit = time.monotonic() + _SOON
        while time.monotonic() < limit and not self._stopping:
            time.sleep(_LOOK)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, number)


def _end_with(pipe: int) -> None:
    """Wait until the other end of the pipe is gone, and the keeper with it; then stop as if told to."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
