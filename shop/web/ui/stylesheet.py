"""Stylesheets: many files in the repository, one sheet in the browser.

An entry file lists the others with ``@import``; joining replaces each import by the file's text. The
order of cascade layers is declared by the first file, so nothing else depends on the order.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?\s*;""")
_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.S
)


def sources(entry: Path) -> list[Path]:
    """The entry file and every file that it imports."""
    found: list[Path] = []
    _walk(entry, found)
    return found


def join(entry: Path) -> str:
    """The text of the sheet: imports replaced by what they name, comments and spare white space gone.

    A file that is imported twice stands where it was imported first.
    """
    return minify(_inline(entry, set()))


def minify(css: str) -> str:
    """Drop comments and white space that means nothing.

    Strings are kept as they are, and so is the space around ``+`` and ``-``, which ``calc`` needs.
    """
    kept: list[str] = []
    position = 0
    for match in _TOKEN.finditer(css):
        kept.append(_squeeze(css[position : match.start()]))
        if match["string"]:
            kept.append(match["string"])
        position = match.end()
    kept.append(_squeeze(css[position:]))
    return "".join(kept).strip()


def _squeeze(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text)
    text = re.sub(r"(?<=[\w)]): ", ":", text)
    return text.replace(";}", "}")


def _inline(path: Path, seen: set[Path]) -> str:
    def replace(match: re.Match[str]) -> str:
        imported = path.parent / match[1]
        if imported in seen:
            return ""
        seen.add(imported)
        return _inline(imported, seen)

    return _IMPORT.sub(replace, path.read_text(encoding="utf-8"))


def _walk(path: Path, found: list[Path]) -> None:
    if path in found:
        return
    found.append(path)
    for name in _IMPORT.findall(path.read_text(encoding="utf-8")):
        _walk(path.parent / name, found)
