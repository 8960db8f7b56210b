"""Texts of templates in the language of the moment.

Flask-Babel looks its catalogue up anew for every text, by the written form of the locale, and Jinja calls
through four functions to it; a page has a hundred texts. Here a text without variables is one look into
the language's own dictionary.
"""

from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask_babel import get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from shop.web.ui.locale import present_locale

_MOST = 5000  # texts of a language; templates have fewer


class Texts:
    """The gettext functions of one app's templates."""

    def __init__(self) -> None:
        self._known: dict[str, NullTranslations] = {}
        self._plain: dict[str, dict[str, Markup]] = {}

    def gettext(self, text: str) -> str:
        """``text`` in the present language."""
        return str(self._translations().ugettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """``one`` or ``many``, as the present language counts."""
        return str(self._translations().ungettext(one, many, number))

    @pass_context
    def template_text(self, context: Context, text: str, /, **variables: Any) -> str:
        """``text`` with its variables, escaped where the template escapes. Always a format string, as
        Jinja's own: ``%%`` is a percent sign."""
        if not context.eval_ctx.autoescape:
            return self.gettext(text) % variables
        if variables:
            return Markup(self.gettext(text)) % variables  # noqa: S704 - our own text; % escapes
        own = self._plain.setdefault(present_locale().language, {})
        found = own.get(text)
        if found is None:
            found = Markup(self.gettext(text)) % {}  # noqa: S704 - our own text
            if len(own) < _MOST:
                own[text] = found
        return found

    def _translations(self) -> NullTranslations:
        language = present_locale().language
        found = self._known.get(language)
        if found is None:
            found = self._known[language] = get_translations()
        return found


def init_texts(app: Flask) -> None:
    """Give ``app``'s templates their texts; after Flask-Babel, whose functions these replace."""
    texts = Texts()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's own extension
        gettext=texts.gettext, ngettext=texts.ngettext, newstyle=True
    )
    app.jinja_env.globals.update(_=texts.template_text, gettext=texts.template_text)
