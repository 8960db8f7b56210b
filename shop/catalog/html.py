"""Cleaning the HTML of merchants by an allow-list, and reading its words."""

import re
from html import unescape

import nh3

_TAGS = {
    "p",
    "br",
    "hr",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "s",
    "small",
    "sub",
    "sup",
    "mark",
    "blockquote",
    "q",
    "code",
    "pre",
    "a",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "div",
    "span",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}
# h1 is the page's own; a merchant's becomes the next one down.
_H1 = re.compile(r"(</?)h1(?=[\s>])", re.IGNORECASE)
_EMPTY = re.compile(r"<(p|div|span|h[2-6])>(?:\s|&nbsp;|\u00a0)*</\1>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|/td|/th|/dt|/dd|hr)\b[^>]*>", re.IGNORECASE)
MAX_HTML = 200_000


def clean(html: str) -> str:
    """What of ``html`` may stand on a page: text structure, links, tables. Idempotent.

    Scripts, styles and frames go with their content; pictures, forms, ``class``, ``style``, ``id``,
    ``data-*`` and ``hx-*`` go. Links keep http, https and mailto and get a ``rel``.
    """
    cleaned = nh3.clean(
        _H1.sub(r"\1h2", html.replace("\0", "")[:MAX_HTML]),
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "noscript", "template", "title"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
        generic_attribute_prefixes=set(),
    )
    previous = None
    while previous != cleaned:  # an emptied paragraph may have stood in an emptied box
        previous, cleaned = cleaned, _EMPTY.sub("", cleaned)
    return cleaned.strip()


def plain(html: str) -> str:
    """The words of ``html``, on one line: for search, summaries and mails."""
    spaced = _BREAK.sub(lambda match: match.group(0) + " ", html.replace("\0", "")[:MAX_HTML])
    bare = nh3.clean(
        spaced, tags=set(), clean_content_tags={"script", "style", "iframe", "noscript", "template"}
    )
    return " ".join(unescape(bare).split())
