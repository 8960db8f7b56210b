"""The virtual environment: made when missing, renewed when the pins changed.

`python -m shop.run.venv [--dev]` is what the Makefile calls before tools and tests.
"""

import collections
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shop.run import processes, screen
from shop.run.problem import Problem

_FILES = {"run": ("requirements.txt",), "dev": ("requirements.txt", "requirements-dev.txt")}


def ensure(root: Path, *, dev: bool = False) -> Path:
    """Return the Python of `root/.venv`, with every pinned requirement in it.

    Raises Problem when the environment cannot be made or filled.
    """
    home = root / ".venv"
    python = home / "bin" / "python"
    if _current(root, home, dev=dev):
        return python
    with _locked(root):
        if not _healthy(python):
            _create(root, home)
        if not _current(root, home, dev=dev):
            _install(root, home, dev=dev)
    return python


def _current(root: Path, home: Path, *, dev: bool) -> bool:
    kinds = ("dev",) if dev else ("run", "dev")  # what satisfies development runs the shop too
    return _version(home) is not None and any(
        _read(home / f"installed-{kind}") == _digest(root, home, kind) for kind in kinds
    )


def _digest(root: Path, home: Path, kind: str) -> str:
    """What the environment was filled from: the pins, and the Python they were chosen for."""
    total = hashlib.sha256((_version(home) or "").encode())
    for name in _FILES[kind]:
        total.update((root / name).read_bytes())
    return total.hexdigest()


def _version(home: Path) -> str | None:
    """The version noted by venv, when the environment's Python is still where it pointed to."""
    if not (home / "bin" / "python").exists():
        return None
    for line in _read(home / "pyvenv.cfg").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return value.strip()
    return None


def _healthy(python: Path) -> bool:
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    if not python.exists():
        return False
    return subprocess.run([python, "-c", check], capture_output=True).returncode == 0


def _create(root: Path, home: Path) -> None:
    screen.say(f"Making the virtual environment {home} with Python {sys.version.split()[0]} …")
    # Not the environment's own Python, should we be running on it: --clear removes it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run(
        [base, "-m", "venv", "--clear", str(home)], capture_output=True, text=True
    )
    if made.returncode:
        last = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise Problem(f"The virtual environment {home} could not be made: {last[0]}")


def _install(root: Path, home: Path, *, dev: bool) -> None:
    """Run pip on the pins; its output goes to a log, a short progress to the screen."""
    kind = "dev" if dev else "run"
    wanted = sum(
        line[:1].isalnum() for name in _FILES[kind] for line in _read(root / name).splitlines()
    )
    screen.say(f"Installing {wanted} pinned packages (downloads happen the first time only) …")
    log = home / "install.log"
    argv = [str(home / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    argv += ["--no-input", "--progress-bar", "off", "-r", str(root / _FILES[kind][-1])]
    pip = processes.start(
        argv, cwd=root, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    last: collections.deque[str] = collections.deque(maxlen=40)
    try:
        assert pip.stdout is not None
        seen = 0
        with log.open("w") as written:
            for raw in pip.stdout:
                line = raw.decode(errors="replace").rstrip()
                written.write(line + "\n")
                last.append(line)
                if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                    seen = min(seen + 1, wanted)
                    screen.progress(f"  {seen}/{wanted} {line.split(': ')[-1].split()[-1]}")
                elif line.startswith("Installing collected packages"):
                    screen.progress("  unpacking …")
        status = pip.wait()
    finally:
        processes.end(pip)
        screen.progress_over()
    if status:
        errors = [line for line in last if line.startswith("ERROR:")] or ["pip gave no reason"]
        reason = errors[0].removeprefix("ERROR:").strip()
        raise Problem(f"The requirements could not be installed: {reason} (all of it: {log})")
    for done in (kind, "run"):
        (home / f"installed-{done}").write_text(_digest(root, home, done))


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Let one process at a time work on the environment; a second one waits its turn."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (root / ".venv").is_dir():
            _refuse_read_only(root)
        yield
    finally:
        os.close(handle)


def _refuse_read_only(root: Path) -> None:
    try:
        (root / ".venv").mkdir()
    except OSError as error:
        raise Problem(
            f"The virtual environment cannot be made in {root}: {error.strerror}."
        ) from error


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def main() -> int:
    """Make or renew the environment; `--dev` adds what tests and linters need."""
    try:
        ensure(Path.cwd(), dev="--dev" in sys.argv[1:])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
