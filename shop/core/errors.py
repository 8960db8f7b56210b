"""Errors of the shop's rules: a code and parameters, never words.

The edge (``shop.web.ui.errors``, the CLI) turns a code into a sentence in the user's language.
"""

from typing import Any, ClassVar


class ShopError(Exception):
    """Something the rules of the shop refuse.

    ``code`` names the rule (stable, kebab-case); ``params`` hold what its sentence needs. A subclass
    gives its own ``code``, or one is passed for a rule that needs no class of its own.
    """

    code: ClassVar[str] = "error"

    def __init__(self, code: str | None = None, /, **params: Any) -> None:
        self.reason = code or type(self).code
        self.params = params
        super().__init__(self.reason, params)

    def __str__(self) -> str:
        detail = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.reason} ({detail})" if detail else self.reason


class NotFound(ShopError):
    """What was asked for does not exist, or not for this person."""

    code = "not-found"


class Forbidden(ShopError):
    """The person is known but may not do this."""

    code = "forbidden"


class Invalid(ShopError):
    """The input breaks a rule that the person can mend; ``field`` names where."""

    code = "invalid"


class Conflict(ShopError):
    """The state moved on meanwhile, or the action does not fit the state."""

    code = "conflict"


class IllegalTransition(Conflict):
    """A state machine was asked for a move that its table does not list."""

    code = "illegal-transition"


class RateLimited(ShopError):
    """Too many attempts; ``retry_after`` says the seconds to wait."""

    code = "rate-limited"


class Busy(ShopError):
    """The database could not be had in time; nothing was changed."""

    code = "busy"
