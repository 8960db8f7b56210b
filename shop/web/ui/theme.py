"""Light or dark."""

from flask import request

THEMES = ("system", "light", "dark")


def current_theme() -> str:
    """The visitor's own choice of theme: ``light``, ``dark`` or ``system``."""
    chosen = request.cookies.get("theme", "system") if request else "system"
    return chosen if chosen in THEMES else "system"
