"""Finds a Chromium for the browser tests, or installs one the way this machine allows.

`CHROMIUM` if set, else one that is installed, else Playwright's own download, else (root on a
Debian) the system's package. `python -m tests.support.chromium --ensure` does it before the run.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ON_A_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@cache
def find() -> str | None:
    """The path of a Chromium that starts; None when there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]  # meant as said: a wrong one fails, nothing else is taken
    return next((path for path in _candidates() if _starts(path)), None)


def arguments() -> list[str]:
    """The switches it needs here: as root it refuses its sandbox, a small /dev/shm kills tabs."""
    switches = ["--disable-dev-shm-usage"]
    return [*switches, "--no-sandbox"] if os.geteuid() == 0 else switches


def ensure() -> str | None:
    """Find a Chromium, installing one if need be; None when this machine allows neither."""
    for install in (None, _download, _from_the_system):
        if install is not None:
            install()
            find.cache_clear()
        path = find()
        if path:
            return path
    return None


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, _NAMES))
    yield from filter(os.path.exists, _ON_A_MAC)
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    if os.path.exists(said.stdout.strip()):
        yield said.stdout.strip()


def _starts(path: str) -> bool:
    """Some are stand-ins that only tell how to install, and some lack a library."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _download() -> None:
    print("No Chromium is installed: trying Playwright's own download …", flush=True)
    _try([sys.executable, "-m", "playwright", "install", "chromium"])


def _from_the_system() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing the system's chromium package …", flush=True)
    _try(["apt-get", "update", "-qq"])
    _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])


def _try(argv: list[str]) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(argv, env=env, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)


def main() -> int:
    """Make sure of a browser before the tests start; tests that lack one are named at the end."""
    path = ensure()
    if path is None:
        print("There is no Chromium here and none could be installed: browser tests are left out.")
    elif "--ensure" not in sys.argv:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
