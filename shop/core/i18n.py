"""Texts kept in several languages: which one a reader gets."""

from collections.abc import Mapping
from typing import Any

FALLBACKS = ("en", "zh")


def pick(texts: Mapping[str, Any] | None, locale: str) -> str:
    """The text for ``locale``, else the first of the fall-backs that has one, else any, else ``""``."""
    if not texts:
        return ""
    for candidate in (locale, *FALLBACKS, *texts):
        if texts.get(candidate):
            return str(texts[candidate])
    return ""
