"""Macros of ``templates/admin/_ui`` under one name: ``adm.badge(…)``.

A block that is rendered alone does not see the imports of its file, so the macros are reached through a
template global; each is looked up when it is called.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment

_FILES = {
    "ico": "icon",
    "thumb": "icon",
    "avatar": "icon",
    "badge": "badge",
    "pay_badge": "badge",
    "ship_badge": "badge",
    "status_badge": "badge",
    "stars": "badge",
    "field": "field",
    "affix": "field",
    "tick": "field",
    "seg": "field",
    "errors": "field",
    "bi": "field",
    "views": "list",
    "search": "list",
    "more": "list",
    "empty": "list",
    "notice": "list",
    "change": "figure",
    "ticket": "ticket",
    "event": "event",
    "hiding": "moderation",
    "hidden_for": "moderation",
    "saved": "saved",
}


class AdminMacros:
    """Gives each macro as an attribute."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Callable[..., Any]:
        file = _FILES.get(name)
        if file is None:
            raise AttributeError(name)
        template = self._environment.get_template(f"admin/_ui/{file}.html")
        macro: Callable[..., Any] = getattr(template.module, name)
        return macro
