"""Stores with goods, and orders in each of their states, all made through the services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from sqlalchemy import select

from shop.cart import queries as carts
from shop.cart import services as cart
from shop.cart.owner import Owner
from shop.catalog.data import VariantData
from shop.catalog.models import Variant
from shop.catalog.photos import Photo
from shop.cli.doctor import CHECKS
from shop.core import clock, ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import queries as stock
from shop.inventory import services as inventory
from shop.order import returns, shipping
from shop.order.checkout import Contact, Submission
from shop.order.models import Checkout, Order, OrderLine
from shop.payment import attempts, intake, return_exchanges, return_refunds
from shop.payment.models import Payment
from shop.payment.placing import place
from tests.factories.catalog import Made, make_product
from tests.factories.stores import make_store

_number = count(1)
HALF_AN_HOUR = timedelta(minutes=30)
Lines = Mapping[int, int] | Iterable[tuple[int, int]] | int
"""Units by variant id; a lone id is one unit of it."""


@dataclass(frozen=True)
class Goods:
    """A store with published products, stocked at its one location."""

    store_id: int
    location_id: int
    products: list[Made]

    @property
    def variants(self) -> list[int]:
        """Every variant, product by product."""
        return [variant for product in self.products for variant in product.variants]

    @property
    def variant(self) -> int:
        """The first variant."""
        return self.variants[0]


@dataclass(frozen=True)
class Placed:
    """A checkout that a test works with; ``orders`` one per store, in the order of the cart."""

    owner: Owner
    key: str
    form: Submission
    token: str
    checkout_id: int
    orders: list[int]
    numbers: list[str]
    payment: int | None = field(default=None)

    @property
    def order(self) -> int:
        """The id of its (first) order."""
        return self.orders[0]

    @property
    def number(self) -> str:
        """The number of its (first) order."""
        return self.numbers[0]

    @property
    def total_minor(self) -> int:
        """What is paid at once."""
        return self.form.expected_total_minor


def store_with_goods(
    *,
    stock: int | None = 10,
    price_minor: int = 1000,
    products: int = 1,
    kind: str = "physical",
    product: Mapping[str, object] | None = None,
    **store: object,
) -> Goods:
    """Open a store with ``products`` products of one variant each, ``stock`` units of every one.

    ``stock`` None: no stock is kept. ``product``: more fields of ``ProductData``; the rest are fields
    of the store, such as ``flat_delivery_minor``.
    """
    store_id = make_store(**store)
    fields = dict(product or {})
    fields.setdefault("variants", [VariantData(price_minor=price_minor, tracked=stock is not None)])
    made = [make_product(store_id, kind=kind, **fields) for _ in range(products)]
    with transaction():
        location_id = inventory.default_location(store_id)
    goods = Goods(store_id, location_id, made)
    if stock:
        for variant in goods.variants:
            restock(goods, variant, stock)
    return goods


def restock(goods: Goods, variant: int, quantity: int) -> None:
    """More units of a variant arrive."""
    with transaction():
        inventory.receive(variant, goods.location_id, quantity, actor="test")


def available(variant: int) -> int | None:
    """How many units can be bought now."""
    db.session.rollback()
    return stock.availability([variant])[variant]


def guest() -> Owner:
    """A guest with a cart of their own."""
    return Owner(token=ids.token())


def contact(**fields: str) -> Contact:
    """Somebody who can be reached, nobody twice."""
    number = next(_number)
    values = {
        "name": "Lin Wan",
        "email": f"buyer{number}@example.com",
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "street": "文三路 1 号",
    }
    return Contact(**(values | fields))


def fill_cart(owner: Owner, lines: Lines, coupon: str | None = None) -> None:
    """Put units into a cart, and a coupon's code beside them."""
    if isinstance(lines, int):
        lines = {lines: 1}
    with transaction():
        for variant, quantity in lines.items() if isinstance(lines, Mapping) else lines:
            cart.add(owner, variant, quantity)
        if coupon:
            cart.set_coupon(owner, coupon)


def total_of(owner: Owner, currency: str = "CNY", locale: str = "en") -> int:
    """What the cart's button says."""
    db.session.rollback()
    part = carts.view(owner, locale, clock.now()).part(currency)
    return part.quote.total_minor if part else 0


def submission(owner: Owner, **fields: object) -> Submission:
    """The checkout form of a filled cart, as the shopper would send it."""
    values: dict[str, object] = {"method": "alipay", "currency": "CNY", "locale": "en"} | fields
    values.setdefault("contact", contact())
    if "expected_total_minor" not in values:
        values["expected_total_minor"] = total_of(owner, str(values["currency"]))
    return Submission(**values)  # type: ignore[arg-type]  # the tests give what they mean


def send(
    owner: Owner,
    form: Submission,
    key: str | None = None,
    expires_after: timedelta = HALF_AN_HOUR,
) -> Placed:
    """Send a checkout form."""
    key = key or ids.token()
    with transaction():
        token = place(owner, form, key=key, expires_after=expires_after)
    checkout_id = db.session.execute(
        select(Checkout.id).where(Checkout.token == token)
    ).scalar_one()
    orders = db.session.execute(
        select(Order.id, Order.number).where(Order.checkout_id == checkout_id).order_by(Order.id)
    ).all()
    return Placed(
        owner, key, form, token, checkout_id, [row.id for row in orders], [o.number for o in orders]
    )


def place_order(
    lines: Lines,
    *,
    owner: Owner | None = None,
    coupon: str | None = None,
    expires_after: timedelta = HALF_AN_HOUR,
    **form: object,
) -> Placed:
    """Fill a cart and place it: unpaid, its stock reserved. ``form``: fields of ``Submission``."""
    owner = owner or guest()
    fill_cart(owner, lines, coupon)
    return send(owner, submission(owner, **form), expires_after=expires_after)


