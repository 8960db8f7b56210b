"""Reading a cart: its count for every page, and the whole with its quote, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, select

from shop.campaigns import queries as campaigns
from shop.campaigns.engine.price import price
from shop.campaigns.engine.values import Customer, Line
from shop.campaigns.taxes import Destination
from shop.cart.models import Cart, CartLine
from shop.cart.owner import Owner
from shop.cart.views import CartLineView, CartPart, CartView, StorePart
from shop.catalog import queries as catalog
from shop.catalog.views import VariantInfo
from shop.core.db import db
from shop.inventory import queries as inventory
from shop.store import queries as stores
from shop.store.data import StoreName


def count(owner: Owner) -> int:
    """How many things are in the owner's cart, in one statement."""
    if owner.user_id is None and owner.token_hash is None:
        return 0
    return int(db.session.scalar(counted(owner)) or 0)


def counted(owner: Owner) -> Select[int]:
    """The statement that ``count`` runs, for those that ask for more at once."""
    query = select(func.coalesce(func.sum(CartLine.quantity), 0)).join(
        Cart, Cart.id == CartLine.cart_id
    )
    if owner.user_id is not None:
        return query.where(Cart.user_id == owner.user_id)
    return query.where(Cart.token_hash == owner.token_hash)


def view(
    owner: Owner, locale: str, now: datetime, destination: Destination | None = None
) -> CartView:
    """The owner's cart with every line's state and every part's quote, taxed for ``destination``."""
    cart = _cart(owner)
    if cart is None:
        return CartView(None, [], 0, "")
    rows = db.session.execute(
        select(
            CartLine.id,
            CartLine.public_id,
            CartLine.variant_id,
            CartLine.quantity,
            CartLine.selected,
            CartLine.seen_price_minor,
        )
        .where(CartLine.cart_id == cart.id)
        .order_by(CartLine.id)
    ).all()
    variant_ids = [row.variant_id for row in rows]
    infos = catalog.variants_for_cart(variant_ids, locale)
    available = inventory.availability(variant_ids)
    lines = []
    for row in rows:
        info = infos.get(row.variant_id)
        if info is None:
            continue
        free = available.get(row.variant_id)
        lines.append(
            CartLineView(
                key=row.id,
                public_id=row.public_id,
                quantity=row.quantity,
                selected=row.selected,
                info=info,
                available=free,
                seen_price_minor=row.seen_price_minor,
                problem=_problem(info, row.quantity, free, row.seen_price_minor),
                quoted=None,
            )
        )
    currencies = list(dict.fromkeys(line.info.currency for line in lines))
    names = stores.names([line.info.store_id for line in lines], locale)
    parts = [
        _part(
            currency,
            [line for line in lines if line.info.currency == currency],
            cart,
            names,
            now,
            destination,
        )
        for currency in currencies
    ]
    return CartView(cart.id, parts, sum(line.quantity for line in lines), cart.coupon_code or "")


def _cart(owner: Owner) -> Cart | None:
    if owner.user_id is not None:
        return db.session.scalar(select(Cart).where(Cart.user_id == owner.user_id))
    if owner.token_hash is None:
        return None
    return db.session.scalar(select(Cart).where(Cart.token_hash == owner.token_hash))


def _problem(info: VariantInfo, quantity: int, available: int | None, seen_minor: int) -> str:
    if not info.sellable:
        return "gone"
    if available is not None and available <= 0:
        return "sold-out"
    if available is not None and quantity > available:
        return "stock-short"
    return "price-changed" if info.price_minor != seen_minor else ""


def _part(
    currency: str,
    lines: Sequence[CartLineView],
    cart: Cart,
    names: Mapping[int, StoreName],
    now: datetime,
    destination: Destination | None,
) -> CartPart:
    store_ids = list(dict.fromkeys(line.info.store_id for line in lines))
    rules = campaigns.rules_for(
        store_ids,
        currency,
        coupon_code=cart.coupon_code,
        user_id=cart.user_id,
        now=now,
        destination=destination,
    )
    chosen = [line for line in lines if line.selected and line.problem not in {"gone", "sold-out"}]
    quote = price(
        [to_price(line.key, line.info, line.quantity) for line in chosen],
        rules,
        Customer(cart.user_id),
        now,
    )
    quoted = {line.key: line for line in quote.lines}
    by_store = {store.store_id: store for store in quote.stores}
    shown = [
        StorePart(
            names[store_id],
            [
                replace(line, quoted=quoted.get(line.key))
                for line in lines
                if line.info.store_id == store_id
            ],
            by_store.get(store_id),
        )
        for store_id in store_ids
    ]
    return CartPart(currency, shown, quote)


def to_price(key: int, info: VariantInfo, quantity: int) -> Line:
    """A line in the form that pricing reads."""
    return Line(
        key=key,
        store_id=info.store_id,
        product_id=info.product_id,
        category_id=info.category_id,
        kind=info.kind,
        unit_price_minor=info.price_minor,
        quantity=quantity,
        tax_class=info.tax_class,
    )
