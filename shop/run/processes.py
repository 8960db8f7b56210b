"""Processes that cannot be orphaned: each child leads a session of its own.

A session of its own keeps the terminal's Ctrl-C away from the children (they are stopped
in order by us), and makes it possible to find what a child left behind: a job worker puts
its work horse in another process group, but the session stays the same.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LINUX = sys.platform == "linux"


def start(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | None = None,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that ends when this process does.

    On Linux the kernel sends it SIGTERM even when this process is killed with -9.
    """
    return subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=_die_with_parent(),
    )


def end(process: subprocess.Popen[bytes], *, grace: float = 3.0) -> None:
    """Stop a child if it still runs, and kill whatever is left of its session."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_session(process.pid)
    process.wait()


def kill_session(leader: int) -> None:
    """Kill every process of the session that `leader` opened (its process group elsewhere)."""
    limit = time.monotonic() + 2
    while (members := _members(leader)) and time.monotonic() < limit:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)  # a process needs a moment to die, and may just have forked
    if not _LINUX:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def _members(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat") if _LINUX else ():
        try:
            # pid (name) state ppid pgrp session …; the name may hold spaces and brackets.
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def _die_with_parent() -> Callable[[], None] | None:
    if not _LINUX:
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None  # a C library without prctl: Ctrl-C and SIGTERM still stop everything

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return ask_the_kernel
