"""Looking up the goods that the shop's own file refers to. A fixed number of statements a product, and two
or three more for a part that goes by its values."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import or_, select

from shop.catalog import related
from shop.catalog.exports.extras import UNNAMED
from shop.catalog.exports.reading import Goods
from shop.catalog.imports import own_references
from shop.catalog.imports.contexts import Combination
from shop.catalog.models import Option, OptionValue, Product, Variant, VariantValue
from shop.core.db import db
from shop.core.errors import Invalid

Wanted = dict[Combination, dict[int, int]]
"""Values of a variant → variant of a part → units."""


def find(store_id: int, handle: str) -> int | None:
    """The product of a handle: one that an import gave it, or one whose public id it is."""
    wanted = Product.import_handle == handle
    if handle.startswith(UNNAMED):
        wanted |= (Product.public_id == handle.removeprefix(UNNAMED)) & Product.import_handle.is_(
            None
        )
    return db.session.scalar(
        select(Product.id).where(Product.store_id == store_id, wanted).order_by(Product.id)
    )


def pins(
    store_id: int, references: Iterable[str], before: Goods | None
) -> tuple[list[int], list[str]]:
    """The products that references name, in order, and the references that name none. Another store's
    product is known only where it is shown already."""
    wanted = list(references)[: related.MOST_PINS]
    if not wanted:
        return [], []
    kept = {} if before is None else {ref: one for one, ref in before.extras.related.items()}
    tried = {text for one in wanted for text in (one, one.strip())}
    ids = {one.removeprefix(UNNAMED) for one in tried}
    known: dict[str, int] = {}
    for row in db.session.execute(
        select(Product.id, Product.public_id, Product.import_handle, Product.slug)
        .where(
            Product.store_id == store_id,
            or_(
                Product.import_handle.in_(tried),
                Product.slug.in_(tried),
                Product.public_id.in_(ids),
            ),
        )
        .order_by(Product.id)
    ):
        # The handle first: a web address may be what another product goes by in files.
        known[row.import_handle or UNNAMED + row.public_id] = row.id
        known.setdefault(row.slug, row.id)
    found: dict[int, None] = {}
    left = []
    for one in wanted:
        other = kept.get(one) or known.get(one) or known.get(one.strip())
        if other is None:
            left.append(one)
        else:
            found[other] = None
    return list(found), left


def parts(
    store_id: int, wanted: Mapping[Combination, tuple[int, Sequence[tuple[int, str]]]]
) -> tuple[Wanted, tuple[int, str] | None]:
    """The parts of each variant, and row and reference of the first that is not there.

    Raises ``Invalid("part-ambiguous")`` for a SKU that several variants have.
    """
    references = {
        (reference, row) for row, consists in wanted.values() for _, reference in consists
    }
    skus = _by_sku(store_id, {reference for reference, _ in references})
    ids: dict[str, int] = {}
    missing = None
    for reference, row in sorted(references, key=lambda one: one[1]):
        values = own_references.read_values(reference)
        if values is not None:
            product_id = find(store_id, values[0])
            found = [] if product_id is None else [combinations(product_id).get(values[1])]
        elif reference.startswith(own_references.BY_ID):
            found = [_by_id(store_id, reference.removeprefix(own_references.BY_ID))]
        else:
            found = list(skus.get(reference) or skus.get(reference.strip()) or ())
        if len(found) > 1:
            raise Invalid("part-ambiguous", row=row, value=reference[:80])
        if found and found[0] is not None:
            ids[reference] = found[0]
        elif missing is None:
            missing = (row, reference)
    composed: Wanted = {}
    for combination, (_, consists) in wanted.items():
        units_of = composed.setdefault(combination, {})
        for units, reference in consists:
            if reference in ids:
                part_id = ids[reference]
                units_of[part_id] = units_of.get(part_id, 0) + units
    return composed, missing


def _by_sku(store_id: int, references: Iterable[str]) -> dict[str, list[int]]:
    """SKU → variants on sale that have it."""
    tried = {text for one in references for text in (one, one.strip()) if text}
    found: dict[str, list[int]] = {}
    if not tried:
        return found
    for row in db.session.execute(
        select(Variant.id, Variant.sku)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.store_id == store_id, Variant.sku.in_(tried), Variant.archived_at.is_(None))
        .order_by(Variant.id)
    ):
        found.setdefault(row.sku, []).append(row.id)
    return found


def _by_id(store_id: int, public_id: str) -> int | None:
    return db.session.scalar(
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.store_id == store_id, Variant.public_id == public_id)
    )


def combinations(product_id: int) -> dict[Combination, int]:
    """Values of a variant on sale, in the order of the options → its id."""
    found: dict[int, list[str]] = {}
    for row in db.session.execute(
        select(Variant.id, OptionValue.key)
        .outerjoin(VariantValue, VariantValue.variant_id == Variant.id)
        .outerjoin(OptionValue, OptionValue.id == VariantValue.value_id)
        .outerjoin(Option, Option.id == VariantValue.option_id)
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None))
        .order_by(Variant.id, Option.position)
    ):
        keys = found.setdefault(row.id, [])
        if row.key is not None:
            keys.append(row.key)
    return {tuple(keys): variant_id for variant_id, keys in found.items()}
