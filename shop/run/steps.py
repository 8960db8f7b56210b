"""What is made ready before the processes start: texts, keys, database, demo shop."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from shop.run import processes, screen
from shop.run.instance import Instance
from shop.run.problem import Problem

_EXCEPTION = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception|Refused|Busy)\b.*")


class Steps:
    """Commands of the shop's own Python, run one after another."""

    def __init__(self, root: Path, python: Path, instance: Instance) -> None:
        self._root = root
        self._python = python
        self._log = instance.logs / "prepare.log"
        self._log.unlink(missing_ok=True)

    def translations(self, env: Mapping[str, str]) -> None:
        """Compile the catalogues whose text is newer than what was compiled from it."""
        for text in (self._root / "shop" / "translations").glob("*/LC_MESSAGES/*.po"):
            compiled = text.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime:
                continue
            argv = ["-m", "babel.messages.frontend", "--quiet", "compile"]
            argv += ["-i", str(text), "-o", str(compiled), "-l", text.parts[-3]]
            self._quietly("The translations could not be compiled", argv, env)

    def sandbox_keys(self, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
        """Make the payment sandbox's keys once; returns the settings that make the shop use it."""
        argv = ["-m", "shop.sandbox", "keys", "--dir", str(folder)]
        self._quietly("The payment sandbox's keys could not be made", argv, env)
        values = {}
        for line in (folder / "sandbox.env").read_text().splitlines():
            name, equals, value = line.strip().removeprefix("export ").partition("=")
            if equals and not name.startswith("#"):
                values[name.strip()] = value.strip().strip("'\"")
        return values

    def shop(self, env: Mapping[str, str]) -> str:
        """Migrate the database and fill an empty shop, its progress on the screen.

        Returns the names and passwords of the demo's shopper, merchant and operator.
        """
        told = self._log.with_name("sign-ins")
        argv = [str(self._python), "-m", "shop.run.prepare", str(self._log), str(told)]
        process = processes.start(
            argv,
            cwd=self._root,
            env=env,
            stderr=subprocess.PIPE,  # progress stays on the screen
        )
        try:
            _, err = process.communicate()
        finally:
            processes.end(process)
        with self._log.open("ab") as log:
            log.write(err)
        if process.returncode:
            raise Problem(_reason(err))
        text = told.read_text(encoding="utf-8")
        told.unlink()
        return text

    def _quietly(self, failure: str, arguments: Sequence[str], env: Mapping[str, str]) -> str:
        """Run a command with its output in a log; returns its standard output."""
        process = processes.start(
            [str(self._python), *arguments],
            cwd=self._root,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = process.communicate()
        finally:
            processes.end(process)
        with self._log.open("ab") as log:
            log.write(b"$ " + " ".join(arguments).encode() + b"\n" + err + out)
        if process.returncode:
            raise Problem(f"{failure}: {_reason(err or out)} (all of it: {self._log})")
        return out.decode(errors="replace")


def _reason(output: bytes) -> str:
    """The line of a command's output that says why it failed."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    named = [line for line in lines if _EXCEPTION.match(line)]
    return (named or lines or ["it gave no reason"])[-1].strip()


def announce(lines: Sequence[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        screen.say(f"  {name:<{width}}  {value}")
