"""Bringing words to one form, so that what is typed meets what is written."""

import re
import unicodedata

MAX_TERMS = 8
MAX_TERM = 40
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Full-width to half-width, case gone, accents dropped, one space between words.

    Han characters stay as they are; those of the same meaning in other forms are not joined.
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch) and ch != "\0")
    return _SPACE.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def terms(query: str) -> list[str]:
    """The words of a query, folded, without repeats; at most eight, each at most forty characters."""
    seen: dict[str, None] = {}
    for word in fold(query[:400]).split(" "):
        if word:
            seen.setdefault(word[:MAX_TERM])
    return list(seen)[:MAX_TERMS]
