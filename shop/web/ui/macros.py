"""Macros of ``templates/_ui`` as names that every template knows.

A block that is rendered alone does not see the imports at the top of its file, so macros are globals.
Each is looked up when it is called; Jinja keeps the compiled file.
"""

from typing import Any

from flask import Flask

MACROS = {
    "icon": ("icon", "mark"),
    "price": ("price", "totals_row"),
    "picture": ("picture", "thumb"),
    "card": ("card", "cards"),
    "heart": ("heart", "page_heart", "bar_heart"),
    "rating": ("stars", "rating"),
    "badge": ("badge",),
    "field": ("field", "checkbox", "control", "hidden_fields", "error_summary", "select_box"),
    "choice": ("choice_card", "option_value"),
    "stepper": ("stepper",),
    "ticket": ("ticket",),
    "progress": ("bar", "nudge", "nudge_done"),
    "timeline": ("timeline",),
    "tabs": ("tabs", "chips"),
    "section": ("section_head", "empty_state", "crumbs", "load_more", "note"),
    "dialog": ("dialog", "close_button"),
    "toast": ("toast", "cart_count_oob"),
}


class MacroGlobal:
    """A macro by file and name; calls it in the language and request of the moment."""

    def __init__(self, app: Flask, file: str, name: str) -> None:
        self._app = app
        self._file = f"_ui/{file}.html"
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Render the macro."""
        module = self._app.jinja_env.get_template(self._file).module
        return getattr(module, self._name)(*args, **kwargs)


def init_macros(app: Flask) -> None:
    """Register every macro of ``templates/_ui`` as a template global."""
    for file, names in MACROS.items():
        for name in names:
            app.add_template_global(MacroGlobal(app, file, name), name)
