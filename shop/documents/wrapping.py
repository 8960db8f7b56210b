"""Breaking a text into lines: Latin at spaces, Chinese between characters, never before its full stops."""

import re
from collections.abc import Iterator

from shop.documents.faces import clean, width

_HAN = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSING = "，。、；：！？）》」』】〉”’…·％"
_OPENING = "（《「『【〈“‘"
_TOKENS = re.compile(
    rf"[{_OPENING}]*[{_HAN}][{_CLOSING}]*| +|[^ {_HAN}]*[^ {_HAN}{_OPENING}][{_CLOSING}]*|."
)


def wrap(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """The lines of a text in ``room`` points; line ends in it are kept, long words are broken."""
    found: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for token in _broken(clean(paragraph), room, size, bold):
            if line and width((line + token).rstrip(), size, bold) > room:
                found.append(line.rstrip())
                line = token.lstrip()
            else:
                line += token
        found.append(line.rstrip())
    return found


def _broken(text: str, room: float, size: float, bold: bool) -> Iterator[str]:
    for token in _TOKENS.findall(text):
        while len(token) > 1 and width(token.rstrip(), size, bold) > room:
            cut = len(token) - 1
            while cut > 1 and width(token[:cut], size, bold) > room:
                cut -= 1
            yield token[:cut]
            token = token[cut:]
        yield token


def fitting(
    text: str, room: float, sizes: tuple[float, ...], most: int, bold: bool = False
) -> float:
    """The first of ``sizes`` at which a text takes at most ``most`` lines; the last, if none does."""
    for size in sizes:
        if len(wrap(text, room, size, bold)) <= most:
            return size
    return sizes[-1]
