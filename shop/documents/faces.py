"""The fonts of the papers, which of them draws a character, and how wide a text comes out."""

import gzip
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

_FOLDER = Path(__file__).parent / "fonts"
LATIN, BOLD, SPARE = "paper-latin", "paper-bold", "paper-spare"
CHINESE, CHINESE_BOLD = "paper-chinese", "paper-chinese-bold"
BOX = "□"
"""Drawn for a character that no font has: seen and asked about, never lost in silence."""

# Fonts that a machine may have for what ours lack (emoji aside): only such as can be embedded.
_SYSTEM = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
_HAN = frozenset({CHINESE, CHINESE_BOLD})
_QUOTES = frozenset("“”‘’…—·")
"""As wide as a character between Chinese ones, narrow in Latin text."""


@lru_cache(maxsize=1)
def _fonts() -> dict[str, TTFont]:
    """Read once by each process: a tenth of a second."""
    found = {
        LATIN: TTFont(LATIN, str(_FOLDER / "NotoSans-Regular.ttf")),
        BOLD: TTFont(BOLD, str(_FOLDER / "NotoSans-Bold.ttf")),
        CHINESE: TTFont(CHINESE, _unpacked("NotoSansSC-Regular.ttf.gz")),
        CHINESE_BOLD: TTFont(CHINESE_BOLD, _unpacked("NotoSansSC-Bold.ttf.gz")),
    }
    for path in _SYSTEM:
        if Path(path).is_file():
            try:
                found[SPARE] = TTFont(SPARE, path)
            except TTFError:  # outlines that cannot be embedded: the next one, or a box
                continue
            break
    for font in found.values():
        pdfmetrics.registerFont(font)
    return found


def _unpacked(name: str) -> BytesIO:
    return BytesIO(gzip.decompress((_FOLDER / name).read_bytes()))


@lru_cache(maxsize=8192)
def face_of(char: str, bold: bool = False, chinese: bool = False) -> str:
    """The font that draws a character; "" when none can. ``chinese``: it stands among Chinese ones."""
    latin, han = ([BOLD], [CHINESE_BOLD, CHINESE]) if bold else ([LATIN], [CHINESE])
    order = han + latin if chinese and char in _QUOTES else latin + han
    fonts = _fonts()
    for name in [*order, SPARE]:
        if name in fonts and ord(char) in fonts[name].face.charToGlyph:
            return name
    return ""


@lru_cache(maxsize=8192)
def _width(char: str, face: str) -> float:
    return float(_fonts()[face].stringWidth(char, 1000))


def clean(text: str) -> str:
    """The text as it can be drawn: composed, on one line, without control characters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        " " if char.isspace() else char
        for char in composed
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Mn", "Co", "Cn"}
    )


def runs(text: str, bold: bool = False) -> Iterator[tuple[str, str]]:
    """The pieces of a clean text, each with the font that draws it."""
    piece, face = "", ""
    for char in text:
        now = face if char == " " and face else face_of(char, bold, face in _HAN)
        if not now:
            char, now = BOX, face_of(BOX, bold)
        if now != face and piece:
            yield face, piece
            piece = ""
        piece, face = piece + char, now
    if piece:
        yield face, piece


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a clean text is at ``size`` points."""
    total = sum(_width(char, face) for face, piece in runs(text, bold) for char in piece)
    return total * size / 1000
