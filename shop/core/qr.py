"""QR codes of short texts: black on white with their quiet zone, whatever the theme of the page."""

from collections.abc import Iterator
from itertools import groupby

import segno

QUIET = 4
"""Light modules around the symbol; the standard asks for four."""


def svg(text: str, label: str) -> str:
    """The code as an SVG element that carries its own white ground. ``label`` is escaped."""
    code = segno.make_qr(text, error="m")
    width = code.symbol_size(border=QUIET)[0]
    dark = []
    for y, row in enumerate(code.matrix):
        x = 0
        for value, run in groupby(row):
            length = len(list(run))
            if value:
                dark.append(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z")
            x += length
    return (
        f'<svg class="qr" viewBox="0 0 {width} {width}" width="132" height="132" role="img" '
        f'aria-label="{_escaped(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/><path fill="#000" d="{"".join(dark)}"/></svg>'
    )


def runs(text: str) -> Iterator[list[tuple[bool, int]]]:
    """The rows of the code, quiet zone included, each as runs of (dark, modules): for mails, which
    know tables but no drawings."""
    code = segno.make_qr(text, error="m")
    for row in code.matrix_iter(border=QUIET):
        yield [(bool(dark), len(list(run))) for dark, run in groupby(row)]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
