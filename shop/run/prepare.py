"""Bring the database up to date, fill an empty shop, tell the sign-ins: one process, one import.

Runs in the shop's own Python (`python -m shop.run.prepare LOG SIGN_INS`), and reaches the shop through
its public door only: the commands of `flask`. What goes wrong is one sentence on stderr and a traceback
in LOG.
"""

import contextlib
import io
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO


class _Failed(Exception):
    """The sentence for the person at the keyboard."""


def main() -> int:
    """0 when the shop is ready to be served."""
    with Path(sys.argv[1]).open("a", encoding="utf-8") as log:
        try:
            with _telling("The shop could not be loaded", log):
                flask = _Commands()
            # Alembic tells every revision on stderr: for the log.
            with (
                _telling("The database could not be prepared", log),
                contextlib.redirect_stderr(log),
            ):
                flask.run("db", "upgrade")
            with _telling("The demo shop could not be loaded", log):
                flask.run("demo", "load", "--if-empty")
            told = io.StringIO()
            with _telling("The sign-ins are unknown", log), contextlib.redirect_stdout(told):
                flask.run("demo", "sign-ins")
        except _Failed as failed:
            print(failed, file=sys.stderr)
            return 1
        Path(sys.argv[2]).write_text(told.getvalue(), encoding="utf-8")
    return 0


class _Commands:
    """The commands of `flask`, one after another in this process."""

    def __init__(self) -> None:
        self._app: Any = import_module("wsgi").app
        self._info: Any = import_module("flask.cli").ScriptInfo(create_app=lambda: self._app)

    def run(self, *arguments: str) -> None:
        """Run one; raises what it raises, SystemExit with a status included."""
        self._app.cli.main(
            args=list(arguments), prog_name="flask", standalone_mode=False, obj=self._info
        )


@contextlib.contextmanager
def _telling(failure: str, log: TextIO) -> Any:
    """Turn whatever goes wrong into `failure` and its reason."""
    try:
        yield
    except (Exception, SystemExit) as error:  # the boundary: nobody above could do more than tell
        if isinstance(error, SystemExit) and not error.code:
            return
        traceback.print_exc(file=log)
        message = str(getattr(error, "message", "") or error).strip()
        reason = message.splitlines()[0] if message else "it gave no reason"
        if isinstance(error, SystemExit):
            reason = "the command gave up"
        raise _Failed(f"{failure}: {reason} (all of it: {log.name})") from error


if __name__ == "__main__":
    sys.exit(main())
