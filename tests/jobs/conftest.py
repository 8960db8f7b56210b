"""A worker of its own, a mail server that can be held up, and a queue for the shop under test."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from shop.jobs import outbox, queue
from tests.support.valkey import RedisServer

ROOT = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], object], seconds: float = 90) -> object:
    """Wait until `condition` holds; what it returned."""
    pause = threading.Event()
    limit = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > limit:
            raise AssertionError("it did not come about")
        pause.wait(0.05)


def in_time(condition: Callable[[], object]) -> object:
    """Wait until `condition` holds, sweeping as the clock does.

    A call for a worker is a courtesy: on a busy machine Redis answers later than a web worker waits.
    """

    def swept() -> object:
        outbox.sweep()
        return condition()

    return eventually(swept)


class MailServer:
    """A real SMTP server. While `held`, it takes a message and does not answer."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self.connections: set[object] = set()
        self.held = threading.Event()
        self.reached = threading.Event()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        """Take a message, or keep its sender waiting."""
        self.connections.add(session.peer)
        if self.held.is_set():
            self.reached.set()
            while self.held.is_set():
                await asyncio.sleep(0.02)
            return "451 try again"
        if self.answers:
            return self.answers.pop(0)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop, letting go whoever is held."""
        self.held.clear()
        self._controller.stop()


class Process:
    """A `flask jobs …` process of the shop under test."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", *command],
            cwd=ROOT,
            env=environment,
            stdout=self._log,
            stderr=self._log,
        )

    @property
    def children(self) -> list[int]:
        """The processes that it has forked and that live."""
        file = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        mine = [int(pid) for pid in file.read_text().split()] if file.exists() else []
        return [pid for pid in mine if not is_gone(pid)]

    def kill_alone(self) -> None:
        """End it without a word to what it forked."""
        self._process.kill()
        self._process.wait(10)

    def kill(self) -> None:
        """End it and what it forked, as a power cut would."""
        mine = self.children
        self._process.kill()
        for pid in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        # Until the kernel has closed its socket, Redis may still hand a job to one that is dead already.
        eventually(lambda: all(map(is_gone, mine)))

    def said(self) -> str:
        """What it has written."""
        return Path(self._log.name).read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self._process.terminate()
        return self._process.wait(20)

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self.kill()
        self._log.close()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, waited for or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queued(app: Flask, redis_server: RedisServer) -> Iterator[Flask]:
    """The shop under test with its job queue in a real Valkey."""
    app.config["REDIS_URL"] = redis_server.url
    queue.init_queue(app)
    yield app
    app.config["REDIS_URL"] = ""
    queue.init_queue(app)


@pytest.fixture
def start(
    queued: Flask, mail_server: MailServer, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    """Start `flask jobs worker` or `cron` for the shop under test."""
    started: list[Process] = []
    environment = {
        **os.environ,
        "XIAOPU_ENV": "testing",
        "DATABASE_URL": queued.config["SQLALCHEMY_DATABASE_URI"],
        "REDIS_URL": queued.config["REDIS_URL"],
        "SECRET_KEY": queued.config["SECRET_KEY"],
        "INSTANCE": str(tmp_path),
        "IMPORTS_FOLDER": queued.config["IMPORTS_FOLDER"],
        "MAIL_SENDER": "smtp",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(mail_server.port),
    }

    def begin(*command: str) -> Process:
        process = Process([*command], environment, tmp_path / f"{command[0]}.log")
        started.append(process)
        return process

    yield begin
    for process in started:
        process.close()
        print(process.said())
