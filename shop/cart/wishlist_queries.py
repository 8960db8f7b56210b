"""Reading a wishlist: whether a product is on it, and the whole with what changed since."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select

from shop.cart import queries as carts
from shop.cart.models import WishlistItem
from shop.cart.owner import Owner
from shop.catalog import queries as catalog
from shop.catalog.views import Card
from shop.core.db import db


@dataclass(frozen=True, slots=True)
class Wish:
    """A saved product. ``dropped_minor``: how much less it costs than when it was saved, 0 if it does
    not; ``back``: it was sold out then and can be bought now."""

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


def count_and_saved(owner: Owner, product_id: int) -> tuple[int, bool]:
    """How many things are in the cart, and whether a product is on the list: what a product's page
    shows of its visitor, in one statement; none for a guest without a cookie."""
    if owner.user_id is None and owner.token_hash is None:
        return 0, False
    saved = select(WishlistItem.id).where(
        of_owner(owner), WishlistItem.product_id == product_id, WishlistItem.removed_at.is_(None)
    )
    row = db.session.execute(
        select(
            carts.counted(owner).scalar_subquery().label("things"), saved.exists().label("saved")
        )
    ).one()
    return int(row.things or 0), bool(row.saved)


def wishes(owner: Owner, locale: str) -> list[Wish]:
    """What the owner has saved and is published, newest first. Two statements."""
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
            max(0, rows[card.product_id].saved_price_minor - card.price_minor),
            card.available and not rows[card.product_id].was_available,
        )
        for card in catalog.cards(list(rows), locale)
    ]
