"""The whole shop as `make run` runs it, on a port and in a folder of its own."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from shop.run import processes
from shop.run.instance import free_port

ROOT = Path(__file__).resolve().parents[2]
_READY = 300.0  # seconds: the demo's pictures are rendered on a machine that tests elsewhere, too
_ADDRESS = re.compile(r"^export PUBLIC_URL=(\S+)$", re.MULTILINE)
_SAID = re.compile(r"\b(ERROR|CRITICAL)\b|\[(error|critical) *\]|^Traceback", re.MULTILINE)


class RunningShop:
    """One `python -m shop.run`: web server, worker, scheduler, queue, cashier and the demo shop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port("127.0.0.1")
        self.address = f"http://127.0.0.1:{self.port}"
        self._screen = folder.with_suffix(".screen")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start all of it, and wait until it says that it is open. One that is open already is used."""
        noted = self.folder / "run.env"
        if noted.exists() and (found := _ADDRESS.search(noted.read_text())):
            self.address = found[1]
            return
        ours = {"PORT": str(self.port), "INSTANCE": str(self.folder), "XIAOPU_ENV": "development"}
        with self._screen.open("wb") as screen:
            self._process = processes.start(
                [sys.executable, "-m", "shop.run"],
                cwd=ROOT,
                env=dict(os.environ) | ours,
                stdout=screen.fileno(),
                stderr=subprocess.STDOUT,
            )
        limit = time.monotonic() + _READY
        while time.monotonic() < limit:
            if "Ctrl-C stops" in self.screen():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)  # the machinery waits for a process here, not a test
        self.stop()
        raise RuntimeError(f"The shop did not open. It said:\n{self.screen()}")

    @property
    def pid(self) -> int:
        """Of the process that started all of it."""
        if self._process is None:
            raise RuntimeError("the shop was started by somebody else")
        return self._process.pid

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        if self._process is not None:
            processes.end(self._process, grace=30)

    def screen(self) -> str:
        """What stands on its screen."""
        return self._screen.read_text(errors="replace") if self._screen.exists() else ""

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command from a second terminal."""
        return subprocess.run(
            ["scripts/flask", *arguments],
            cwd=ROOT,
            env=dict(os.environ) | {"INSTANCE": str(self.folder), "XIAOPU_ENV": "development"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def troubles(self) -> list[str]:
        """Lines of the logs that tell of an error."""
        return [
            f"{log.name}: {line}"
            for log in sorted((self.folder / "logs").glob("*.log"))
            for line in log.read_text(errors="replace").splitlines()
            if _SAID.search(line)
        ]