def begin_payment(placed: Placed, gateway: str = "alipay") -> int:
    """An attempt to pay it that the provider has opened; returns its id."""
    with transaction():
        attempt = attempts.begin(placed.checkout_id, gateway)
    with transaction():
        attempts.opened(attempt.payment_id, "https://cashier.example/")
    return attempt.payment_id


def news(payment_id: int, amount_minor: int | None = None) -> intake.Paid:
    """The provider's word that an attempt was paid."""
    payment = db.session.get_one(Payment, payment_id, populate_existing=True)
    return intake.Paid(
        gateway=payment.gateway,
        attempt_no=payment.attempt_no,
        amount_minor=payment.amount_minor if amount_minor is None else amount_minor,
        provider_id=f"trade-{payment.id}",
        event_id=f"paid:{payment.attempt_no}",
    )


def tell_paid(payment_id: int, amount_minor: int | None = None) -> bool:
    """The provider says so."""
    word = news(payment_id, amount_minor)
    with transaction():
        return intake.paid(word, actor=f"provider:{word.gateway}")


def pay(placed: Placed, gateway: str = "alipay") -> int:
    """The shopper pays; returns the payment's id."""
    payment_id = begin_payment(placed, gateway)
    assert tell_paid(payment_id)
    return payment_id


def paid_order(lines: Lines, **given: object) -> Placed:
    """An order that is paid. ``given`` as of ``place_order``."""
    placed = place_order(lines, **given)  # type: ignore[arg-type]  # passed on as given
    payment_id = pay(placed)
    return Placed(
        placed.owner,
        placed.key,
        placed.form,
        placed.token,
        placed.checkout_id,
        placed.orders,
        placed.numbers,
        payment_id,
    )


def ship(order_id: int, **given: object) -> None:
    """Everything left of an order leaves in one parcel."""
    with transaction():
        shipping.ship(
            order_id,
            **({"carrier": "SF", "tracking_number": "SF1234567", "actor": "u:1"} | given),  # type: ignore[arg-type]  # passed on as given
        )


def receive(order_id: int) -> None:
    """The shopper has everything."""
    with transaction():
        shipping.receive(order_id, actor="guest")


def shipped_order(lines: Lines, **given: object) -> Placed:
    """A paid checkout, every order of it shipped."""
    placed = paid_order(lines, **given)
    for order_id in placed.orders:
        ship(order_id)
    return placed


def received_order(lines: Lines, **given: object) -> Placed:
    """A shipped checkout that has arrived: its lines can be reviewed."""
    placed = shipped_order(lines, **given)
    for order_id in placed.orders:
        receive(order_id)
    return placed


def request_return(
    order_id: int,
    units: int = 1,
    reason: str = "size",
    key: str | None = None,
    *,
    outcome: str = "refund",
    variant: int | None = None,
    note: str = "",
    pictures: Iterable[Photo] = (),
) -> str:
    """The shopper wants to return units of the first line; returns the return's public id.

    ``variant``: what is to come in exchange, the same again by itself.
    """
    line = lines_of(order_id)[0]
    instead = db.session.get_one(Variant, variant or line.variant_id).public_id
    wanted = returns.Wanted(units, reason, note, instead if outcome == "exchange" else "")
    with transaction():
        return return_refunds.request(
            order_id,
            {line.public_id: wanted},
            "",
            actor="guest",
            key=key or ids.token(),
            outcome=outcome,
            pictures=list(pictures),
        )


def approve(return_id: str) -> None:
    """The shop agrees to a return."""
    with transaction():
        returns.approve(return_id, instructions="Returns desk, 1 Wensan Road", actor="u:1")


def send_back(order_id: int, return_id: str) -> None:
    """The shopper hands the parcel over."""
    with transaction():
        returns.send(order_id, return_id, carrier="SF", tracking_number="SF77", actor="guest")


def inspect(return_id: str, restock: Iterable[str] = (), *, delivery: bool = False) -> str:
    """The goods arrived: refund them; returns the refund's number."""
    with transaction():
        return return_refunds.receive(
            return_id, restock=set(restock), include_delivery=delivery, actor="u:1"
        )


def exchange(return_id: str, restock: Iterable[str] = ()) -> int:
    """The goods arrived: send what was wanted instead; returns the id of its order."""
    with transaction():
        number = return_exchanges.exchange(return_id, restock=set(restock), actor="u:1")
    return db.session.scalars(select(Order.id).where(Order.number == number)).one()


def repair(return_id: str) -> None:
    """The goods are mended and on their way to the shopper again."""
    with transaction():
        returns.repair(return_id, carrier="SF", tracking_number="SF1000088", actor="u:1")


def give_back(return_id: str) -> str:
    """The money of a return that wants nothing else goes back; returns the refund's number."""
    with transaction():
        return return_refunds.give_back(return_id, actor="u:1")


def order(order_id: int) -> Order:
    """An order as it is now."""
    db.session.rollback()
    return db.session.get_one(Order, order_id, populate_existing=True)


def lines_of(order_id: int) -> list[OrderLine]:
    """The lines of an order as they are now."""
    db.session.rollback()
    return list(
        db.session.scalars(
            select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
        )
    )


def assert_sound() -> None:
    """Every ledger equals its totals: what `flask doctor` looks at."""
    db.session.rollback()
    wrong = [sentence for _, check in CHECKS for sentence in check()]
    assert wrong == []
