"""Macros of ``templates/_ui`` as names that every template knows.

A block that is rendered alone does not see the imports at the top of its file, so macros are globals.
Each is looked up when it is called; Jinja keeps the compiled file. What a pure macro made of its
arguments in a language is remembered: lists draw the same cards again and again, and drawing them is
half of what a page costs.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request

from shop.web.ui.locale import current_lang, present_locale
from shop.web.ui.visitor import saved_slugs

MACROS = {
    "icon": ("icon", "mark"),
    "paymark": ("pay_mark",),
    "price": ("price", "totals_row"),
    "picture": ("picture", "thumb"),
    "card": ("card", "cards"),
    "facet": ("facet_group", "facet_count"),
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


def _nothing(*_args: Any) -> bool:
    return False


def _is_saved(item: Any, *_args: Any) -> bool:
    return item.slug in saved_slugs()


PURE: Mapping[str, Callable[..., bool]] = {
    **dict.fromkeys(
        (
            "icon",
            "mark",
            "pay_mark",
            "price",
            "picture",
            "thumb",
            "stars",
            "rating",
            "badge",
            "facet_group",
        ),
        _nothing,
    ),
    "card": _is_saved,
}
"""Macros that read nothing but their arguments, the language (of texts and of addresses, which differ
where something is said in both), where the shop is mounted, and what their function here finds out of the
visitor: whether he saved the thing that a card shows."""

_REMEMBERED = 8192  # of each; a card is a kilobyte or two
_FEWER: Mapping[str, int] = {"facet_group": 512}  # five kilobytes, and new for each choice


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


class PureMacro(MacroGlobal):
    """One that is drawn once for equal arguments. Arguments that cannot be compared are drawn each time."""

    def __init__(self, app: Flask, file: str, name: str) -> None:
        super().__init__(app, file, name)
        self._own = PURE[name]
        self._drawn = lru_cache(_FEWER.get(name, _REMEMBERED), typed=True)(self._draw)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The macro's markup, drawn now or before."""
        if not has_request_context():
            return super().__call__(*args, **kwargs)
        try:
            where = (
                present_locale().language,
                current_lang(),
                request.script_root,
                self._own(*args),
            )
            return self._drawn(where, *args, **kwargs)
        except TypeError:  # an argument without a hash
            return super().__call__(*args, **kwargs)

    def _draw(self, _where: tuple[object, ...], *args: Any, **kwargs: Any) -> Any:
        return super().__call__(*args, **kwargs)


def init_macros(app: Flask) -> None:
    """Register every macro of ``templates/_ui`` as a template global."""
    remember = not (app.debug or app.config.get("TEMPLATES_AUTO_RELOAD"))
    for file, names in MACROS.items():
        for name in names:
            kind = PureMacro if remember and name in PURE else MacroGlobal
            app.add_template_global(kind(app, file, name), name)
