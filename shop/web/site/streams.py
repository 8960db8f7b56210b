"""XML that is sent while it is made, so that its size costs no memory."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Response, request

_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_KEPT = 3600


def xml(pieces: Iterable[str], changed_at: datetime | None = None) -> Response:
    """An XML document of ``pieces``: kept an hour by whoever asks, packed for those who can unpack.

    ``pieces`` are made after the request has ended: they may neither ask for it nor for its session.
    ``changed_at`` is when its content was changed last: who has it since gets 304.
    """
    answer = Response(mimetype="application/xml")
    answer.headers["Cache-Control"] = f"public, max-age={_KEPT}"
    answer.vary.add("Accept-Encoding")
    chunks = _chunks(pieces)
    if request.accept_encodings.quality("gzip") > 0:
        answer.headers["Content-Encoding"] = "gzip"
        chunks = _packed(chunks)
    answer.response = chunks
    if changed_at is not None:
        answer.last_modified = changed_at
        answer.make_conditional(
            request
        )  # last: it would count the bytes of an answer without a body
    return answer


def _chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The text in pieces of a size worth sending."""
    kept: list[bytes] = [b'<?xml version="1.0" encoding="UTF-8"?>\n']
    size = 0
    for piece in pieces:
        kept.append(piece.encode())
        size += len(kept[-1])
        if size >= _PIECE:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join(kept)


def _packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
