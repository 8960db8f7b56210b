"""Invoices as orders: bought, sent, received and paid for at the door; and what was taken back.

Each invoice is one transaction, at its own time. The note of an order is its invoice's number, and that of
a refund its credit's: so a replay that was stopped goes on where it was.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from babel import Locale
from sqlalchemy import select

from shop.cart import queries as carts
from shop.cart import services as cart
from shop.cart.owner import Owner
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.demo.replay.goods import CURRENCY, Variants
from shop.demo.replay.reading import Invoice
from shop.inventory import queries as stock
from shop.inventory import services as inventory
from shop.order import checkout, queries, shipping
from shop.order.models import Order, OrderContact, OrderLine
from shop.payment import offline, refunds
from shop.payment.models import Refund

ACTOR = "replay"
_BATCH = 200
_COUNTRIES = {
    **{str(name): code for code, name in Locale("en").territories.items() if len(code) == 2},
    "EIRE": "IE",
    "RSA": "ZA",
    "USA": "US",
    "Channel Islands": "JE",
    "Czech Republic": "CZ",
}

Thing = tuple[str, str, int]
"""Customer, code, price: what a return must agree in with its sale."""


@dataclass(slots=True)
class Sale:
    """Units of an order's line that have not come back."""

    order_id: int
    line: str
    left: int


@dataclass(slots=True)
class Told:
    """What became of the lines of the invoices that were lived now."""

    lines: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    credits: int = 0


