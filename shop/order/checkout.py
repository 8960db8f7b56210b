"""Placing a cart: priced again, stock reserved, coupon redeemed, one order per store, in one transaction.

Lock order: idempotency key, cart, stock (by variant), coupon, slots of delivery (by id). The form's key makes a second press harmless.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shop.campaigns import queries as coupons
from shop.campaigns import services as campaigns
from shop.campaigns.engine.price import price
from shop.campaigns.engine.quote import Quote
from shop.campaigns.engine.values import Customer
from shop.cart import queries as carts
from shop.cart import services as cart_services
from shop.cart.delivery import StoreDelivery, Wish, rules_of
from shop.cart.owner import Owner
from shop.cart.views import CartLineView, CartPart, CartView, to_price
from shop.catalog import bundles
from shop.core import clock, idempotency, ids, outbox
from shop.core.contact import email_key, phone_key
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.inventory import reservations
from shop.inventory.policies import Promise
from shop.order import delivery, goods, money, new_lines, promises, taxes, terms, timeline
from shop.order.models import Checkout, Order, OrderContact, OrderLine
from shop.order.numbers import new_number
from shop.store import queries as stores
from shop.store.places import Destination

METHODS = ("alipay", "wechatpay", "stripe", "transfer", "cod")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom and where to. Address fields may be empty when nothing travels in a parcel."""

    name: str
    email: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkout form. ``expected_total_minor`` is the total the shopper saw on the button.

    ``methods``: store's slug → public id of its delivery method (absent: the one preselected);
    ``windows``: store's slug → the slot of local delivery.
    """

    contact: Contact
    method: str
    currency: str
    locale: str
    expected_total_minor: int
    methods: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)
    # Gift card (what its typed code may be kept as; None: none was typed) and balance, which pay first:
    # see payment.placing. ``expected_due_minor`` is what the button said they leave.
    cards: Sequence[str] | None = None
    use_balance: bool = False
    expected_due_minor: int | None = None

    @property
    def wish(self) -> Wish:
        """How the goods are to come."""
        to = self.contact
        place = Destination(to.country, to.province, to.postcode) if to.country else None
        return Wish(place, self.methods, self.windows)


Tender = Callable[[Mapping[int, Order]], None]


def place(
    owner: Owner,
    form: Submission,
    *,
    key: str,
    expires_after: timedelta,
    seen: CartView | None = None,
    tender: Tender | None = None,
) -> str:
    """Make a checkout of the owner's selected lines in one currency; returns its token.

    ``seen``: the cart as this request has just read it, which saves asking again what its goods are.
    ``tender`` lets what pays at once pay its share of the new orders (store id → order).

    The same ``key`` with the same content gives the same token. Raises ``Conflict`` with
    ``cart-empty``, ``cart-changed`` (a line cannot be bought as it is), ``total-changed`` (with
    ``old_minor`` and ``new_minor``), ``delivery-changed``, ``slot-taken``, ``stock-short`` or the coupon's
    reason; ``Invalid`` for a contact that cannot be reached, or that a store does not deliver to. Nothing is kept in any of these cases.
    """
    who = _who(owner)
    done = idempotency.begin("checkout", f"{who}:{key}", asdict(form))
    if done is not None:
        return done
    _check(form)
    now = clock.now()
    cart = cart_services.hold(owner)
    view = carts.view(owner, form.locale, now, wish=form.wish, cart=cart, known=seen)
    part = view.part(form.currency)
    lines = [line for line in part.lines if line.selected] if part else []
    if part is None or view.cart_id is None or not lines:
        raise Conflict("cart-empty")
    if any(line.blocks for line in lines):
        raise Conflict("cart-changed")
    delivery.check(part.deliveries)
    if part.needs_address and not form.contact.street.strip():
        raise Invalid("address-missing", field="street")
    quote = _priced(owner, form, part, lines, view.coupon_code, now)
    if quote.total_minor != form.expected_total_minor:
        raise Conflict(
            "total-changed",
            old_minor=form.expected_total_minor,
            new_minor=quote.total_minor,
            currency=form.currency,
        )
    expires_after = terms.time_to_pay([part.store_id for part in quote.stores], expires_after)
    checkout = Checkout(
        token=ids.token(),
        user_id=owner.user_id,
        locale=form.locale,
        currency=form.currency,
        total_minor=quote.total_minor,
        method=form.method,
        expires_at=None if form.method == "cod" else now + expires_after,
    )
    db.session.add(checkout)
    db.session.flush()  # its orders name its id
    orders = _orders(checkout, form, lines, quote, part.deliveries)
    _redeem(checkout, owner, form, quote, orders)
    delivery.keep({order.id: part.deliveries.get(sid) for sid, order in orders.items()})
    cart_services.clear_bought(view.cart_id, [line.info.variant_id for line in lines])
    for order in orders.values():
        timeline.note(order.id, "placed", actor=who, method=form.method)
        outbox.record("order.placed", order_id=order.id)
        if order.total_minor == 0:
            money.settle(order.id, paid_minor=0, refunded_minor=0, actor="system")
    if tender is not None:
        tender(orders)
    idempotency.finish("checkout", f"{who}:{key}", checkout.token)
    return checkout.token


def placed_before(owner: Owner, key: str | None) -> str | None:
    """The token that ``place`` gave for ``key``, if the same person placed it: for a second press that
    finds the cart empty already."""
    token = idempotency.result("checkout", f"{_who(owner)}:{key}") if key else None
    return token or None


def _who(owner: Owner) -> str:
    return f"u:{owner.user_id}" if owner.user_id is not None else f"g:{owner.token_hash or ''}"[:24]


def _check(form: Submission) -> None:
    if form.method not in METHODS:
        raise Invalid("method-unknown", field="method")
    if not form.contact.name.strip():
        raise Invalid("name-missing", field="name")
    if not form.contact.email.strip() and not form.contact.phone.strip():
        raise Invalid("contact-missing", field="email")


def _priced(
    owner: Owner,
    form: Submission,
    part: CartPart,
    lines: Sequence[CartLineView],
    code: str,
    now: datetime,
) -> Quote:
    """Price again with all that is known of the person now; a coupon that no longer counts is refused."""
    if not code:  # then nothing depends on who it is beyond what the cart was just priced by
        return part.quote
    rules = coupons.rules_for(
        list(dict.fromkeys(line.info.store_id for line in lines)),
        form.currency,
        coupon_code=code or None,
        user_id=owner.user_id,
        now=now,
        customer_keys=_customer_keys(owner, form),
        destination=Destination(form.contact.country, form.contact.province),
        pickups=part.pickups,
    )
    quote = price(
        [to_price(line.key, line.info, line.quantity) for line in lines],
        rules_of(part.deliveries, rules),
        Customer(owner.user_id),
        now,
    )
    if quote.coupon is not None and quote.coupon.problem is not None:
        limits = {"coupon-limit-per-user", "coupon-used-up", "coupon-ended"}
        if quote.coupon.problem.code in limits:
            raise Conflict(quote.coupon.problem.code, **quote.coupon.problem.params)
    return quote


def _customer_keys(owner: Owner, form: Submission) -> list[str]:
    keys = coupons.customer_key_contact(
        form.contact.email, form.contact.phone, form.contact.country or "CN"
    )
    if owner.user_id is not None:
        keys = [coupons.customer_key_user(owner.user_id), *keys]
    return keys


def _orders(
    checkout: Checkout,
    form: Submission,
    lines: Sequence[CartLineView],
    quote: Quote,
    deliveries: Mapping[int, StoreDelivery],
) -> dict[int, Order]:
    """One order per store with lines, adjustments and contact; then all stock at once, in one order."""
    made: dict[int, Order] = {}
    wanted: list[reservations.Wanted] = []
    promised: list[tuple[OrderLine, Promise]] = []
    uncounted = [line.info.variant_id for line in lines if not line.info.tracked]
    bundled = bundles.parts_of(uncounted)
    for part in quote.stores:
        zone = ZoneInfo(stores.get(part.store_id).timezone)
        order = Order(
            number=new_number(checkout.created_at.astimezone(zone)),
            store_id=part.store_id,
            checkout_id=checkout.id,
            user_id=checkout.user_id,
            method=form.method,
            locale=form.locale,
            currency=form.currency,
            items_minor=part.items_minor,
            discount_minor=part.discount_minor,
            delivery_minor=part.delivery_minor,
            tax_minor=part.tax_minor,
            prices_include_tax=part.tax_included,
            total_minor=part.total_minor,
            placed_at=checkout.created_at,
            expires_at=checkout.expires_at,
        )
        db.session.add(order)
        db.session.flush()  # its lines name its id
        made[part.store_id] = order
        db.session.add(_contact(order.id, form.contact))
        own = [line for line in lines if line.info.store_id == part.store_id]
        rows = new_lines.add(order.id, own, quote)
        for line in own:
            inside = bundled.get(line.info.variant_id, [])
            wanted += goods.wanted(rows[line.key], part.store_id, inside, line.info.tracked)
        taxes.write(order.id, {key: row.id for key, row in rows.items()}, part, quote)
        promised += [(rows[line.key], line.promise) for line in own if line.promise is not None]
    reservations.reserve(wanted, expires_at=checkout.expires_at, first=delivery.places(deliveries))
    promises.keep(promised)
    return made


def _contact(order_id: int, contact: Contact) -> OrderContact:
    return OrderContact(
        order_id=order_id,
        **asdict(contact),
        email_key=email_key(contact.email) if contact.email else "",
        phone_key=phone_key(contact.phone, contact.country or "CN") if contact.phone else "",
    )


def _redeem(
    checkout: Checkout, owner: Owner, form: Submission, quote: Quote, orders: Mapping[int, Order]
) -> None:
    applied = quote.coupon.applied if quote.coupon else None
    if applied is None or not applied.amount_minor:
        return
    shares = {
        orders[store_id].id: -amount for store_id, amount in applied.by_store.items() if amount
    }
    campaigns.redeem(
        applied.source_id, checkout.id, _customer_keys(owner, form), -applied.amount_minor, shares
    )
