"""The variant picker of a product page: pure, from what the page read and what stock says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shop.catalog.page_queries import find_variant
from shop.catalog.views import ProductPage, ValueView, VariantView


class ValueState(StrEnum):
    """What choosing a value, beside the other present choices, would give."""

    AVAILABLE = "available"
    SOLD_OUT = "sold-out"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PickerValue:
    """A value with its state. ``code``: the variant to show when it is picked, for ``?sku=``."""

    value: ValueView
    chosen: bool
    state: ValueState
    code: str | None


@dataclass(frozen=True, slots=True)
class PickerOption:
    """An option and its values. ``label`` is that of the value chosen, "" without one."""

    id: int
    name: str
    field: str
    label: str
    values: list[PickerValue]


@dataclass(frozen=True, slots=True)
class Picker:
    """The state of the buy box. ``chosen`` is None while the combination does not exist; ``available``
    is its stock (None: without end), ``sold_out`` says that none is left."""

    options: list[PickerOption]
    chosen: VariantView | None
    available: int | None
    sold_out: bool


def picker(
    page: ProductPage,
    sku: str | None,
    available: Mapping[int, int | None],
    values: Sequence[str] = (),
) -> Picker:
    """Compute the picker.

    ``available``: variant id → units that can be bought, None for untracked (a tracked one that is
    absent has none). ``values``: public ids of values that a form sent; they win over ``sku``. With
    neither, the first variant in stock is chosen, else the first.
    """
    stock = {
        variant.id: available.get(variant.id, 0 if variant.tracked else None)
        for variant in page.variants
    }
    choice = _from_values(page, values)
    if choice is None:
        variant = find_variant(page.variants, sku) or _default(page.variants, stock)
        choice = list(variant.value_ids) if variant else []
    by_values = {variant.value_ids: variant for variant in page.variants}
    chosen = by_values.get(tuple(choice))
    options = []
    for place, option in enumerate(page.options):
        entries = []
        label = ""
        for value in option.values:
            wanted = (*choice[:place], value.id, *choice[place + 1 :])
            exact = by_values.get(wanted)
            if value.id == choice[place]:
                label = value.label
            nearest = exact or _nearest(page.variants, place, value.id, choice, stock)
            entries.append(
                PickerValue(
                    value,
                    value.id == choice[place],
                    _state(exact, stock),
                    nearest.code if nearest else None,
                )
            )
        options.append(PickerOption(option.id, option.name, f"option-{place + 1}", label, entries))
    left = stock.get(chosen.id) if chosen else 0
    return Picker(options, chosen, left, left is not None and left <= 0)


def _from_values(page: ProductPage, values: Sequence[str]) -> list[int] | None:
    """The combination a form sent; None when it does not name one value of every option."""
    sent = set(values)
    choice = []
    for option in page.options:
        named = [value.id for value in option.values if value.public_id in sent]
        if len(named) != 1:
            return None
        choice.append(named[0])
    return choice or None


def _default(
    variants: Sequence[VariantView], stock: Mapping[int, int | None]
) -> VariantView | None:
    return next((v for v in variants if _left(stock[v.id])), variants[0] if variants else None)


def _left(units: int | None) -> bool:
    return units is None or units > 0


def _state(variant: VariantView | None, stock: Mapping[int, int | None]) -> ValueState:
    if variant is None:
        return ValueState.MISSING
    return ValueState.AVAILABLE if _left(stock[variant.id]) else ValueState.SOLD_OUT


def _nearest(
    variants: Sequence[VariantView],
    place: int,
    value_id: int,
    choice: Sequence[int],
    stock: Mapping[int, int | None],
) -> VariantView | None:
    """The variant with this value that keeps most of the other choices, in stock rather than not."""
    having = [variant for variant in variants if variant.value_ids[place] == value_id]
    return max(
        having,
        key=lambda variant: (
            sum(a == b for a, b in zip(variant.value_ids, choice, strict=True)),
            _left(stock[variant.id]),
        ),
        default=None,
    )
