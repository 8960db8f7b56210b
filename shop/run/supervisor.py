"""Several processes that live and die together, their output in files, their errors on screen."""

import collections
import contextlib
import os
import re
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shop.run import processes, screen
from shop.run.problem import Problem

_POLL = 0.25  # seconds between looks at the children; signals interrupt it
_ALARMING = re.compile(r"\b(ERROR|CRITICAL)\b|\[(error|critical) *\]|^[Ee]rror\b")
_MOST_DEATHS, _DEATHS_WITHIN = 5, 20.0
"""More often in so many seconds it is not killed but ill."""
_KEEP_LOG = 5_000_000  # bytes; a larger log becomes <name>.log.1 at the next start


@dataclass(frozen=True)
class Child:
    """One process of the shop."""

    name: str
    """Its log file's name and its mark on the screen."""
    title: str
    """What it is called in a sentence."""
    argv: Sequence[str]
    stdin: bytes | None = None
    grace: float = 8.0
    """Seconds it gets to end its work before it is killed."""
    last: bool = False
    """Others need it to stop properly (the queue): stopped after them."""
    again: bool = False
    """Started again when something kills it: what it was at is taken up by the next one."""


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    log: Path
    rest: bytes = b""
    in_traceback: bool = False
    told: bool = False
    """Whether its last line is on the screen already."""
    tail: collections.deque[str] = field(default_factory=lambda: collections.deque(maxlen=12))


class Supervisor:
    """Starts children, follows their output, and stops them all when one dies."""

    def __init__(self, root: Path, logs: Path, env: Mapping[str, str]) -> None:
        self._root = root
        self._logs = logs
        self._env = dict(env)
        self._running: list[_Running] = []
        self._deaths: list[float] = []
        self._selector = selectors.DefaultSelector()
        self._parent = os.getppid()
        self._parent_caught = _catches_interrupt(self._parent)

    def start(self, child: Child) -> None:
        """Start one child; its output is followed by `watch`."""
        log = self._logs / f"{child.name}.log"
        with contextlib.suppress(FileNotFoundError):
            if log.stat().st_size > _KEEP_LOG:
                log.replace(log.with_suffix(".log.1"))
        process = processes.start(
            child.argv,
            cwd=self._root,
            env=self._env,
            stdin=subprocess.DEVNULL if child.stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(child.stdin or b"")
        running = _Running(child, process, log)
        self._running.append(running)
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, running)

    def watch(self, until: Callable[[], bool] | None = None, seconds: float | None = None) -> bool:
        """Follow the children until `until` says so (True) or `seconds` have passed (False).

        Without either: for ever. Raises Problem when a child ends, whatever its status; returns
        False as well when whoever started us (make) has been killed or interrupted.
        """
        limit = None if seconds is None else time.monotonic() + seconds
        while True:
            if until is not None and until():
                return True
            self._read(_POLL if until is None else 0.05)
            for running in self._running:
                status = running.process.poll()
                if status is not None:
                    self._read(0.1)
                    if not self._again(running, status):
                        raise Problem(_obituary(running, status))
                    break
            if limit is not None and time.monotonic() > limit:
                return False
            if until is None and self._abandoned():
                return False

    def _again(self, running: _Running, status: int) -> bool:
        """Start a child that was killed once more; False when it is not to be."""
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if at > now - _DEATHS_WITHIN]
        if not running.child.again or status >= 0 or len(self._deaths) >= _MOST_DEATHS:
            return False
        self._deaths.append(now)
        processes.kill_session(running.process.pid)  # what it had started goes with it
        self._running.remove(running)
        screen.say(f"The {running.child.title} was killed (signal {-status}); it starts again.")
        self.start(running.child)
        return True

    def tail(self, name: str) -> list[str]:
        """The last lines that a child wrote."""
        return [line for one in self._running if one.child.name == name for line in one.tail]

    def stop(self) -> None:
        """Stop every child, the queue last, and leave nothing of their sessions behind."""
        for last in (False, True):
            group = [one for one in self._running if one.child.last is last]
            for one in group:
                if one.process.poll() is None:
                    one.process.terminate()
            limit = time.monotonic() + max((one.child.grace for one in group), default=0)
            while any(one.process.poll() is None for one in group) and time.monotonic() < limit:
                self._read(0.05)
            self.kill(group)
        self._read(0)

    def kill(self, group: Sequence[_Running] | None = None) -> None:
        """End every child (or those of `group`) at once."""
        for one in self._running if group is None else group:
            processes.kill_session(one.process.pid)
            if one.process.poll() is None:
                one.process.kill()
            one.process.wait()

    def _read(self, timeout: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout)
            return
        for key, _ in self._selector.select(timeout):
            running: _Running = key.data
            data = os.read(key.fd, 65536)
            if not data:
                self._selector.unregister(key.fileobj)
                data = b"\n" if running.rest else b""
            with contextlib.suppress(OSError), running.log.open("ab") as log:
                log.write(data)  # a full disk must not stop the shop
            lines = (running.rest + data).split(b"\n")
            running.rest = lines.pop()
            for line in lines:
                _show(running, line.decode(errors="replace").rstrip())

    def _abandoned(self) -> bool:
        if os.getppid() != self._parent:
            return True
        return self._parent_caught and not _catches_interrupt(self._parent)


def _show(running: _Running, line: str) -> None:
    """Keep a line for an obituary; put it on the screen when it tells of an error."""
    running.tail.append(line)
    starts = line.startswith("Traceback (most recent call last)")
    alarming = bool(starts or running.in_traceback or _ALARMING.search(line))
    if line:
        running.told = alarming
    if alarming:
        screen.say(f"{running.child.name:>8} | {line}")
    if starts:
        running.in_traceback = True
    elif running.in_traceback and line and not line[0].isspace():
        running.in_traceback = False  # the line that names the exception was the last one


def _obituary(running: _Running, status: int) -> str:
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    lines = "".join(f"\n    {line}" for line in running.tail if line)
    said = f" Its last words:{lines}" if lines and not running.told else ""
    title = running.child.title
    return f"The {title} has stopped ({how}), so all of it stops; see {running.log}.{said}"


def _catches_interrupt(pid: int) -> bool:
    """Whether a process still has a handler for SIGINT (Linux; elsewhere never).

    GNU make, interrupted alone (`kill -INT`, not Ctrl-C in a terminal, which reaches the whole
    group), puts the default handler back, waits for us and tells us nothing: this is how to know.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    found = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
    return bool(found and int(found[1], 16) & 0b10)  # bit n-1 is signal n; SIGINT is 2
