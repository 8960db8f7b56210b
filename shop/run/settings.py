"""What `make run` reads from its environment, and what it hands to the processes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shop.run.instance import Instance
from shop.run.problem import Problem

# Left by make for nested makes; of no use to the shop's processes.
_OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR", "PORT", "INSTANCE")


BANK = {
    "BANK_TRANSFER_CNY_HOLDER": "Xiaopu Demo Ltd.",
    "BANK_TRANSFER_CNY_BANK": "Bank of Nowhere",
    "BANK_TRANSFER_CNY_BRANCH": "Songjian",
    "BANK_TRANSFER_CNY_ACCOUNT": "0000 1111 2222 3333",
}
"""An account that nobody has, so that bank transfer can be tried."""


@dataclass(frozen=True)
class Settings:
    """Where this run listens and keeps its data."""

    root: Path
    host: str
    port: int
    instance: Instance
    given: Mapping[str, str]

    @property
    def local_address(self) -> str:
        """Where this machine itself reaches the shop."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def public_address(self) -> str:
        """What the shop calls itself in links and mails."""
        return self.given.get("PUBLIC_URL") or self.local_address

    def for_processes(self, **more: str) -> dict[str, str]:
        """The environment of every process: what was given wins over what we add."""
        return self.added(**more) | dict(self.given)

    def added(self, **more: str) -> dict[str, str]:
        """What this run adds to the environment it was given."""
        ours = {
            "XIAOPU_ENV": "development",
            "INSTANCE": str(self.instance.folder),
            "PUBLIC_URL": self.local_address,
            "PYTHONUNBUFFERED": "1",
            **({} if any(name.startswith("BANK_TRANSFER_") for name in self.given) else BANK),
            **more,
        }
        return {name: value for name, value in ours.items() if name not in self.given}


def read(root: Path, environ: Mapping[str, str]) -> Settings:
    """Read PORT, HOST and INSTANCE; raises Problem for what cannot be meant."""
    if environ.get("XIAOPU_ENV", "development") == "production":
        raise Problem(
            "`make run` is for development: README.md says how to run the shop in production."
        )
    port = environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise Problem(f"PORT={port} is not a port: give a number from 1 to 65535.")
    folder = Path(environ.get("INSTANCE") or "instance").expanduser()
    # An empty variable is an unset one: `REDIS_URL= make run` means our own Valkey.
    given = {name: value for name, value in environ.items() if value and name not in _OF_MAKE}
    return Settings(
        root=root,
        host=environ.get("HOST") or "127.0.0.1",
        port=int(port),
        instance=Instance(Path(os.path.abspath(root / folder))),
        given=given,
    )
