"""What one sandbox folder holds, and the few values that the environment may change."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shop.sandbox.env_file import read_env_file

ENV_FILE = "sandbox.env"

# Alipay repeats an unanswered notify after these minutes: eight tries in about 25 hours.
NOTIFY_PAUSES_MINUTES = (4, 10, 10, 60, 120, 360, 900)


class SandboxProblem(Exception):
    """The sandbox cannot run; the message is one plain sentence for the person who started it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One merchant app at one make-believe provider."""

    folder: Path
    app_id: str
    seller_id: str
    time_factor: float
    """How many times faster than Alipay the notify is repeated; 240 makes four minutes a second."""
    public_url: str | None
    """Where a phone reaches the sandbox, when that is not where the shop reaches it."""
    merchant: str
    """The name that the cashier shows."""
    carrier_key: str = ""
    """What carriers and shop sign with."""
    carrier_factor: float = 1200.0
    """How many times faster than in life parcels travel; 1200 makes two days two and a half minutes."""

    @property
    def database(self) -> Path:
        """The SQLite file with trades, refunds, notifies and faults."""
        return self.folder / "sandbox.sqlite3"

    @property
    def notify_pauses(self) -> tuple[float, ...]:
        """Seconds between the tries of a notify, in compressed time."""
        return tuple(minutes * 60 / self.time_factor for minutes in NOTIFY_PAUSES_MINUTES)


def refuse_production(environ: Mapping[str, str]) -> None:
    """Raise ``SandboxProblem`` where real money could be near."""
    if environ.get("XIAOPU_ENV", "").strip().lower() == "production":
        raise SandboxProblem(
            "The payment sandbox does not run in production: XIAOPU_ENV is set to production."
        )


def load_settings(folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the folder that ``python -m shop.sandbox keys`` made.

    Raises ``SandboxProblem`` in production, for a folder without keys, and for a time factor that
    is not a positive number.
    """
    refuse_production(environ)
    path = folder / ENV_FILE
    if not path.is_file():
        raise SandboxProblem(
            f"{folder} holds no sandbox keys yet; make them with "
            f"'python -m shop.sandbox keys --dir {folder}'."
        )
    values = read_env_file(path)
    return Settings(
        folder=folder,
        app_id=values["ALIPAY_APP_ID"],
        seller_id=values["ALIPAY_SELLER_ID"],
        time_factor=_factor(environ, "SANDBOX_TIME_FACTOR", "240"),
        public_url=environ.get("SANDBOX_PUBLIC_URL", "").rstrip("/") or None,
        merchant=environ.get("SANDBOX_MERCHANT", "Xiaopu 小铺"),
        carrier_key=values.get("CARRIER_SANDBOX_KEY", ""),
        carrier_factor=_factor(environ, "SANDBOX_CARRIER_FACTOR", "1200"),
    )


def _factor(environ: Mapping[str, str], name: str, usual: str) -> float:
    text = environ.get(name, usual)
    try:
        factor = float(text)
    except ValueError:
        factor = 0
    if not 0 < factor <= 1e9:
        raise SandboxProblem(f"{name} must be a positive number, not {text!r}.")
    return factor
