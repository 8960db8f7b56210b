"""The instance folder: where one shop keeps its data, its keys and its logs."""

import base64
import contextlib
import fcntl
import os
import secrets
import shlex
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shop.run.problem import Problem


@dataclass(frozen=True)
class Instance:
    """A folder that may be anywhere and be called anything."""

    folder: Path

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.folder / "logs"

    @property
    def redis(self) -> Path:
        """The append-only file of our own Valkey."""
        return self.folder / "redis"

    @property
    def sandbox(self) -> Path:
        """The payment sandbox's keys and state."""
        return self.folder / "sandbox"

    @property
    def environment(self) -> Path:
        """What the running shop was started with; `scripts/flask` reads it."""
        return self.folder / "run.env"

    @property
    def database(self) -> Path:
        """The SQLite file, where config.py puts it when DATABASE_URL is unset."""
        return self.folder / "xiaopu.db"

    def prepare(self) -> None:
        """Make the folder and prove that it can be written to; raises Problem."""
        try:
            for folder in (self.folder, self.logs, self.redis, self.sandbox):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise Problem(
                f"The shop cannot keep its data in {self.folder} ({error.strerror}): "
                "choose another folder with `make run INSTANCE=/some/folder`."
            ) from error

    @contextlib.contextmanager
    def alone(self, address: str) -> Iterator[None]:
        """Hold the folder for this run; raises Problem when another run holds it."""
        path = self.folder / "run.lock"
        with path.open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                held.seek(0)
                where = held.read().strip() or "another process"
                raise Problem(
                    f"The shop in {self.folder} is already running ({where}): stop it first, "
                    "or choose another folder with `make run INSTANCE=/some/folder`."
                ) from error
            held.truncate(0)
            held.write(f"{address}, process {os.getpid()}\n")
            held.flush()
            try:
                yield
            finally:
                # Emptied, not removed: another run may be waiting on this very file.
                held.truncate(0)

    @contextlib.contextmanager
    def filling(self) -> Iterator[None]:
        """While a new database is made and filled: interrupted, the next run begins anew.

        Without this a Ctrl-C in the middle would leave half a demo shop that looks like a whole one.
        A database that was there before is never touched.
        """
        mark = self.folder / "demo.unfinished"
        if mark.exists():
            for name in ("", "-wal", "-shm"):
                self.database.with_name(self.database.name + name).unlink(missing_ok=True)
        elif self.database.exists():
            yield
            return
        mark.touch()
        yield
        mark.unlink()

    def sealing_key(self) -> str:
        """What seals the secrets of payment accounts, made once; deleting it locks them for good."""
        path = self.folder / "payment-secrets-key"
        self._make(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        return path.read_text().strip()

    def secret_key(self) -> str:
        """The signing key of this development shop, made once and readable by its owner only."""
        path = self.folder / "secret-key"
        self._make(path, secrets.token_urlsafe(48))
        key = path.read_text().strip()
        if len(key) < 32:
            raise Problem(f"The signing key in {path} is damaged: delete the file and start again.")
        return key

    def _make(self, path: Path, text: str) -> None:
        """Write a file that nobody else reads, unless it is there."""
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(handle, text.encode())
            os.close(handle)

    def write_environment(self, values: Mapping[str, str]) -> None:
        """Note what the processes get, for commands run from a second terminal."""
        self.environment.unlink(missing_ok=True)
        text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
        handle = os.open(self.environment, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w") as written:
            written.write(text)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise Problem when the shop could not listen on that port."""
    try:
        _try_to_listen(host, port)
    except PermissionError as error:
        raise Problem(
            f"Port {port} needs rights that you do not have: "
            "choose one above 1023 with `make run PORT=8080`."
        ) from error
    except OSError as error:
        raise Problem(
            f"Port {port} on {host} cannot be used ({(error.strerror or str(error)).lower()}): "
            f"choose another with `make run PORT={port + 10 if port < 65000 else 8000}`."
        ) from error


def free_port(host: str, near: int | None = None) -> int:
    """A port nobody listens on: one of the twenty after `near`, else whichever is free."""
    for port in range(near + 1, min(near + 21, 65536)) if near else ():
        with contextlib.suppress(OSError):
            return _try_to_listen(host, port)
    return _try_to_listen(host, 0)


def _try_to_listen(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen(1)  # SO_REUSEADDR lets two bind; only one may listen
        return int(probe.getsockname()[1])
