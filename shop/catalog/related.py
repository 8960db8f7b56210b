"""What goes with a product: the merchant's own choice, and what orders say.

The rows of kind "bought" are worked out by ``shop.analytics.together`` and written here; those of kind
"pinned" are chosen by hand and come first wherever related products are shown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from sqlalchemy import delete, func, insert, select

from shop.catalog.models import Product, Variant
from shop.catalog.related_models import RelatedProduct
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

MOST_PINS = 8


@dataclass(frozen=True, slots=True)
class Tie:
    """How strongly orders join a product to ``other_id``: ``score`` in millionths of 1."""

    other_id: int
    score: int


def kept_ties(product_ids: Collection[int]) -> dict[int, list[Tie]]:
    """What is written down as bought together with each of some products, strongest first."""
    found: dict[int, list[Tie]] = {}
    for row in db.session.execute(
        select(RelatedProduct.product_id, RelatedProduct.other_id, RelatedProduct.score)
        .where(RelatedProduct.product_id.in_(product_ids), RelatedProduct.kind == "bought")
        .order_by(RelatedProduct.product_id, RelatedProduct.position)
    ):
        found.setdefault(row.product_id, []).append(Tie(row.other_id, row.score))
    return found


def set_ties(ties: Mapping[int, Sequence[Tie]]) -> None:
    """Write down what is bought together with each of these products, in place of what was there.

    A product that has gone meanwhile is left out: nothing may name it.
    """
    named = set(ties) | {tie.other_id for found in ties.values() for tie in found}
    here = set(db.session.scalars(select(Product.id).where(Product.id.in_(named))))
    db.session.execute(
        delete(RelatedProduct).where(
            RelatedProduct.product_id.in_(list(ties)), RelatedProduct.kind == "bought"
        )
    )
    rows = [
        {
            "product_id": product_id,
            "kind": "bought",
            "other_id": tie.other_id,
            "score": tie.score,
            "position": position,
        }
        for product_id, found in ties.items()
        for position, tie in enumerate(found)
        if product_id in here and tie.other_id in here
    ]
    if rows:
        db.session.execute(insert(RelatedProduct), rows)


def pin(product_id: int, typed: str, *, store_ids: Sequence[int]) -> int:
    """Show another product of the same stores with this one; returns the other's id.

    ``typed``: its web address, the last part of that, its SKU or its id. Pinning twice changes nothing.
    Raises ``Invalid("related-missing")``, ``Invalid("related-unknown")``, ``Invalid("related-itself")``
    and ``Conflict("related-full")``.
    """
    other_id = _named(typed, store_ids)
    if other_id == product_id:
        raise Invalid("related-itself", field="other")
    # The product's row is locked, so that two who pin at once are counted one after the other.
    db.session.execute(select(Product.id).where(Product.id == product_id).with_for_update())
    pins = select(RelatedProduct.other_id).where(
        RelatedProduct.product_id == product_id, RelatedProduct.kind == "pinned"
    )
    present = list(db.session.scalars(pins))
    if other_id in present:
        return other_id
    if len(present) >= MOST_PINS:
        raise Conflict("related-full", maximum=MOST_PINS)
    last = db.session.scalar(
        select(func.max(RelatedProduct.position)).where(
            RelatedProduct.product_id == product_id, RelatedProduct.kind == "pinned"
        )
    )
    db.session.add(
        RelatedProduct(
            product_id=product_id,
            kind="pinned",
            other_id=other_id,
            score=0,
            position=0 if last is None else last + 1,
        )
    )
    return other_id


def set_pins(product_id: int, others: Sequence[int]) -> None:
    """Show exactly these products with one, in this order; ids as of the rows, at most ``MOST_PINS``."""
    pinned = (RelatedProduct.product_id == product_id) & (RelatedProduct.kind == "pinned")
    before = db.session.scalars(
        select(RelatedProduct.other_id).where(pinned).order_by(RelatedProduct.position)
    ).all()
    if list(before) == list(others):
        return
    db.session.execute(delete(RelatedProduct).where(pinned))
    rows = [
        {"product_id": product_id, "kind": "pinned", "other_id": one, "position": position}
        for position, one in enumerate(others[:MOST_PINS])
    ]
    if rows:
        db.session.execute(insert(RelatedProduct), rows)


def unpin(product_id: int, other: str) -> None:
    """Take a pinned product (its public id) away again. Raises ``NotFound``."""
    gone = db.session.scalar(
        delete(RelatedProduct)
        .where(
            RelatedProduct.product_id == product_id,
            RelatedProduct.kind == "pinned",
            RelatedProduct.other_id.in_(select(Product.id).where(Product.public_id == other)),
        )
        .returning(RelatedProduct.other_id)
    )
    if gone is None:
        raise NotFound("related-unknown")


def _named(typed: str, store_ids: Sequence[int]) -> int:
    """The product of these stores that somebody means by an address, a SKU or an id."""
    typed = typed.strip()
    if not typed:
        raise Invalid("related-missing", field="other")
    try:
        path = unquote(urlsplit(typed).path)
    except ValueError:
        path = typed
    slug = path.rstrip("/").rpartition("/")[2]
    mine = Product.store_id.in_(list(store_ids))
    found = db.session.scalar(
        select(Product.id)
        .where(mine, Product.slug.in_([slug, typed]) | (Product.public_id == typed))
        .limit(1)
    )
    if found is None:
        found = db.session.scalar(
            select(Variant.product_id)
            .join(Product, Product.id == Variant.product_id)
            .where(mine, Variant.sku == typed, Variant.archived_at.is_(None))
            .order_by(Variant.id)
            .limit(1)
        )
    if found is None:
        raise Invalid("related-unknown", field="other")
    return found
