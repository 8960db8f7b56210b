"""What of a WooCommerce product is sold: itself, or its variations.

A variation that leaves an attribute empty holds for any value of it: it becomes a variant for each value
that its parent lists, unless another variation names that combination.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product as every

from shop.catalog.data import (
    MAX_OPTIONS,
    MAX_VARIANTS,
    OptionData,
    OptionValueData,
    VariantData,
)
from shop.catalog.folding import fold
from shop.catalog.imports import cells, values, woo_rows
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.contexts import Context
from shop.catalog.imports.reader import Row
from shop.catalog.imports.woo_attributes import attributes, parts
from shop.core import clock


@dataclass(frozen=True, slots=True)
class Sold:
    """``unfinished``: variable, but without variations. ``virtual``: nothing of it is delivered."""

    options: list[OptionData]
    variants: list[VariantData]
    quantities: dict[tuple[str, ...], int]
    virtual: bool
    unfinished: bool = False


@dataclass(slots=True)
class _Choice:
    name: str
    values: list[str]


def sold(product: Row, variations: Sequence[Row], notes: Notes, context: Context) -> Sold:
    """Gather the variants of a product."""
    if not variations:
        unfinished = "variable" in woo_rows.kinds(product.cells)
        if unfinished:
            notes.warn("variations-missing", product)
        variant, units = _variant(product, product, notes, context)
        own: dict[tuple[str, ...], int] = {(): units} if units is not None else {}
        return Sold([], [variant], own, _is_virtual(product), unfinished)
    choices = _choices(product, variations, notes)
    if notes.is_refused():
        return Sold([], [], {}, False)
    found: dict[tuple[str, ...], tuple[Row, VariantData]] = {}
    quantities: dict[tuple[str, ...], int] = {}
    exact_first = sorted(variations, key=lambda row: len(_open(row, choices)))
    for row in exact_first:
        variant, units = _variant(row, product, notes, context)
        any_of = _open(row, choices)
        if any_of:
            notes.warn("any-value", row, option=", ".join(any_of))
            if variant.tracked:
                notes.warn("stock-shared", row)
                units = None
        for combination in every(*_ways(row, choices)):
            if combination in found:
                if not any_of:
                    _repeated(row, combination, variant, found[combination], notes)
                continue
            found[combination] = (row, replace(variant, values=combination))
            if units is not None:
                quantities[combination] = units
            if len(found) > MAX_VARIANTS:
                notes.refuse("variants-too-many", product, limit=MAX_VARIANTS)
                return Sold([], [], {}, False)
    options = [
        OptionData(
            {context.locale: choice.name},
            [OptionValueData(value, {context.locale: value}) for value in choice.values],
        )
        for choice in choices
    ]
    order = {row.number: place for place, row in enumerate(variations)}
    variants = [
        variant for _, variant in sorted(found.values(), key=lambda entry: order[entry[0].number])
    ]
    return Sold(options, variants, quantities, all(_is_virtual(row) for row in variations))


def _choices(product: Row, variations: Sequence[Row], notes: Notes) -> list[_Choice]:
    """What variations differ in, with the values that the parent lists, then those it forgot."""
    listed = {fold(name): list(given) for name, given in attributes(product)}
    found: dict[str, _Choice] = {}
    for row in variations:
        for name, given in attributes(row):
            choice = found.setdefault(fold(name), _Choice(name[:120], listed.get(fold(name), [])))
            for value in given[:1]:
                if value not in choice.values:
                    choice.values.append(value)
                if len(value) > 255:
                    notes.refuse("option-value-too-long", row, option=name, limit=255)
    choices = [choice for choice in found.values() if choice.values]
    if len(choices) > MAX_OPTIONS:
        notes.refuse("options-too-many", product, limit=MAX_OPTIONS)
    return choices


def _given(row: Row, choice: _Choice) -> str | None:
    return next(
        (given[0] for name, given in attributes(row) if fold(name) == fold(choice.name) and given),
        None,
    )


def _open(row: Row, choices: Sequence[_Choice]) -> list[str]:
    return [choice.name for choice in choices if _given(row, choice) is None]


def _ways(row: Row, choices: Sequence[_Choice]) -> list[list[str]]:
    given = ((_given(row, choice), choice.values) for choice in choices)
    return [any_of if value is None else [value] for value, any_of in given]


def _repeated(
    row: Row,
    combination: tuple[str, ...],
    variant: VariantData,
    earlier: tuple[Row, VariantData],
    notes: Notes,
) -> None:
    other, before = earlier
    if (before.price_minor, before.sku) == (variant.price_minor, variant.sku):
        notes.warn("row-repeated", row, other=other.number)
    else:
        shown = ", ".join(combination) or "without options"
        notes.refuse("combination-repeated", row, values=shown, other=other.number)


def _variant(
    row: Row, product: Row, notes: Notes, context: Context
) -> tuple[VariantData, int | None]:
    """A variant and the units of it, None where they are not counted."""
    price, compare_at = _prices(row, notes, context.currency)
    units = _stock(row, notes)
    sku = values.code(row.cells.get("sku", ""))
    if len(sku) > 255:
        notes.refuse("text-too-long", row, field=notes.headings.named("sku"), limit=255)
    pictures = parts(row.cells.get("images", "")) if row is not product else []
    weight = cells.weight_by_heading(row, notes)
    return VariantData(
        price_minor=price,
        sku=sku,
        barcode=cells.barcode(row, notes),
        compare_at_minor=compare_at,
        cost_minor=cells.cost(row, notes, context.currency),
        weight_grams=weight or cells.weight_by_heading(product, notes),
        tracked=units is not None,
        image=next((url for url in pictures if cells.is_picture_address(url)), None),
    ), units


def _prices(row: Row, notes: Notes, currency: str) -> tuple[int, int | None]:
    """The price to pay now and the former one: a sale price counts between its dates."""
    sale = row.cells.get("sale_price")
    if not sale or not _on_sale(row, sale, notes):
        return cells.price(row, notes, currency), None
    reduced = Row(row.number, row.width, row.extra, {**row.cells, "price": sale})
    if not row.cells.get("price"):
        return cells.price(reduced, notes, currency), None
    regular = cells.price(row, notes, currency)
    price = cells.price(reduced, notes, currency)
    if price < regular:
        return price, regular
    notes.warn("compare-at-dropped", row, value=row.cells["price"], price=sale)
    return price, None


def _on_sale(row: Row, sale: str, notes: Notes) -> bool:
    moment = clock.now()
    starts, ends = (_date(row.cells.get(name, "")) for name in ("sale_starts", "sale_ends"))
    if ends is not None and ends < moment:
        notes.warn("sale-past", row, value=sale)
        return False
    if starts is not None and starts > moment:
        notes.warn("sale-future", row, value=sale)
        return False
    return True


def _date(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell[:10]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _stock(row: Row, notes: Notes) -> int | None:
    """Units where stock is counted; none left where it is not, but the product is out of stock."""
    cell = row.cells.get("quantity", "")
    if not cell:
        out = row.cells.get("in_stock", "").lower() in {"0", "no", "outofstock"}
        return 0 if out else None
    if cell.lower() == "parent":
        notes.warn("stock-shared", row)
        return 0
    if row.cells.get("backorders", "").lower() in {"1", "yes", "notify"}:
        notes.warn("sells-beyond-stock", row)
        return None
    return cells.quantity(row, notes)


def _is_virtual(row: Row) -> bool:
    return bool(woo_rows.kinds(row.cells) & {"virtual", "downloadable"})
