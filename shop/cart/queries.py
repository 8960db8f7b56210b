"""Reading a cart: its count for every page, and the whole with its quote, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, select

from shop.campaigns import queries as campaigns
from shop.campaigns.engine.price import price
from shop.campaigns.engine.values import Customer, DeliveryRule
from shop.cart.delivery import NO_WISH, Taken, Wish
from shop.cart.models import Cart, CartLine
from shop.cart.owner import Owner
from shop.cart.views import CartLineView, CartPart, CartView, StorePart, to_price
from shop.catalog import queries as catalog
from shop.catalog.views import VariantInfo
from shop.core.db import db
from shop.inventory import policies
from shop.store import delivery_queries
from shop.store import queries as stores
from shop.store.data import StoreName
from shop.store.delivery import Plan
from shop.store.places import Destination


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
    owner: Owner,
    locale: str,
    now: datetime,
    *,
    wish: Wish = NO_WISH,
    plans: Mapping[int, Plan] | None = None,
    taken: Taken = delivery_queries.taken,
    taxed_for: Destination | None = None,
    cart: Cart | None = None,
    known: CartView | None = None,
) -> CartView:
    """The owner's cart with every line's state and every part's quote, delivered as ``wish`` says, and taxed
    for where it says, or for ``taxed_for``.

    ``plans``: how the stores deliver, where the caller knows; else they are read. ``taken`` reads how full
    slots of local delivery are. ``cart``: the one that the caller holds. ``known``: the same cart as this
    request has just read it; what goods and stores are called and cost is taken from it, where it has all of
    them, but neither lines nor stock.
    """
    cart = cart or _cart(owner)
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
    infos, names = known.described if known is not None else ({}, {})
    if not infos.keys() >= set(variant_ids):
        infos = catalog.variants_for_cart(variant_ids, locale)
    available, promised = policies.availability(variant_ids)
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
                promise=promised.get(row.variant_id),
            )
        )
    currencies = list(dict.fromkeys(line.info.currency for line in lines))
    if not names.keys() >= {line.info.store_id for line in lines}:
        names = stores.names([line.info.store_id for line in lines], locale)
    if plans is None:
        plans = delivery_queries.plans([line.info.store_id for line in lines])
    parts = [
        _part(
            currency,
            [line for line in lines if line.info.currency == currency],
            cart,
            names,
            plans,
            now,
            taxed_for or wish.destination,
        ).delivered(plans, wish, now, taken)
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
    plans: Mapping[int, Plan],
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
        deliveries={
            one: DeliveryRule(plans[one].flat_minor, plans[one].free_from_minor)
            for one in store_ids
        },
        destination=destination,
        pickups={one: plans[one].regions for one in store_ids},
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
    return CartPart(currency, shown, quote, rules, Customer(cart.user_id))
