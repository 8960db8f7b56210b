"""Where a job runs: a fresh context of the worker's one application, for as long as that may last."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app

P = ParamSpec("P")
R = TypeVar("R")

_ending: list[bool] = []


def job(function: Callable[P, R]) -> Callable[P, R]:
    """A function that the queue calls by name.

    The worker makes the application once; the process that it forks for its jobs inherits the context.
    Each job gets a context, and so a database session, of its own.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with current_app.app_context():
            return function(*args, **kwargs)

    return wrapped


def end_soon() -> None:
    """This process was asked to stop: a job that can be broken off between two pieces of work is."""
    _ending.append(True)


def ending() -> bool:
    """Whether this process was asked to stop."""
    return bool(_ending)
