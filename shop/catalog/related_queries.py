"""Reading what goes with a product: chosen by hand first, then by orders, then what is like it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select, union_all

from shop.catalog.listing_queries import cards, listing
from shop.catalog.localised import best
from shop.catalog.models import ListingRow, Product, ProductTranslation, Variant
from shop.catalog.related_models import RelatedProduct
from shop.catalog.views import Card
from shop.core.db import db

_NEIGHBOURS = 16
"""So many products on each side of the price are looked at for the likest."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A published product as far as the parts of its page need it."""

    id: int
    public_id: str
    slug: str
    title: str
    store_id: int
    category_id: int | None
    brand_id: int | None
    tags: frozenset[str]
    price_minor: int
    currency: str


def glance(slug: str, locale: str) -> Glance | None:
    """A published product in short, or None. One statement."""
    row = db.session.execute(
        select(
            Product.id,
            Product.public_id,
            Product.slug,
            ProductTranslation.title,
            Product.store_id,
            Product.category_id,
            Product.brand_id,
            Product.tags,
            ListingRow.price_minor,
            ListingRow.currency,
        )
        .select_from(Product)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .join(ListingRow, ListingRow.product_id == Product.id)
        .where(Product.slug == slug, Product.status == "published")
    ).one_or_none()
    if row is None:
        return None
    return Glance(*row[:7], _tags(row.tags), row.price_minor, row.currency)


def related(
    product: Glance,
    locale: str,
    *,
    limit: int,
    above: Sequence[int] = (),
    but: Collection[int] = (),
) -> list[Card]:
    """Published products that can be had and go with ``product``, at most ``limit``. Four statements,
    and one for each category above that is asked.

    The merchant's own choice comes first, then what is bought together with it. What is missing is
    filled with its likes: of its category, or else of its brand, nearest in price, those that share
    tags and brand before the others; at last with the best sellers of the categories ``above`` (from
    the nearest up). ``but``: products that are shown already.
    """
    found = [one for one in _written(product.id, ("pinned", "bought")) if one not in but][:limit]
    missing = limit - len(found)
    if missing > 0:
        hidden = {product.id, *found, *but}
        found += _alike(product, hidden, missing)
    shown = cards(found, locale)
    for category_id in above:
        if len(shown) >= limit:
            break
        hidden = {product.id, *but, *(card.product_id for card in shown)}
        page = listing(
            locale=locale,
            category_id=category_id,
            sort="sales",
            in_stock=True,
            limit=limit + len(hidden),
        )
        shown += [card for card in page.items if card.product_id not in hidden]
    return shown[:limit]


def bought_with(product_id: int, limit: int) -> list[int]:
    """What is most often bought together with a product and can be had, strongest first. One statement."""
    return _written(product_id, ("bought",))[:limit]


def pinned(product_id: int, locale: str) -> list[tuple[str, str, str]]:
    """What the merchant chose: public id, title and status of each, in its order. One statement."""
    rows = db.session.execute(
        select(Product.public_id, ProductTranslation.title, Product.status)
        .select_from(Product)
        .join(RelatedProduct, RelatedProduct.other_id == Product.id)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .where(RelatedProduct.product_id == product_id, RelatedProduct.kind == "pinned")
        .order_by(RelatedProduct.position)
    )
    return [(row.public_id, row.title, row.status) for row in rows]


def variants_on_sale(product_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """For each product its variants on sale, cheapest first: id and public id. One statement."""
    found: dict[int, list[tuple[int, str]]] = {}
    for row in db.session.execute(
        select(Variant.product_id, Variant.id, Variant.public_id)
        .where(Variant.product_id.in_(list(product_ids)), Variant.archived_at.is_(None))
        .order_by(Variant.product_id, Variant.price_minor, Variant.position, Variant.id)
    ):
        found.setdefault(row.product_id, []).append((row.id, row.public_id))
    return found


def cards_named(names: Sequence[str], locale: str) -> list[tuple[str, Card]]:
    """The published products of these public ids or addresses: each public id with its card, in the given
    order, none twice. Two statements, none for no names."""
    if not names:
        return []
    known: dict[str, tuple[str, int]] = {}
    for row in db.session.execute(
        select(Product.public_id, Product.slug, Product.id).where(
            Product.public_id.in_(list(names)) | Product.slug.in_(list(names))
        )
    ):
        known[row.public_id] = known[row.slug] = (row.public_id, row.id)
    chosen = dict.fromkeys(known[name] for name in names if name in known)
    by_id = {card.product_id: card for card in cards([one for _, one in chosen], locale)}
    return [(name, by_id[one]) for name, one in chosen if one in by_id]


def _written(product_id: int, kinds: Sequence[str]) -> list[int]:
    rows = db.session.execute(
        select(RelatedProduct.other_id)
        .join(ListingRow, ListingRow.product_id == RelatedProduct.other_id)
        .where(
            RelatedProduct.product_id == product_id,
            RelatedProduct.kind.in_(kinds),
            ListingRow.published_at.is_not(None),
            ListingRow.available.is_(True),
        )
        .order_by(case((RelatedProduct.kind == "pinned", 0), else_=1), RelatedProduct.position)
    )
    return list(dict.fromkeys(row.other_id for row in rows))


def _alike(product: Glance, hidden: Collection[int], limit: int) -> list[int]:
    """Of the nearest in price, those most like it."""
    found: dict[int, tuple[int, int]] = {}
    for near in _near(product):
        for row in db.session.execute(near):
            if row.product_id in hidden:
                continue
            shared = len(_tags(row.tags) & product.tags)
            brand = row.brand_id is not None and row.brand_id == product.brand_id
            found[row.product_id] = (-shared - brand, abs(row.price_minor - product.price_minor))
        if len(found) >= limit:
            break
    return sorted(found, key=lambda one: (*found[one], one))[:limit]


def _near(product: Glance) -> list[Select[Any]]:
    """Statements of what to look at: of the category, else of the brand; half of it dearer, half cheaper."""
    found = []
    price = ListingRow.price_minor
    if product.category_id is not None:
        found.append(ListingRow.category_id == product.category_id)
    if product.brand_id is not None:
        found.append(
            ListingRow.product_id.in_(
                select(Product.id).where(Product.brand_id == product.brand_id)
            )
        )
    statements = []
    for condition in found:
        here = select(ListingRow.product_id, price).where(
            condition,
            ListingRow.published_at.is_not(None),
            ListingRow.available.is_(True),
            ListingRow.currency == product.currency,
        )
        dearer = here.where(price >= product.price_minor).order_by(price, ListingRow.product_id)
        cheaper = here.where(price < product.price_minor).order_by(
            price.desc(), ListingRow.product_id.desc()
        )
        halves = [half.limit(_NEIGHBOURS).subquery() for half in (dearer, cheaper)]
        both = union_all(*(select(half.c.product_id, half.c.price_minor) for half in halves))
        page = both.subquery("near")
        statements.append(
            select(page.c.product_id, page.c.price_minor, Product.brand_id, Product.tags).join(
                Product, Product.id == page.c.product_id
            )
        )
    return statements


def _tags(text: str) -> frozenset[str]:
    return frozenset(tag.strip().casefold() for tag in text.split(",") if tag.strip())
