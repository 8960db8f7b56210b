"""Files of the stock pages."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, make_response

from shop.catalog.imports.values import guarded
from shop.core.money import to_text


def plain(minor: int, currency: str) -> str:
    """An amount without its currency, as a spreadsheet reads it."""
    return to_text(minor, currency)


def as_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file to be saved; cells that a spreadsheet would run as a formula are guarded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    answer = make_response("\ufeff" + text.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
