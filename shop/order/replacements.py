"""Orders that replace goods which came back: they cost nothing, and the money of the first line pays.

A replacement is paid for already, so it has no day of payment: no figure of sales, no invoice, no membership
counts it, and nothing is charged for its delivery.
"""

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from shop.catalog import bundles
from shop.catalog.models import Variant
from shop.catalog.options_text import options_of
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.lookups import Lookup, askable
from shop.inventory import policies, reservations
from shop.inventory.levels import StockShort
from shop.order import delivery, goods, promises, timeline
from shop.order.models import Checkout, Order, OrderContact, OrderLine
from shop.order.numbers import new_number
from shop.order.return_models import Replacement, ReturnLine, ReturnRequest
from shop.order.states import PaymentState
from shop.store import queries as stores


@askable
def replaced(order_id: int) -> Lookup[dict[int, int]]:
    """Line of an order → units whose money pays for goods that were sent instead, and were neither cancelled
    nor sent back."""
    sent = func.sum(OrderLine.quantity - OrderLine.cancelled - OrderLine.returned)
    paid = aliased(OrderLine)
    return Lookup(
        lambda rows: {line_id: int(units) for line_id, units in rows},
        select(Replacement.paid_line_id, sent.label("units"))
        .join(OrderLine, OrderLine.id == Replacement.line_id)
        .join(paid, paid.id == Replacement.paid_line_id)
        .where(paid.order_id == order_id)
        .group_by(Replacement.paid_line_id),
    )


def heads(line_ids: Collection[int]) -> dict[int, OrderLine]:
    """Line of a replacement → the line whose money pays for it; other lines are left out."""
    rows = db.session.execute(
        select(Replacement.line_id, OrderLine)
        .join(OrderLine, OrderLine.id == Replacement.paid_line_id)
        .where(Replacement.line_id.in_(line_ids))
    )
    return {line_id: line for line_id, line in rows if line_id is not None}


def send(row: ReturnRequest, pairs: Sequence[tuple[ReturnLine, OrderLine]], *, actor: str) -> Order:
    """Make the order that replaces the units of a held return, with its goods reserved.

    Raises ``Conflict("return-exchange-gone")`` when they are not there any more.
    """
    old = db.session.get_one(Order, row.order_id)
    wishes = {
        wish.return_line_id: wish
        for wish in db.session.scalars(
            select(Replacement).where(
                Replacement.return_line_id.in_([line.id for line, _ in pairs])
            )
        )
    }
    first = heads([bought.id for _, bought in pairs])
    order = _order(old)
    variants = {
        variant.id: variant
        for variant in db.session.scalars(
            select(Variant).where(Variant.id.in_({wish.variant_id for wish in wishes.values()}))
        )
    }
    options = options_of(set(variants))
    parts = bundles.parts_of([one.id for one in variants.values() if not one.tracked])
    new: list[OrderLine] = []
    wanted: list[reservations.Wanted] = []
    for line, bought in pairs:
        wish = wishes[line.id]
        made = _line(order, bought, variants[wish.variant_id], options, line.quantity)
        new.append(made)
        wish.line_id = made.id
        wish.paid_line_id = first.get(bought.id, bought).id
        wanted += goods.wanted(
            made, order.store_id, parts.get(made.variant_id, []), variants[made.variant_id].tracked
        )
    try:
        reservations.reserve(wanted, expires_at=None)
    except StockShort as error:
        raise Conflict("return-exchange-gone") from error
    found = policies.promises({line.variant_id for line in new})
    promises.keep([(line, found[line.variant_id]) for line in new if line.variant_id in found])
    timeline.note(order.id, "replaces", actor=actor, number=old.number, return_id=row.public_id)
    return order


def _order(old: Order) -> Order:
    """An order like another one, to the same person at the same place, that costs nothing."""
    now = clock.now()
    # Nothing is collected at the door for it.
    method = "alipay" if old.method == "cod" else old.method
    checkout = Checkout(
        token=ids.token(),
        user_id=old.user_id,
        locale=old.locale,
        currency=old.currency,
        total_minor=0,
        method=method,
    )
    db.session.add(checkout)
    db.session.flush()  # its order names its id
    order = Order(
        number=new_number(now.astimezone(ZoneInfo(stores.get(old.store_id).timezone))),
        store_id=old.store_id,
        checkout_id=checkout.id,
        user_id=old.user_id,
        payment_state=PaymentState.PAID,
        method=method,
        locale=old.locale,
        currency=old.currency,
        items_minor=0,
        prices_include_tax=old.prices_include_tax,
        total_minor=0,
        placed_at=now,
    )
    db.session.add(order)
    db.session.flush()  # its lines name its id
    contact = db.session.get_one(OrderContact, old.id)
    copied = {
        column.key: getattr(contact, column.key)
        for column in OrderContact.__mapper__.column_attrs
        if column.key not in ("order_id", "note")
    }
    db.session.add(OrderContact(order_id=order.id, **copied))
    delivery.fetch_again(old.id, order.id)
    return order


def _line(
    order: Order,
    bought: OrderLine,
    variant: Variant,
    options: Mapping[int, Mapping[str, str]],
    quantity: int,
) -> OrderLine:
    line = OrderLine(
        order_id=order.id,
        product_id=bought.product_id,
        variant_id=variant.id,
        kind=bought.kind,
        titles=dict(bought.titles),
        options=dict(options.get(variant.id, {})),
        sku=variant.sku,
        image_name=bought.image_name,
        unit_price_minor=0,
        quantity=quantity,
    )
    db.session.add(line)
    db.session.flush()  # its reservation names its id
    return line
