"""Finding out how the text of a file is encoded: by reading it, in one pass and little memory."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from shop.catalog.imports.problems import FileRefused

_CHUNK = 1 << 20
_ESCAPED = re.compile("[\udc80-\udcff]")
_RUN = re.compile(rb"[\x80-\xff]+")
_SIGNATURES = {
    b"PK\x03\x04": "workbook",
    b"\xd0\xcf\x11\xe0": "old-workbook",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"RIFF": "picture",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec and whether some bytes do not fit it (they are replaced when read)."""

    name: str
    damaged: bool = False


def detect(path: Path) -> Encoding:
    """The encoding of a text file.

    A byte order mark decides; else UTF-8 if it fits (all but a few bytes); else GB 18030 if the
    bytes above ASCII come in runs as Chinese text has them, and Windows-1252 if they stand alone as
    accented letters do. Raises ``FileRefused``: "file-empty", "file-not-text".
    """
    with path.open("rb") as file:
        head = file.read(8)
    if not head.strip():
        raise FileRefused("file-empty")
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            raise FileRefused("file-not-text", kind=kind)
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig", _utf8_errors(path)[0] > 0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16")
    errors, beyond_ascii = _utf8_errors(path)
    if errors == 0:
        return Encoding("utf-8")
    if errors * 20 <= beyond_ascii:
        return Encoding("utf-8", damaged=True)
    if _in_runs(path) and _fits(path, "gb18030"):
        return Encoding("gb18030")
    return Encoding("cp1252", damaged=not _fits(path, "cp1252"))


def _utf8_errors(path: Path) -> tuple[int, int]:
    """Bytes that are not UTF-8, and characters beyond ASCII that are.

    Raises ``FileRefused`` for NUL, which no text has.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    bad = good = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise FileRefused("file-not-text", kind="binary")
            decoded = decoder.decode(chunk)
            wrong = len(_ESCAPED.findall(decoded))
            bad += wrong
            good += len(decoded) - len(decoded.encode("ascii", "ignore")) - wrong
    return bad, good


def _in_runs(path: Path) -> bool:
    """Whether most bytes above ASCII have such a neighbour: Chinese does, accented letters do not."""
    paired = single = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for run in _RUN.findall(chunk):
                if len(run) > 1:
                    paired += len(run)
                else:
                    single += 1
    return paired > single * 2


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
