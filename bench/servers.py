"""Servers under measurement: gunicorn as in production, and what their process trees have used."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from shop.run.instance import free_port

ROOT = Path(__file__).resolve().parents[1]


class Server:
    """A gunicorn of two workers that serves ``application``."""

    def __init__(self, application: str, environ: Mapping[str, str], log: Path) -> None:
        self.port = free_port("127.0.0.1")
        argv = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{self.port}"]
        argv += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
        argv += ["--no-control-socket", "--log-level", "error"]
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                argv, cwd=ROOT, env=os.environ | environ, stdout=file, stderr=file
            )
        self._log = log
        self._wait()

    def cpu(self) -> float:
        """Seconds of processor that the whole tree has used."""
        return used(psutil.Process(self._process.pid))

    def get(self, path: str, times: int, headers: Mapping[str, str] = {}) -> list[float]:
        """Fetch ``path`` so often over one connection; seconds of each answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        found = []
        for _ in range(times):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Accept-Encoding": "identity", **headers})
            answer = connection.getresponse()
            answer.read()
            found.append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}, see {self._log}")
        connection.close()
        return found

    def rate(self, path: str, times: int, headers: Mapping[str, str] = {}) -> float:
        """Requests a second when four visitors ask for ``path`` at once, ``times`` each."""
        visitors = [
            threading.Thread(target=self.get, args=(path, times, headers)) for _ in range(4)
        ]
        began = time.perf_counter()
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        return 4 * times / (time.perf_counter() - began)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)

    def _wait(self) -> None:
        limit = time.monotonic() + 60
        while time.monotonic() < limit and self._process.poll() is None:
            try:
                self.get("/healthz", 1)
            except (OSError, http.client.HTTPException, RuntimeError):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"The server did not start, see {self._log}")


def used(process: psutil.Process) -> float:
    """Seconds of processor of a process and all below it."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
