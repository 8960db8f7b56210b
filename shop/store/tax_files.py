"""Rates of a store as a file: Country, Region, Class, Rate (percent), Name, Delivery (yes or no)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shop.core.errors import Invalid
from shop.core.percent import percent_text
from shop.store.tax_data import RateData, parse_rate

HEADINGS = ("Country", "Region", "Class", "Rate", "Name", "Delivery")
LIMIT = 2000
_YES = {"yes", "y", "true", "1", "是", ""}
_FORMULA = frozenset("=+-@\t\r")
_NO = {"no", "n", "false", "0", "否"}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a row, the headings being row 1: a code of ``tax_services`` or our own, and the
    text that was meant."""

    row: int
    reason: str
    text: str = ""


def write(rates: Iterable[RateData]) -> str:
    """The file, with the mark by which spreadsheets know UTF-8; cells that one would run are harmless."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(HEADINGS)
    for rate in rates:
        writer.writerow(
            _guarded(cell)
            for cell in (
                rate.country,
                rate.region,
                rate.tax_class,
                percent_text(rate.rate),
                rate.name,
                "yes" if rate.applies_to_delivery else "no",
            )
        )
    return "\ufeff" + target.getvalue()


def read(
    content: bytes, classes: Sequence[tuple[str, str]]
) -> tuple[list[RateData], list[RowProblem]]:
    """The rates of a file and what is wrong with it; ``classes`` are codes and own names.

    Raises ``Invalid``: "tax-file-text" (not UTF-8), "tax-file-headings", "tax-file-long".
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("tax-file-text", field="file") from None
    if "\0" in text:
        raise Invalid("tax-file-text", field="file")
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        raise Invalid("tax-file-text", field="file") from None
    headings = [cell.strip().lower() for cell in rows[0]] if rows else []
    if not {"country", "rate", "name"} <= set(headings):
        raise Invalid("tax-file-headings", field="file")
    if len(rows) > LIMIT + 1:
        raise Invalid("tax-file-long", field="file", maximum=LIMIT)
    codes = {code: code for code, _ in classes}
    codes |= {name.casefold(): code for code, name in classes if name}
    found: list[RateData] = []
    problems: list[RowProblem] = []
    for number, cells in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in cells):
            row = {
                heading: _unguarded(cell.strip())
                for heading, cell in zip(headings, cells, strict=False)
            }
            try:
                found.append(_rate(row, codes))
            except Invalid as error:
                problems.append(RowProblem(number, error.reason, str(error.params.get("text", ""))))
    if not found and not problems:
        raise Invalid("tax-file-empty", field="file")
    return found, problems


def _rate(row: dict[str, str], codes: dict[str, str]) -> RateData:
    given = row.get("class", "") or "standard"
    code = codes.get(given.casefold())
    if code is None:
        raise Invalid("tax-class-unknown", text=given[:60])
    country = row.get("country", "").upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid("tax-country", text=country[:40])
    name, region = row.get("name", ""), row.get("region", "")
    if not name or len(name) > 40:
        raise Invalid("tax-name", text=name[:60])
    if len(region) > 80:
        raise Invalid("tax-region", text=region[:60])
    delivery = row.get("delivery", "").casefold()
    if delivery not in _YES | _NO:
        raise Invalid("tax-delivery", text=delivery[:40])
    return RateData(code, country, region, name, parse_rate(row.get("rate", "")), delivery in _YES)


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets the mark of a text."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
