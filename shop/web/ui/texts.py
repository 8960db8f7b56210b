"""Texts of templates in the language of the moment.

Flask-Babel looks its catalogue up anew for every text, by the written form of the locale; a page has a
hundred texts. Here the catalogue is found by the language, which the locale holds ready.
"""

from babel.support import NullTranslations
from flask import Flask
from flask_babel import get_translations

from shop.web.ui.locale import present_locale


class Texts:
    """The gettext functions of one app's templates."""

    def __init__(self) -> None:
        self._known: dict[str, NullTranslations] = {}

    def gettext(self, text: str) -> str:
        """``text`` in the present language."""
        return str(self._translations().ugettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """``one`` or ``many``, as the present language counts."""
        return str(self._translations().ungettext(one, many, number))

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
