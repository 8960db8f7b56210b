"""The verbs of a cart: add, change, remove, restore, coupon, merge."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.cart.models import Cart, CartLine
from shop.cart.owner import Owner, hash_token
from shop.catalog import queries as catalog
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import queries as inventory

MAX_LINES = 100
MAX_QUANTITY = 999


def add(owner: Owner, variant_id: int, quantity: int) -> str:
    """Put ``quantity`` more of a variant into the cart; returns the line's public id.

    Raises ``Invalid`` for a quantity out of range, ``NotFound`` for goods not on sale, and
    ``Conflict("stock-short")`` with ``available`` when the line would exceed what can be bought.
    """
    _check_quantity(quantity)
    info = catalog.variants_for_cart([variant_id], "en").get(variant_id)
    if info is None or not info.sellable:
        raise NotFound("variant-not-sold")
    cart_id = _own(owner)
    held = db.session.scalar(
        select(CartLine.quantity).where(
            CartLine.cart_id == cart_id, CartLine.variant_id == variant_id
        )
    )
    if held is None:
        lines = select(func.count()).select_from(CartLine).where(CartLine.cart_id == cart_id)
        if (db.session.scalar(lines) or 0) >= MAX_LINES:
            raise Conflict("cart-full", maximum=MAX_LINES)
    wanted = min(MAX_QUANTITY, (held or 0) + quantity)
    _check_stock(variant_id, wanted, held or 0)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(CartLine)
    public_id: str = db.session.execute(
        insert.values(
            public_id=ids.public_id(),
            cart_id=cart_id,
            variant_id=variant_id,
            quantity=quantity,
            selected=True,
            seen_price_minor=info.price_minor,
            created_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["cart_id", "variant_id"],
            set_={"quantity": wanted, "selected": True, "seen_price_minor": info.price_minor},
        )
        .returning(CartLine.public_id)
    ).scalar_one()
    _touch(cart_id)
    return public_id


def add_many(owner: Owner, wanted: Mapping[int, int]) -> set[int]:
    """Put units of several variants into the cart, in a few statements for all of them; returns the
    variants that are in it now. Those that are not sold, that there are not enough of, or that find no room,
    are left out. Raises ``Invalid`` for a quantity out of range."""
    for quantity in wanted.values():
        _check_quantity(quantity)
    infos = catalog.variants_for_cart(list(wanted), "en")
    free = inventory.availability(list(wanted))
    cart_id = _own(owner)
    held = dict(
        db.session.execute(
            select(CartLine.variant_id, CartLine.quantity).where(CartLine.cart_id == cart_id)
        ).all()
    )
    rows: list[dict[str, Any]] = []
    room = MAX_LINES - len(held)
    for variant_id, quantity in wanted.items():
        info, left = infos.get(variant_id), free.get(variant_id)
        both = min(MAX_QUANTITY, held.get(variant_id, 0) + quantity)
        if info is None or not info.sellable or (left is not None and both > left):
            continue
        if variant_id not in held:
            if not room:
                continue
            room -= 1
        rows.append(
            {
                "public_id": ids.public_id(),
                "cart_id": cart_id,
                "variant_id": variant_id,
                "quantity": both,
                "selected": True,
                "seen_price_minor": info.price_minor,
                "created_at": clock.now(),
            }
        )
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(CartLine)
        put = insert.values(rows)
        db.session.execute(
            put.on_conflict_do_update(
                index_elements=["cart_id", "variant_id"],
                set_={
                    "quantity": put.excluded.quantity,
                    "selected": True,
                    "seen_price_minor": put.excluded.seen_price_minor,
                },
            )
        )
        _touch(cart_id)
    return {row["variant_id"] for row in rows}


def change(owner: Owner, line: str, quantity: int) -> None:
    """Set a line's quantity. Raises as ``add`` does; ``NotFound`` for another's line."""
    _check_quantity(quantity)
    row = _line(owner, line)
    _check_stock(row.variant_id, quantity, row.quantity)
    row.quantity = quantity
    _touch(row.cart_id)


def select_line(owner: Owner, line: str, selected: bool) -> None:
    """Take a line along to the checkout, or leave it in the cart."""
    row = _line(owner, line)
    row.selected = selected
    _touch(row.cart_id)


def remove(owner: Owner, line: str) -> tuple[int, int]:
    """Take a line out; returns its variant and quantity, so that ``add`` can undo it."""
    row = _line(owner, line)
    removed = row.variant_id, row.quantity
    db.session.delete(row)
    _touch(row.cart_id)
    return removed


def accept_prices(owner: Owner) -> None:
    """The shopper has seen the present prices: lines stop saying that they changed."""
    cart = hold(owner)
    if cart is None:
        return
    rows = db.session.scalars(select(CartLine).where(CartLine.cart_id == cart.id)).all()
    infos = catalog.variants_for_cart([row.variant_id for row in rows], "en")
    for row in rows:
        if row.variant_id in infos:
            row.seen_price_minor = infos[row.variant_id].price_minor


def set_coupon(owner: Owner, code: str | None) -> None:
    """Remember the code a shopper entered; whether it applies is said by the quote."""
    code = (code or "").strip()
    if len(code) > 40 or not code.isprintable():
        raise Invalid("coupon-unknown", field="code")
    cart_id = _own(owner)
    db.session.execute(update(Cart).where(Cart.id == cart_id).values(coupon_code=code or None))
    _touch(cart_id)


def merge(token: str, user_id: int) -> None:
    """At sign-in a guest's cart joins the user's: the larger quantity of a variant stays."""
    guest = db.session.scalar(
        select(Cart).where(Cart.token_hash == hash_token(token)).with_for_update()
    )
    if guest is None:
        return
    cart_id = _own(Owner(user_id=user_id))
    mine = {
        line.variant_id: line
        for line in db.session.scalars(select(CartLine).where(CartLine.cart_id == cart_id))
    }
    for line in db.session.scalars(select(CartLine).where(CartLine.cart_id == guest.id)).all():
        if line.variant_id in mine:
            mine[line.variant_id].quantity = max(mine[line.variant_id].quantity, line.quantity)
            db.session.delete(line)
        elif len(mine) < MAX_LINES:
            line.cart_id = cart_id
            mine[line.variant_id] = line
    if guest.coupon_code:
        db.session.execute(
            update(Cart)
            .where(Cart.id == cart_id, Cart.coupon_code.is_(None))
            .values(coupon_code=guest.coupon_code)
        )
    db.session.flush()  # the lines must have moved before their old cart goes
    db.session.execute(delete(Cart).where(Cart.id == guest.id))
    _touch(cart_id)


def clear_bought(cart_id: int, variant_ids: list[int]) -> None:
    """After a checkout: what was bought leaves the cart, and so does the coupon."""
    db.session.execute(
        delete(CartLine).where(CartLine.cart_id == cart_id, CartLine.variant_id.in_(variant_ids))
    )
    db.session.execute(
        update(Cart).where(Cart.id == cart_id).values(coupon_code=None, updated_at=clock.now())
    )


def hold(owner: Owner) -> Cart | None:
    """The owner's cart, locked until the transaction ends: every change of a cart and its checkout begin
    here, so that two tabs neither lose a quantity nor buy the same lines twice."""
    if owner.user_id is None and owner.token_hash is None:
        return None
    whose = (
        Cart.user_id == owner.user_id
        if owner.user_id is not None
        else Cart.token_hash == owner.token_hash
    )
    # Not FOR UPDATE: new lines refer to the row, and may.
    return db.session.scalar(
        select(Cart)
        .where(whose)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _own(owner: Owner) -> int:
    """The id of the owner's cart, made if there is none, and locked."""
    held = hold(owner)
    if held is not None:
        return held.id
    if owner.user_id is None and owner.token_hash is None:
        raise Invalid("cart-owner-missing")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Cart)
    column = "user_id" if owner.user_id is not None else "token_hash"
    made: int | None = db.session.scalar(
        insert.values(
            user_id=owner.user_id,
            token_hash=owner.token_hash,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[column])
        .returning(Cart.id)
    )
    if made is not None:
        return made
    held = hold(owner)  # another tab has just made it
    if held is None:  # and a sign-in has merged it away
        raise NotFound("cart-missing")
    return held.id


def _line(owner: Owner, public_id: str) -> CartLine:
    cart = hold(owner)
    row = None
    if cart is not None:
        row = db.session.scalar(
            select(CartLine)
            .where(CartLine.cart_id == cart.id, CartLine.public_id == public_id)
            .execution_options(populate_existing=True)
        )
    if row is None:
        raise NotFound("cart-line-missing")
    return row


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)


def _check_stock(variant_id: int, wanted: int, held: int) -> None:
    available = inventory.availability([variant_id]).get(variant_id)
    if available is not None and wanted > available and wanted > held:
        raise Conflict("stock-short", available=available, held=held)


def _touch(cart_id: int) -> None:
    db.session.execute(update(Cart).where(Cart.id == cart_id).values(updated_at=clock.now()))
