"""Options and variants of a product, gathered from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.catalog.data import MAX_VARIANTS, OptionData, OptionValueData, VariantData
from shop.catalog.imports import cells, values
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.reader import Row

_DEFAULT = "default title"
_PLACES = (1, 2, 3)
_VALUE_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Combinations:
    """What the rows say together. ``quantities``: values of a variant → units given."""

    options: list[OptionData]
    variants: list[VariantData]
    quantities: dict[tuple[str, ...], int]
    needs_delivery: bool


def combine(
    rows: Sequence[Row], first: Row, notes: Notes, currency: str, locale: str
) -> Combinations:
    """Gather the variants; rows that only hold a picture are passed over."""
    selling = [row for row in rows if _sells(row, first, notes)]
    names = _option_names(selling)
    variants: list[VariantData] = []
    quantities: dict[tuple[str, ...], int] = {}
    seen: dict[tuple[str, ...], tuple[Row, VariantData]] = {}
    for row in selling:
        combination = _values(row, names, notes)
        variant = _variant(row, combination, notes, currency)
        if combination in seen:
            other, earlier = seen[combination]
            if (earlier.price_minor, earlier.sku) == (variant.price_minor, variant.sku):
                notes.warn("row-repeated", row, other=other.number)
            else:
                shown = ", ".join(combination) or "without options"
                notes.refuse("combination-repeated", row, values=shown, other=other.number)
            continue
        seen[combination] = (row, variant)
        variants.append(variant)
        units = cells.quantity(row, notes)
        if units is not None and variant.tracked:
            quantities[combination] = units
    if len(variants) > MAX_VARIANTS:
        notes.refuse("variants-too-many", first, limit=MAX_VARIANTS)
    if any(variant.tracked for variant in variants) and "quantity" not in notes.headings.places:
        notes.warn("quantity-absent", first)
    return Combinations(
        _options(names, variants, locale),
        variants,
        quantities,
        any(cells.flag(row, "shipping", True) for row in selling),
    )


def _sells(row: Row, first: Row, notes: Notes) -> bool:
    """Whether a row holds a variant; one with nothing at all is told."""
    if row is first or any(
        row.cells.get(name) for name in ("option1_value", "option2_value", "option3_value", "sku")
    ):
        return True
    if row.cells.get("image"):
        return (
            False  # further pictures stand in rows of their own, some tools repeat the price there
        )
    if row.cells.get("price"):
        return True
    if not set(row.cells) - {"handle", "title"}:
        notes.warn("row-empty", row)
    return False


def _option_names(rows: Sequence[Row]) -> dict[int, str]:
    """Place → name of the options in use. Shopify's own "Title: Default Title" is none."""
    found: dict[int, str] = {}
    for place in _PLACES:
        given = {
            row.cells[f"option{place}_value"]
            for row in rows
            if row.cells.get(f"option{place}_value")
        }
        if given and not all(value.lower() == _DEFAULT for value in given):
            named = (row.cells.get(f"option{place}_name") for row in rows)
            found[place] = next((name for name in named if name), f"Option {place}")[:120]
    return found


def _values(row: Row, names: dict[int, str], notes: Notes) -> tuple[str, ...]:
    combination = []
    for place, name in names.items():
        value = row.cells.get(f"option{place}_value", "")
        if not value:
            notes.refuse("option-value-missing", row, option=name)
        elif len(value) > _VALUE_LIMIT:
            notes.refuse("option-value-too-long", row, option=name, limit=_VALUE_LIMIT)
        combination.append(value)
    return tuple(combination)


def _variant(row: Row, combination: tuple[str, ...], notes: Notes, currency: str) -> VariantData:
    price = cells.price(row, notes, currency)
    tracked = bool(row.cells.get("tracker"))
    if tracked and _sells_beyond_stock(row):
        notes.warn("sells-beyond-stock", row)
        tracked = False
    sku = values.code(row.cells.get("sku", ""))
    if len(sku) > 255:
        notes.refuse("text-too-long", row, field=notes.headings.named("sku"), limit=255)
    return VariantData(
        price_minor=price,
        values=combination,
        sku=sku,
        barcode=cells.barcode(row, notes),
        compare_at_minor=cells.compare_at(row, notes, currency, price),
        cost_minor=cells.cost(row, notes, currency),
        weight_grams=cells.weight(row, notes),
        tracked=tracked,
        image=row.cells.get("variant_image"),
    )


def _sells_beyond_stock(row: Row) -> bool:
    policy = row.cells.get("policy", "").lower()
    return policy == "continue" or (policy != "deny" and cells.flag(row, "policy", False))


def _options(
    names: dict[int, str], variants: Sequence[VariantData], locale: str
) -> list[OptionData]:
    options = []
    for place, name in enumerate(names.values()):
        keys = dict.fromkeys(variant.values[place] for variant in variants)
        options.append(
            OptionData({locale: name}, [OptionValueData(key, {locale: key}) for key in keys if key])
        )
    return options
