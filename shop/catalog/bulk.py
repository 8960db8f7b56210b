"""One change to many products: worked out for a look first, then made product by product."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from sqlalchemy import select, update

from shop.catalog.listing import refresh_listing
from shop.catalog.localised import best
from shop.catalog.models import Product, ProductTranslation, Variant
from shop.catalog.prices import set_price
from shop.catalog.products import set_status
from shop.catalog.search import entries
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

MOST = 2000


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Every price by ``percent`` or by ``amount_minor`` (below 0: less), to whole steps of ``step`` minor units."""

    percent: Decimal | None = None
    amount_minor: int = 0
    step: int = 1

    def new(self, price_minor: int) -> int:
        """What a price becomes; halves of a step go up. Raises ``Invalid("price-below-zero")``."""
        exact = Decimal(price_minor + self.amount_minor)
        if self.percent is not None:
            exact = price_minor * (100 + self.percent) / 100
        steps = (exact / self.step).quantize(Decimal(1), ROUND_HALF_UP)
        if steps < 0:
            raise Invalid("price-below-zero")
        return int(steps) * self.step


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags that every product gets, and tags that it loses."""

    add: Sequence[str] = ()
    remove: Collection[str] = ()

    def new(self, tags: str) -> str:
        """The tags of a product afterwards, each once, in their order."""
        gone = {tag.casefold() for tag in self.remove}
        kept = [tag for tag in tags.split(", ") if tag and tag.casefold() not in gone]
        return ", ".join(dict.fromkeys([*kept, *self.add]))


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """The category of every product; None is none."""

    category_id: int | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The status of every product."""

    status: Literal["draft", "published", "archived"]


Change = PriceChange | TagChange | CategoryChange | StatusChange


@dataclass(frozen=True, slots=True)
class Before:
    """A product as it is, for a look at what would change. ``prices``: of the variants on sale, ascending."""

    product_id: int
    title: str
    status: str
    tags: str
    category_id: int | None
    prices: list[int]


def before(product_ids: Sequence[int], locale: str) -> list[Before]:
    """How some products stand, in the order given. Two statements."""
    prices: dict[int, list[int]] = {}
    for product_id, price in db.session.execute(
        select(Variant.product_id, Variant.price_minor)
        .where(Variant.product_id.in_(product_ids), Variant.archived_at.is_(None))
        .order_by(Variant.price_minor)
    ):
        prices.setdefault(product_id, []).append(price)
    rows = {
        row.id: Before(
            row.id, row.title, row.status, row.tags, row.category_id, prices.get(row.id, [])
        )
        for row in db.session.execute(
            select(
                Product.id,
                ProductTranslation.title,
                Product.status,
                Product.tags,
                Product.category_id,
            )
            .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
            .where(Product.id.in_(product_ids))
        )
    }
    return [rows[product_id] for product_id in product_ids if product_id in rows]


def apply(product_id: int, change: Change) -> None:
    """Make the change to one product. Raises ``Invalid`` (it is left as it was) and ``NotFound``."""
    if isinstance(change, StatusChange):
        set_status(product_id, change.status)
    elif isinstance(change, PriceChange):
        _reprice(product_id, change)
    else:
        _relabel(product_id, change)


def _reprice(product_id: int, change: PriceChange) -> None:
    rows = db.session.execute(
        select(Variant.id, Variant.price_minor, Variant.compare_at_minor)
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None))
        .order_by(Variant.id)
        .with_for_update()
    ).all()
    if not rows:
        raise Invalid("nothing-on-sale")
    for row in rows:
        price, compare = change.new(row.price_minor), row.compare_at_minor
        # A price raised to the former one is no reduction any more.
        set_price(row.id, price, compare if compare is not None and compare > price else None)


def _relabel(product_id: int, change: TagChange | CategoryChange) -> None:
    tags = db.session.scalar(select(Product.tags).where(Product.id == product_id).with_for_update())
    if tags is None:
        raise NotFound("product-unknown")
    values: dict[str, object] = {"version": Product.version + 1, "updated_at": clock.now()}
    if isinstance(change, TagChange):
        values["tags"] = change.new(tags)
    else:
        values["category_id"] = change.category_id
    db.session.execute(update(Product).where(Product.id == product_id).values(values))
    refresh_listing(product_id)
    entries.refresh(product_id)
