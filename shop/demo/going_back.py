"""Goods that go back: asked for, approved, arrived at the desk; for money, in exchange, to be mended."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from shop.catalog.media import Storage
from shop.catalog.models import Variant
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo import photos
from shop.order import returnable, returns
from shop.order.models import Order, OrderLine
from shop.order.return_models import ReturnRequest
from shop.order.return_outcomes import Wanted
from shop.order.return_photos import FOLDER
from shop.order.states import PaymentState, ShippingState
from shop.payment import return_refunds


@dataclass(frozen=True, slots=True)
class _Return:
    """A return as it began ``hours`` ago: how far it went, what is wanted, whether with a photo."""

    reason: str
    hours: int
    steps: int = 0
    outcome: str = "refund"
    photo: bool = False


_RETURNS = (
    _Return("changed-mind", 37),
    _Return("damaged", 30, steps=1),
    _Return("not-as-described", 70, steps=2),
    _Return("damaged", 20, outcome="exchange", photo=True),
    _Return("quality", 52, steps=2, outcome="repair"),
    _Return("damaged", 2, outcome="money", photo=True),
)
_SAID = {
    "damaged": {
        "en": "The box was crushed on its way, and what was in it is damaged.",
        "zh": "包装在路上被压坏，里面的东西也损坏了。",
    },
    "not-as-described": {
        "en": "It is much darker than in the pictures.",
        "zh": "实物比图片深很多。",
    },
    "quality": {
        "en": "It came apart after two days of use.",
        "zh": "用了两天就松开了。",
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


def give_back(store_id: int, storage: Storage) -> None:
    """A return of each kind, and in each state that waits for somebody."""
    for serial, (one, order) in enumerate(zip(_RETURNS, _recent(store_id), strict=False)):
        asked_at = clock.now() - timedelta(hours=one.hours)
        line = db.session.scalars(
            select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)
        ).first()
        if line is None or not returnable.of_order(order.id).units.get(line.id):
            continue
        buyer, locale = f"u:{order.user_id}", order.locale
        taken = []
        if one.photo and line.image_name:
            taken.append(photos.of_goods(storage, line.image_name, FOLDER))
        variant = db.session.get_one(Variant, line.variant_id).public_id
        with clock.at(asked_at), transaction():
            asked = return_refunds.request(
                order.id,
                {line.public_id: Wanted(1, one.reason, _SAID[one.reason][locale], variant)},
                "",
                actor=buyer,
                key=f"demo-return-{serial:05d}",
                outcome=one.outcome,
                pictures=taken,
            )
        if one.steps >= 1:
            with clock.at(asked_at + timedelta(hours=3)), transaction():
                returns.approve(asked, instructions=_TO[locale], actor="Lin Wei")
        if one.steps >= 2:
            with clock.at(asked_at + timedelta(hours=20)), transaction():
                returns.send(
                    order.id, asked, carrier="SF", tracking_number="SF1347882055", actor=buyer
                )


def _recent(store_id: int) -> list[Order]:
    """Orders of goods that arrived lately, at least three days ago, the last one first."""
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
                Order.id.not_in(select(ReturnRequest.order_id)),
            )
            .order_by(Order.received_at.desc())
            .limit(len(_RETURNS))
        )
    )
