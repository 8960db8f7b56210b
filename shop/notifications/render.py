"""From a template to a subject, a text and an HTML part, in the recipient's language and zone."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from flask_babel import force_locale

from shop.notifications import links

TAGS = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail ready to be recorded and sent. ``template``: the folder below ``templates/email``;
    ``unsubscribe``: where mails of its kind are ended, "" for those that answer an act."""

    recipient: str
    template: str
    locale: str
    subject: str
    text: str
    html: str
    unsubscribe: str = ""


def draft(
    recipient: str,
    template: str,
    locale: str,
    *,
    timezone: str = "Asia/Shanghai",
    unsubscribe: str = "",
    **context: Any,
) -> Draft:
    """Render ``template`` for ``recipient``. Templates get ``context``, ``unsubscribe``, ``links``,
    ``locale``, ``lang``."""
    values = {
        **context,
        "unsubscribe": unsubscribe,
        "links": links,
        "locale": locale,
        "lang": TAGS.get(locale, locale),
        "home": links.home(locale),
    }
    with _reader(locale, timezone):
        subject = one_line(_part(template, "subject.txt", values))
        text = _part(template, "body.txt", values).strip() + "\n"
        html = _part(template, "body.html", {**values, "subject": subject})
    return Draft(recipient, template, locale, subject, text, html, unsubscribe)


def one_line(text: str) -> str:
    """Text fit for a header: no line ends, no control characters, at most 200 characters."""
    plain = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text
    )
    return " ".join(plain.split())[:200]


def _part(template: str, name: str, values: dict[str, Any]) -> str:
    # Not flask.render_template: the context processors speak of a visitor's request, and there is none.
    return current_app.jinja_env.get_template(f"email/{template}/{name}").render(values)


@contextmanager
def _reader(locale: str, timezone: str) -> Iterator[None]:
    """Money, times and words as the reader of the mail knows them."""
    before = g.get("timezone")
    g.timezone = timezone
    try:
        with force_locale(locale):
            yield
    finally:
        if before is None:
            g.pop("timezone")
        else:
            g.timezone = before
