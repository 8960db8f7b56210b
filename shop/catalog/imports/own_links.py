"""Bringing what stands beside a product in line with the shop's own file: terms, attributes, what is shown
with it, parts of bundles. What the file has no column for stays as it is."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from shop.catalog import related, terms
from shop.catalog.exports.extras import NONE
from shop.catalog.exports.reading import Goods
from shop.catalog.facets import attributes
from shop.catalog.imports import own_lookup, own_references
from shop.catalog.imports.contexts import Draft, Later, Told
from shop.catalog.imports.own_lookup import Wanted, combinations
from shop.catalog.imports.problems import Problem
from shop.catalog.terms import Terms
from shop.core.errors import Conflict, Invalid, NotFound

OnParts = Callable[[int, Mapping[int, int]], None]
"""Called with (variant id, {variant id of a part: units}): bundles are composed by a higher package. With
no parts the variant is no bundle any more."""


@dataclass(slots=True)
class Links:
    """References of the file as ids. ``pins`` in order; ``missing``: row and reference of a part that is
    not there; ``left``: what is not there of what the product is shown with."""

    pins: list[int]
    parts: Wanted
    missing: tuple[int, str] | None
    left: list[str]


def resolve(draft: Draft, before: Goods | None) -> Links:
    """Look up what the file refers to, as the store is now. Raises ``Invalid("part-ambiguous")``."""
    store_id = draft.data.store_id
    found, left = own_lookup.pins(store_id, draft.told.related or (), before)
    parts, missing = own_lookup.parts(store_id, draft.told.parts or {})
    pins = [one for one in found if before is None or one != before.id]
    return Links(pins, parts, missing, left)


def same(told: Told, links: Links, before: Goods) -> bool:
    """Whether the product is beside itself what the file says."""
    now = before.extras
    return (
        links.missing is None
        and _termed(now.terms, told) == now.terms
        and (told.attributes is None or set(told.attributes) == set(now.attributes))
        and (told.related is None or links.pins == list(now.related))
        and (told.parts is None or links.parts == _composed(before))
    )


def dissolve(told: Told, before: Goods, on_parts: OnParts) -> None:
    """Take apart what is a bundle no more, before its variants are saved with stock of their own."""
    if told.parts is None:
        return
    for variant_id, variant in zip(before.variant_ids, before.data.variants, strict=True):
        _, wanted = told.parts.get(tuple(variant.values), (0, ()))
        if variant_id in before.extras.parts and not wanted:
            on_parts(variant_id, {})


def apply(
    draft: Draft, product_id: int, before: Goods | None, on_parts: OnParts, problems: list[Problem]
) -> bool:
    """Write it all down for a product that was saved. Returns whether more will be known later.

    Raises ``Later``; ``Invalid`` with the row: "part-unknown", "part-ambiguous",
    "terms-out-of-range" and what ``on_parts`` raises.
    """
    told = draft.told
    links = resolve(draft, before)
    was = NONE if before is None else before.extras
    wanted = _termed(was.terms, told)
    if wanted != was.terms:
        terms.change(product_id, wanted)
    if told.attributes is not None and set(told.attributes) != set(was.attributes):
        attributes.give_exactly(product_id, told.attributes)
    if told.related is not None and links.pins != list(was.related):
        related.set_pins(product_id, [one for one in links.pins if one != product_id])
    if links.missing is not None and not _is_tried(told, links.missing[1]):
        row, reference = links.missing
        if _may_come(told, reference):
            raise Later
        raise Invalid("part-unknown", row=row, value=reference[:80])
    now = {} if before is None else _composed(before)
    ids = combinations(product_id) if any(links.parts.values()) else {}
    for combination, parts in links.parts.items():
        if parts and parts != now.get(combination):
            _compose(on_parts, ids[combination], parts, (told.parts or {})[combination][0])
    return later(told, links, problems, draft.data.import_handle or "")


def later(told: Told, links: Links, problems: list[Problem], handle: str) -> bool:
    """Whether goods that the product is to be shown with come further down in the file; of what does
    not, a word is said."""
    awaited = [one for one in links.left if _may_come(told, one)]
    problems.extend(
        Problem("related-left-out", handle, told.row, False, {"value": one[:80]})
        for one in links.left
        if one not in awaited and not _is_tried(told, one)
    )
    if len(told.related or ()) > related.MOST_PINS:
        limit = {"limit": related.MOST_PINS}
        problems.append(Problem("related-too-many", handle, told.row, False, limit))
    return bool(awaited)


def _termed(now: Terms, told: Told) -> Terms:
    """The terms that the file asks for; what it has no column for is as now."""
    return Terms(**(asdict(now) | dict(told.terms)))


def _may_come(told: Told, reference: str) -> bool:
    return not told.trial and not told.last and _stands(told, reference)


def _is_tried(told: Told, reference: str) -> bool:
    """Whether it is only missing since nothing of the file is kept."""
    return told.trial and _stands(told, reference)


def _stands(told: Told, reference: str) -> bool:
    values = own_references.read_values(reference)
    return hash(own_references.key(values[0] if values else reference)) in told.expected


def _composed(before: Goods) -> Wanted:
    """The parts of each variant on sale as they are, by its values."""
    return {
        tuple(variant.values): {
            part_id: units
            for part_id, (units, _) in before.extras.parts.get(variant_id, {}).items()
        }
        for variant_id, variant in zip(before.variant_ids, before.data.variants, strict=True)
    }


def _compose(on_parts: OnParts, variant_id: int, parts: Mapping[int, int], row: int) -> None:
    try:
        on_parts(variant_id, parts)
    except (Invalid, Conflict, NotFound) as error:
        error.params["row"] = row
        raise
