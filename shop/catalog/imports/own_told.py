"""What the shop's own file says beside a product: terms, attributes, what is shown with it, parts."""

from collections.abc import Collection, Mapping

from shop.catalog.folding import fold
from shop.catalog.imports import own_references, own_variants
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.contexts import Context, Told
from shop.catalog.imports.own_headers import TERMS
from shop.catalog.imports.own_variants import Parts
from shop.catalog.imports.reader import Group, Row
from shop.catalog.terms import USUAL

MOST_UNITS = 999


def read(product: Row, parts: Parts, group: Group, notes: Notes, context: Context) -> Told:
    """Read it; only of the columns that the file has."""
    here = notes.headings.places
    for number, consists in parts.values():
        for units, reference in consists:
            if not 1 <= units <= MOST_UNITS:
                notes.refuse("part-units", Row(number, 0, False, {}), value=reference[:80])
    related = [own_references.plain(line) for line in _lines(product, "Related")]
    return Told(
        terms=_terms(product, notes),
        attributes=_attributes(product, notes, context) if "Attributes" in here else None,
        related=list(dict.fromkeys(related)) if "Related" in here else None,
        parts=parts if "Parts" in here else None,
        row=product.number,
        expected=group.expected,
        last=group.last,
        trial=context.trial,
    )


def _terms(product: Row, notes: Notes) -> Mapping[str, int | None]:
    found = {}
    for name, field in TERMS.items():
        if name in notes.headings.places:
            number = own_variants.number(product, name, notes)
            found[field] = getattr(USUAL, field) if number is None else number
    return found


def _attributes(product: Row, notes: Notes, context: Context) -> Collection[int]:
    found = set()
    for line in _lines(product, "Attributes"):
        said = own_references.spec(line)
        value = context.attributes.get((said.name, said.value))
        if value is None:
            value = context.attributes.get((fold(said.name), fold(said.value)))
        if value is None:
            shown = f"{said.name}: {said.value}"
            notes.warn("attribute-unknown", product, value=shown[:80])
        else:
            found.add(value)
    return found


def _lines(product: Row, name: str) -> list[str]:
    return own_references.lines(product.cells.get(name, ""))
