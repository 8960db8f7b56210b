"""What the person at the keyboard sees: few lines, plain when not a terminal."""

import os
import sys

_TERMINAL = (
    sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
)


def say(text: str = "") -> None:
    """Print one line at once."""
    _write(text + "\n")


def strong(text: str) -> str:
    """Mark a word to be seen first, where the terminal can."""
    return f"\033[1m{text}\033[0m" if _TERMINAL else text


def progress(text: str) -> None:
    """Replace the last line of a terminal; elsewhere (a log, a pipe) nothing."""
    if _TERMINAL:
        _write(f"\r\033[2K{text}")


def progress_over() -> None:
    """Clear what `progress` drew."""
    if _TERMINAL:
        _write("\r\033[2K")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (BrokenPipeError, UnicodeEncodeError):
        # A closed pipe must not take the shop down; a terminal without UTF-8 gets what it can.
        try:
            sys.stdout.write(text.encode("ascii", "replace").decode())
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - kept for the life of the process
