"""The variants in the shop's own file, their stock by place, and the parts of those that are bundles."""

from collections.abc import Mapping, Sequence

from shop.catalog.data import MAX_VARIANTS, OptionData, VariantData
from shop.catalog.imports import own_references, values
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.own_headers import OPTIONS, STOCK
from shop.catalog.imports.reader import Row

Places = Mapping[tuple[str, ...], Mapping[str, int]]
Parts = Mapping[tuple[str, ...], tuple[int, Sequence[tuple[int, str]]]]


def read(
    rows: Sequence[Row], options: Sequence[OptionData], notes: Notes, currency: str
) -> tuple[list[VariantData], Places, Parts]:
    """The variants in the order of their rows, their units by the name of the place, and with the number
    of the row the parts that they consist of."""
    found: dict[tuple[str, ...], VariantData] = {}
    seen: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, ...], dict[str, int]] = {}
    parts: dict[tuple[str, ...], tuple[int, Sequence[tuple[int, str]]]] = {}
    known = [{value.key for value in option.values} for option in options]
    for row in rows:
        given = [row.cells.get(f"Value {place}", "") for place in OPTIONS]
        combination = tuple(given[: len(options)])
        if any(given[len(options) :]) or any(
            key not in keys for key, keys in zip(combination, known, strict=True)
        ):
            notes.refuse("variant-values", row, values=", ".join(filter(None, given)) or "–")
        elif combination in found:
            shown = ", ".join(combination) or "without options"
            notes.refuse("combination-repeated", row, values=shown, other=seen[combination])
        else:
            consists = [
                own_references.read_part(line)
                for line in own_references.lines(row.cells.get("Parts", ""))
            ]
            parts[combination] = (row.number, consists)
            found[combination] = _variant(row, combination, notes, currency, bool(consists))
            seen[combination] = row.number
            if found[combination].tracked:
                places[combination] = _units(row, notes)
    if not found and rows == []:
        notes.refuse("price-missing")
    if len(found) > MAX_VARIANTS:
        notes.refuse("variants-too-many", limit=MAX_VARIANTS)
    return list(found.values()), places, parts


def _variant(
    row: Row, combination: tuple[str, ...], notes: Notes, currency: str, is_bundle: bool
) -> VariantData:
    written = row.cells.get("Currency", currency).strip().upper()
    if written != currency:
        notes.refuse("currency-other", row, value=written[:60], currency=currency)
    price = _amount(row, "Price", notes, currency)
    if price is None:
        notes.refuse("price-missing", row)
    return VariantData(
        price_minor=price or 0,
        values=combination,
        sku=row.cells.get("SKU", ""),
        barcode=row.cells.get("Barcode", ""),
        compare_at_minor=_amount(row, "Compare-at price", notes, currency),
        cost_minor=_amount(row, "Cost", notes, currency),
        weight_grams=number(row, "Weight in grams", notes) or 0,
        # A bundle keeps no stock of its own, whatever the file says.
        tracked=flag(row, "Stock is counted", True, notes) and not is_bundle,
        image=row.cells.get("Variant picture"),
    )


def _units(row: Row, notes: Notes) -> dict[str, int]:
    places = (name for name in row.cells if name.startswith(STOCK))
    found = {name.removeprefix(STOCK): number(row, name, notes) for name in places}
    return {place: units for place, units in found.items() if units is not None}


def _amount(row: Row, name: str, notes: Notes, currency: str) -> int | None:
    cell = row.cells.get(name, "").strip()
    if not cell:
        return None
    try:
        amount = values.price(cell, currency)
    except ValueError:
        notes.refuse("price-unreadable", row, value=cell[:60], currency=currency)
        return None
    if amount < 0:
        notes.refuse("price-negative", row, value=cell[:60])
    return amount


def number(row: Row, name: str, notes: Notes) -> int | None:
    """A whole number that is not below zero; None for an empty cell."""
    cell = row.cells.get(name, "").strip()
    if not cell:
        return None
    try:
        found = values.quantity(cell)
        if found < 0:
            raise ValueError(cell)
    except ValueError:
        notes.refuse("number-unreadable", row, value=cell[:60], column=notes.headings.named(name))
        return None
    return found


def flag(row: Row, name: str, default: bool, notes: Notes) -> bool:
    """Yes or no, ``default`` for an empty cell."""
    cell = row.cells.get(name, "")
    if not cell:
        return default
    try:
        return values.flag(cell)
    except ValueError:
        notes.refuse("value-unknown", row, value=cell[:60], column=notes.headings.named(name))
        return default
