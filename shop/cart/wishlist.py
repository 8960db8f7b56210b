"""The verbs of a wishlist: save, remove, restore, merge."""

from sqlalchemy import delete, func, literal, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.cart.models import WishlistItem
from shop.cart.owner import Owner, hash_token
from shop.cart.wishlist_queries import of_owner
from shop.catalog import queries as catalog
from shop.catalog.models import Product
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

MAX_ITEMS = 200


def save(owner: Owner, slug: str) -> None:
    """Put a product on the list with its present price; what is on it already stays as it was.

    Raises ``NotFound`` for goods not on sale and ``Conflict("wishlist-full")``.
    """
    if owner.user_id is None and owner.token_hash is None:
        raise Invalid("cart-owner-missing")
    found = catalog.cards([_product_id(slug)], "en")
    if not found:
        raise NotFound("variant-not-sold")
    card = found[0]
    _ensure_room(owner, card.product_id)
    fresh = {
        "saved_price_minor": card.price_minor,
        "was_available": card.available,
        "told_price_minor": None,
        "seen_available": None,
        "removed_at": None,
        "created_at": clock.now(),
    }
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(WishlistItem)
    db.session.execute(
        insert.values(
            user_id=owner.user_id, token_hash=owner.token_hash, product_id=card.product_id, **fresh
        ).on_conflict_do_update(
            index_elements=["user_id" if owner.user_id is not None else "token_hash", "product_id"],
            set_=fresh,
            where=WishlistItem.removed_at.is_not(None),
        )
    )


def remove(owner: Owner, slug: str) -> None:
    """Take a product off the list; ``restore`` undoes the latest removal. Off already is fine."""
    db.session.execute(
        delete(WishlistItem).where(of_owner(owner), WishlistItem.removed_at.is_not(None))
    )
    db.session.execute(
        update(WishlistItem)
        .where(of_owner(owner), WishlistItem.product_id == _product_id(slug))
        .values(removed_at=clock.now())
    )


def restore(owner: Owner, slug: str) -> None:
    """Undo a removal: the price of the day it was saved comes back too. Raises as ``save`` does."""
    product_id = _product_id(slug)
    _ensure_room(owner, product_id)
    back = db.session.execute(
        update(WishlistItem)
        .where(
            of_owner(owner),
            WishlistItem.product_id == product_id,
            WishlistItem.removed_at.is_not(None),
        )
        .values(removed_at=None)
        .returning(WishlistItem.id)
    ).all()
    if not back:  # another removal came in between
        save(owner, slug)


def merge(token: str, user_id: int) -> None:
    """At sign-in a guest's list joins the user's; what the user had saved keeps its own price."""
    guest = WishlistItem.token_hash == hash_token(token)
    db.session.execute(
        delete(WishlistItem).where(
            WishlistItem.user_id == user_id, WishlistItem.removed_at.is_not(None)
        )
    )
    columns = ("product_id", "saved_price_minor", "was_available", "created_at")
    theirs = (
        select(
            literal(user_id),
            null(),
            null(),
            *(getattr(WishlistItem, column) for column in columns),
        )
        .where(guest, WishlistItem.removed_at.is_(None))
        .order_by(WishlistItem.id)
    )
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(WishlistItem)
    db.session.execute(
        insert.from_select(
            ["user_id", "token_hash", "removed_at", *columns], theirs
        ).on_conflict_do_nothing(index_elements=["user_id", "product_id"])
    )
    db.session.execute(delete(WishlistItem).where(guest))


def _ensure_room(owner: Owner, product_id: int) -> None:
    """Raise ``Conflict("wishlist-full")`` when so many others are on the list already.

    Two tabs may pass by one each: the limit keeps the page bearable, nothing counts on it.
    """
    others = select(func.count(WishlistItem.id)).where(
        of_owner(owner), WishlistItem.removed_at.is_(None), WishlistItem.product_id != product_id
    )
    if (db.session.scalar(others) or 0) >= MAX_ITEMS:
        raise Conflict("wishlist-full", maximum=MAX_ITEMS)


def _product_id(slug: str) -> int:
    found = db.session.scalar(select(Product.id).where(Product.slug == slug))
    if found is None:
        raise NotFound("variant-not-sold")
    return found
