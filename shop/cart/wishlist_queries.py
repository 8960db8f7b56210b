"""Reading a wishlist: which products are on it, and the whole with what changed since."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, false, literal, select

from shop.cart import queries as carts
from shop.cart.models import WishlistItem
from shop.cart.owner import Owner
from shop.catalog import queries as catalog
from shop.catalog.localised import best
from shop.catalog.models import Product, ProductTranslation
from shop.catalog.views import Card
from shop.core.db import db
from shop.inventory import waiting_queries as waiting


@dataclass(frozen=True, slots=True)
class Wish:
    """A saved product. ``dropped_minor``: how much less it costs than when it was saved, 0 if it does
    not; ``back``: it was sold out then and can be bought now. What is no longer on sale has neither."""

    card: Card
    dropped_minor: int
    back: bool


def of_owner(owner: Owner) -> ColumnElement[bool]:
    """The condition that a row is this owner's; nobody owns none."""
    if owner.user_id is not None:
        return WishlistItem.user_id == owner.user_id
    if owner.token_hash is None:
        return false()
    return WishlistItem.token_hash == owner.token_hash


class OfVisitor(NamedTuple):
    """What a product's page shows of its visitor. ``things``: how many are in the cart; ``saved``: the
    product is on the list; ``waiting``: to be told when the variant is back (members only)."""

    things: int = 0
    saved: bool = False
    waiting: bool = False


def of_visitor(owner: Owner, product_id: int, sold_out: int | None = None) -> OfVisitor:
    """How a visitor stands to a product, in one statement; none for a guest without a cookie.

    ``sold_out``: the id of the variant that one may wait for.
    """
    if owner.user_id is None and owner.token_hash is None:
        return OfVisitor()
    saved = select(WishlistItem.id).where(
        of_owner(owner), WishlistItem.product_id == product_id, WishlistItem.removed_at.is_(None)
    )
    waits: ColumnElement[bool] = literal(False)
    if sold_out is not None and owner.user_id is not None:
        waits = waiting.waits(sold_out, owner.user_id)
    row = db.session.execute(
        select(
            carts.counted(owner).scalar_subquery().label("things"),
            saved.exists().label("saved"),
            waits.label("waiting"),
        )
    ).one()
    return OfVisitor(int(row.things or 0), bool(row.saved), bool(row.waiting))


def saved_slugs(owner: Owner) -> frozenset[str]:
    """The slugs of the products on the list, for the hearts of cards. One statement; none for a guest
    without a cookie."""
    if owner.user_id is None and owner.token_hash is None:
        return frozenset()
    return frozenset(
        db.session.scalars(
            select(Product.slug)
            .join(WishlistItem, WishlistItem.product_id == Product.id)
            .where(of_owner(owner), WishlistItem.removed_at.is_(None))
        )
    )


def title(slug: str, locale: str) -> str:
    """What a product is called, for the name of its heart; "" for nothing. One statement."""
    found = db.session.scalar(
        select(ProductTranslation.title)
        .join(Product, best(ProductTranslation, "product_id", Product.id, locale))
        .where(Product.slug == slug)
    )
    return found or ""


def wishes(owner: Owner, locale: str) -> list[Wish]:
    """What the owner has saved, newest first; also what is no longer on sale. Two statements."""
    rows = {
        row.product_id: row
        for row in db.session.execute(
            select(
                WishlistItem.product_id,
                WishlistItem.saved_price_minor,
                WishlistItem.was_available,
            )
            .where(of_owner(owner), WishlistItem.removed_at.is_(None))
            .order_by(WishlistItem.id.desc())
        )
    }
    return [
        Wish(
            card,
            max(0, rows[card.product_id].saved_price_minor - card.price_minor) if card.sold else 0,
            card.sold and card.available and not rows[card.product_id].was_available,
        )
        for card in catalog.cards(list(rows), locale, any_status=True)
    ]