class Replay:
    """Lives invoices in one store. ``done`` are the numbers of those that were lived before."""

    def __init__(self, store_id: int, variants: Variants) -> None:
        self.told = Told()
        self.done: set[str] = set()
        self._store_id, self._variants = store_id, variants
        self._things = {variant_id: thing for thing, variant_id in variants.items()}
        self._sales: dict[Thing, list[Sale]] = defaultdict(list)
        self._remember()

    def live(self, invoices: Sequence[Invoice], step: Callable[[int], None]) -> None:
        """Let them happen, by time; ``step`` is told how many lines each had."""
        waiting = [invoice for invoice in invoices if invoice.number not in self.done]
        for _, month in groupby(waiting, key=lambda one: (one.at.year, one.at.month)):
            now = list(month)
            with outbox.hushed(), clock.at(now[0].at):
                self._restock(now)
            for invoice in now:
                with outbox.hushed(), clock.at(invoice.at):
                    self._live_one(invoice)
                step(len(invoice.lines))

    def _live_one(self, invoice: Invoice) -> None:
        lines = len(invoice.lines)
        try:
            with transaction():
                if invoice.back:
                    self._take_back(invoice)
                else:
                    self._sell(invoice)
        except ShopError as error:
            self.told.refused[f"the shop said {error.reason}"] += lines
        else:
            self.told.lines += lines

    def _sell(self, invoice: Invoice) -> None:
        """One order, or several where a cart does not hold it all."""
        for wanted in _carts(invoice, self._variants):
            owner = Owner(token=f"replay {invoice.customer or invoice.number}")
            if cart.add_many(owner, wanted) != set(wanted):
                raise RuntimeError(f"invoice {invoice.number}: the shelf was not filled")
            part = carts.view(owner, "en", clock.now()).part(CURRENCY)
            if part is None:
                raise RuntimeError(f"invoice {invoice.number}: the cart is empty")
            form = checkout.Submission(
                _contact(invoice), "cod", CURRENCY, "en", part.quote.total_minor
            )
            key = f"replay-{invoice.number}-{min(wanted)}"
            token = checkout.place(owner, form, key=key, expires_after=timedelta(hours=1))
            for number in queries.of_checkout(token):
                self._fulfil(number, invoice)

    def _fulfil(self, number: str, invoice: Invoice) -> None:
        order_id = queries.id_of(number)
        if order_id is None:
            raise RuntimeError(f"order {number} is gone")
        total = db.session.execute(
            select(Order.total_minor).where(Order.id == order_id)
        ).scalar_one()
        shipping.ship(order_id, carrier="OTHER", tracking_number=invoice.number, actor=ACTOR)
        shipping.receive(order_id, actor=ACTOR)
        offline.confirm(
            order_id,
            amount_minor=total,
            reference=invoice.number,
            actor=ACTOR,
            key=f"replay-{number}",
        )
        self.told.orders += 1
        for line in db.session.scalars(select(OrderLine).where(OrderLine.order_id == order_id)):
            code, price = self._things[line.variant_id]
            sale = Sale(order_id, line.public_id, line.quantity)
            self._sales[invoice.customer, code, price].append(sale)

    def _take_back(self, invoice: Invoice) -> None:
        """Refund the latest sales of the same things to the same customer."""
        wanted: dict[int, Counter[str]] = defaultdict(Counter)
        taken: list[tuple[Sale, int]] = []
        for line in invoice.lines:
            left = line.quantity
            for sale in reversed(self._sales[invoice.customer, line.code, line.price_minor]):
                part = min(left, sale.left)
                if part:
                    sale.left -= part
                    left -= part
                    taken.append((sale, part))
                    wanted[sale.order_id][sale.line] += part
        try:
            for order_id, quantities in sorted(wanted.items()):
                refunds.request(
                    order_id,
                    quantities,
                    include_delivery=False,
                    restock=set(quantities),
                    reason="other",
                    note=invoice.number,
                    actor=ACTOR,
                    key=f"replay-{invoice.number}-{order_id}",
                )
        except ShopError:
            for sale, part in taken:
                sale.left += part
            raise
        self.told.credits += 1

    def _restock(self, invoices: Sequence[Invoice]) -> None:
        """What these sell arrives, as far as it is not there."""
        demand: Counter[int] = Counter()
        for invoice in invoices:
            if not invoice.back:
                for line in invoice.lines:
                    demand[self._variants[line.code, line.price_minor]] += line.quantity
        wanted = sorted(demand)
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            with transaction():
                location_id = inventory.default_location(self._store_id)
                there = stock.availability(batch)
                missing = {
                    variant_id: units
                    for variant_id in batch
                    if (units := demand[variant_id] - (there.get(variant_id) or 0)) > 0
                }
                inventory.receive_all(missing, location_id, actor=ACTOR)

    def _remember(self) -> None:
        """What was lived before, and what of it has not come back."""
        orders = (
            select(OrderContact.note, OrderContact.email, OrderLine, Order.id)
            .join(Order, Order.id == OrderContact.order_id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .where(Order.store_id == self._store_id)
            .order_by(Order.id, OrderLine.id)
        )
        for note, email, line, order_id in db.session.execute(orders):
            self.done.add(note)
            customer = email.removesuffix(_MAIL) if email.endswith(_MAIL) else ""
            if line.variant_id in self._things:
                sale = Sale(order_id, line.public_id, line.quantity - line.returned)
                self._sales[customer, *self._things[line.variant_id]].append(sale)
        self.done.update(
            db.session.scalars(
                select(Refund.note)
                .join(Order, Order.id == Refund.order_id)
                .where(Order.store_id == self._store_id)
            )
        )
        db.session.rollback()


_MAIL = "@customers.replay.example"


def _contact(invoice: Invoice) -> checkout.Contact:
    who = invoice.customer or f"invoice-{invoice.number.lower()}"
    return checkout.Contact(
        name=f"Customer {invoice.customer}" if invoice.customer else "Walk-in customer",
        email=f"{invoice.customer}{_MAIL}" if invoice.customer else f"{who}@nobody.replay.example",
        country=_COUNTRIES.get(invoice.country, ""),
        street="Not in the file",
        note=invoice.number,
    )


def _carts(invoice: Invoice, variants: Variants) -> Iterator[dict[int, int]]:
    """The lines of an invoice in as few carts as hold them; lines of the same thing are one."""
    wanted: dict[int, int] = {}
    for line in invoice.lines:
        variant_id = variants[line.code, line.price_minor]
        both = wanted.get(variant_id, 0) + line.quantity
        if both > cart.MAX_QUANTITY or (variant_id not in wanted and len(wanted) == cart.MAX_LINES):
            yield wanted
            wanted, both = {}, line.quantity
        wanted[variant_id] = both
    if wanted:
        yield wanted
