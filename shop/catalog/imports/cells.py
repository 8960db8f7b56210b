"""The cells of one product's rows, read with a note of everything that had to be said."""

from dataclasses import dataclass, field
from typing import Any

from shop.catalog.imports import values
from shop.catalog.imports.headers import Headings
from shop.catalog.imports.problems import Problem
from shop.catalog.imports.reader import Row

_POLICIES = frozenset({"deny", "continue"})


@dataclass(slots=True)
class Notes:
    """What is said about one product while it is read."""

    handle: str
    headings: Headings
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, row: Row | None = None, **params: Any) -> None:
        """The product cannot be imported because of this."""
        self.problems.append(Problem(code, self.handle, row.number if row else None, True, params))

    def warn(self, code: str, row: Row | None = None, **params: Any) -> None:
        """Something was mended or left out."""
        self.problems.append(Problem(code, self.handle, row.number if row else None, False, params))

    def is_refused(self) -> bool:
        """Whether anything was said that refuses the product."""
        return any(problem.refuses for problem in self.problems)


def check_shape(row: Row, notes: Notes) -> None:
    """Notice cells that have slipped: a row too long or short, a word where it cannot stand."""
    width = notes.headings.width
    if row.extra:
        notes.refuse("row-too-long", row, cells=row.width, headings=width)
        return
    for name, cell in row.cells.items():
        if _fits(name, cell):
            continue
        column = notes.headings.named(name)
        shown = cell if len(cell) <= 60 else cell[:59] + "…"
        if row.width < width:
            notes.refuse(
                "cells-slipped", row, cells=row.width, headings=width, value=shown, column=column
            )
        else:
            notes.refuse("value-unknown", row, value=shown, column=column)
        return
    if row.width < width:
        notes.warn("row-short", row, cells=row.width, headings=width)


def _fits(name: str, cell: str) -> bool:
    if name == "policy":
        return cell.lower() in _POLICIES or is_flag(cell)
    if name in {"shipping", "gift_card", "published"}:
        return is_flag(cell)
    return name != "unit" or values.is_weight_unit(cell)


def is_flag(cell: str) -> bool:
    """Whether a cell says yes or no."""
    try:
        values.flag(cell)
    except ValueError:
        return False
    return True


def flag(row: Row, name: str, default: bool) -> bool:
    """Yes or no, ``default`` for an empty cell; the form was checked before."""
    cell = row.cells.get(name)
    return values.flag(cell) if cell and is_flag(cell) else default


def price(row: Row, notes: Notes, currency: str) -> int:
    """The price in minor units; 0 with a refusal when there is none to read."""
    cell = row.cells.get("price")
    if not cell:
        notes.refuse("price-missing", row)
        return 0
    try:
        amount = values.price(cell, currency)
    except ValueError:
        notes.refuse("price-unreadable", row, value=cell, currency=currency)
        return 0
    if amount < 0:
        notes.refuse("price-negative", row, value=cell)
        return 0
    if amount == 0:
        notes.warn("price-zero", row)
    return amount


def compare_at(row: Row, notes: Notes, currency: str, price_minor: int) -> int | None:
    """The former price where it is above the price; else None, with a word unless it was empty or 0."""
    cell = row.cells.get("compare_at")
    if not cell:
        return None
    try:
        amount = values.price(cell, currency)
    except ValueError:
        notes.warn("compare-at-unreadable", row, value=cell)
        return None
    if amount > price_minor:
        return amount
    if amount:
        notes.warn("compare-at-dropped", row, value=cell, price=row.cells.get("price", ""))
    return None


def cost(row: Row, notes: Notes, currency: str) -> int | None:
    """What the unit cost the merchant, where it can be read."""
    cell = row.cells.get("cost")
    if not cell:
        return None
    try:
        amount = values.price(cell, currency)
        if amount < 0:
            raise ValueError(cell)
    except ValueError:
        notes.warn("cost-unreadable", row, value=cell)
        return None
    return amount


def weight(row: Row, notes: Notes) -> int:
    """Grams. ``Variant Grams`` is in grams whatever the unit for display; ``Variant Weight`` is not."""
    cell, unit = row.cells.get("grams"), "g"
    if not cell:
        cell, unit = row.cells.get("weight"), row.cells.get("unit", "g")
    if not cell:
        return 0
    try:
        return values.grams(cell, unit)
    except ValueError:
        notes.warn("weight-unreadable", row, value=cell)
        return 0


def weight_by_heading(row: Row, notes: Notes) -> int:
    """Grams of a weight whose unit stands in the heading, as in ``Weight (kg)``."""
    for name, cell in row.cells.items():
        if name.startswith("weight-"):
            try:
                return values.grams(cell, name.removeprefix("weight-"))
            except ValueError:
                notes.warn("weight-unreadable", row, value=cell)
    return 0


def is_picture_address(url: str) -> bool:
    """Whether a picture can be fetched from there."""
    return url.lower().startswith(("https://", "http://")) and len(url) <= 2000 and " " not in url


def quantity(row: Row, notes: Notes) -> int | None:
    """Units in stock; None where the file does not say. Below zero counts as none."""
    cell = row.cells.get("quantity")
    if not cell:
        return None
    try:
        units = values.quantity(cell)
    except ValueError:
        notes.warn("quantity-unreadable", row, value=cell)
        return None
    if units < 0:
        notes.warn("quantity-negative", row, value=cell)
        return 0
    return units


def barcode(row: Row, notes: Notes) -> str:
    """The barcode, unless a spreadsheet has made a rounded number of it."""
    cell = values.code(row.cells.get("barcode", ""))
    upper = cell.upper()
    if "E+" in upper and upper.replace(".", "").replace("E+", "").isdigit():
        notes.warn("barcode-damaged", row, value=cell)
        return ""
    if len(cell) > 64:
        notes.warn("barcode-too-long", row, limit=64)
        return ""
    return cell


def cut(row: Row, name: str, notes: Notes, limit: int) -> str:
    """A text, cut with a word where it is too long."""
    cell = row.cells.get(name, "")
    if len(cell) <= limit:
        return cell
    notes.warn("text-cut", row, column=notes.headings.named(name), limit=limit)
    return cell[:limit].rstrip()
