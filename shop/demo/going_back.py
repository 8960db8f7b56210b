"""Goods that go back: one asked for, one approved, one that has arrived at the desk."""

from datetime import timedelta

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import returns
from shop.order.models import Order, OrderLine
from shop.order.states import PaymentState, ShippingState
from shop.payment import return_refunds

_REASONS = ("changed-mind", "damaged", "not-as-described")
_SAID = {
    "damaged": {
        "en": "The box was crushed on its way, and what was in it is damaged.",
        "zh": "包装在路上被压坏，里面的东西也损坏了。",
    },
    "not-as-described": {
        "en": "It is much darker than in the pictures.",
        "zh": "实物比图片深很多。",
    },
    "changed-mind": {
        "en": "It is beautiful, but not what we need after all. Nothing was used.",
        "zh": "很漂亮，但发现并不需要，没有用过。",
    },
}
_TO = {
    "en": "Returns desk, Songjian\n1 Wensan Road, Hangzhou\nPlease put the order number into the parcel.",
    "zh": "松间小铺 退货组\n杭州市文三路 1 号\n请在包裹中附上订单号。",
}


def give_back(store_id: int) -> None:
    """A return in each state that waits for somebody."""
    for step, order in enumerate(_recent(store_id)):
        reason, locale = _REASONS[step], order.locale
        asked_at = clock.now() - timedelta(hours=(5, 30, 52)[step])
        line = db.session.scalars(
            select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)
        ).first()
        if line is None or not returns.returnable(order.id).get(line.id):
            continue
        buyer = f"u:{order.user_id}"
        with clock.at(asked_at), transaction():
            asked = return_refunds.request(
                order.id,
                {line.public_id: returns.Wanted(1, reason)},
                _SAID[reason][locale],
                actor=buyer,
                key=f"demo-return-{step:05d}",
            )
        if step >= 1:
            with clock.at(asked_at + timedelta(hours=3)), transaction():
                returns.approve(asked, instructions=_TO[locale], actor="Lin Wei")
        if step >= 2:
            with clock.at(asked_at + timedelta(hours=20)), transaction():
                returns.send(
                    order.id, asked, carrier="SF", tracking_number="SF1347882055", actor=buyer
                )


def _recent(store_id: int) -> list[Order]:
    """Three orders of goods that arrived lately, at least three days ago."""
    others = select(OrderLine.order_id).where(OrderLine.kind != "physical")
    return list(
        db.session.scalars(
            select(Order)
            .where(
                Order.store_id == store_id,
                Order.shipping_state == ShippingState.RECEIVED,
                Order.payment_state == PaymentState.PAID,
                Order.method != "cod",
                Order.received_at < clock.now() - timedelta(days=3),
                Order.received_at > clock.now() - timedelta(days=12),
                Order.id.not_in(others),
            )
            .order_by(Order.received_at.desc())
            .limit(3)
        )
    )
