"""Processes that work, kept by one that watches.

The one that watches holds the application, and neither the database nor Redis. It forks those that work, one
for each kind of work, which live for many jobs and so pay for imports, templates and statements once; and
forks the next one when one has ended by itself, was killed, crashed, or hangs in a job whose time has long
been over.
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
from collections.abc import Callable, Mapping
from types import FrameType

import structlog

_LOOK = 0.2  # seconds between two looks at the children
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


class _Kept:
    """One process at work, and those that follow it."""

    def __init__(self, name: str, work: Callable[[Pulse], None]) -> None:
        self.name, self.work, self.pulse = name, work, Pulse()
        self.pid = 0  # 0: there is none at the moment
        self.held = 0  # our end of its pipe, which the kernel closes when we are gone
        self.began = self.not_before = 0.0

    def ended(self) -> int | None:
        """Its exit status once it has ended, negative for a signal; None while it works."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        self.pid = 0
        os.close(self.held)
        return os.waitstatus_to_exitcode(status)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Keeper:
    """Keeps one process at each work until a signal says stop, which it hands on."""

    def __init__(self, works: Mapping[str, Callable[[Pulse], None]]) -> None:
        self._kept = [_Kept(name, work) for name, work in works.items()]
        self._stopping = False

    def keep(self) -> None:
        """Return once told to stop (SIGTERM, SIGINT) and the children have finished the jobs in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while True:
            for kept in self._kept:
                if kept.pid:
                    self._look(kept)
                if not kept.pid and not self._stopping and time.monotonic() >= kept.not_before:
                    self._fork(kept)
            if self._stopping and not any(kept.pid for kept in self._kept):
                return
            time.sleep(_LOOK)

    def _look(self, kept: _Kept) -> None:
        status = kept.ended()
        if status is None:
            if kept.pulse.overdue:
                log.error("a job hangs beyond its time, its process is killed", works=kept.name)
                kept.tell(signal.SIGKILL)
            return
        if status == 0 or self._stopping:
            return
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        log.warning("worker process ended, the next one begins", works=kept.name, how=how)
        now = time.monotonic()
        if now - kept.began < _SOON:
            kept.not_before = now + _SOON

    def _fork(self, kept: _Kept) -> None:
        kept.pulse.rest()
        kept.began = time.monotonic()
        ours, theirs = os.pipe()
        child = os.fork()
        if child:
            os.close(ours)
            kept.pid, kept.held = child, theirs
            if self._stopping:  # the signal came before there was whom to tell
                kept.tell(signal.SIGTERM)
            return
        status = 1
        try:
            # Its sisters' pipes as well: held here, they would outlive the keeper.
            for end in (theirs, *(sister.held for sister in self._kept if sister.pid)):
                os.close(end)
            os.setpgrp()  # a terminal's Ctrl-C reaches the keeper alone, which hands it on once
            random.seed()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            threading.Thread(target=_end_with, args=(ours,), daemon=True).start()
            kept.work(kept.pulse)
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            log.exception("worker process failed", works=kept.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # nothing of the keeper's is cleared away by its child

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for kept in self._kept:
            kept.tell(signal.SIGTERM)


def _end_with(pipe: int) -> None:
    """Wait until the other end of the pipe is gone, and the keeper with it; then stop as if told to."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
