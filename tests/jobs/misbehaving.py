"""Jobs that no worker should have to bear, for a worker to take by their names."""

import contextlib
import time


def hang() -> None:
    """Go on for ever, and swallow the exception that a job's limit raises."""
    while True:
        with contextlib.suppress(Exception):
            time.sleep(60)
