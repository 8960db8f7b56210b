"""Transfers for the desk of those who read the account, and for the jobs that look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from shop.core import ids
from shop.core.db import db
from shop.core.lookups import Lookup, askable, number
from shop.order.models import Checkout, Order, OrderContact
from shop.order.states import AWAITING, OrderState, PaymentState
from shop.payment.models import Payment
from shop.payment.transfer_models import BankTransfer, TransferProof
from shop.payment.transfer_states import ProofState
from shop.payment.transfer_views import TransferPart, TransferView, came, latest
from shop.payment.transfers import TRANSFER

PAGE = 50
VIEWS = ("waiting", "proof", "part", "all")


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer in the list of the desk. Minor units."""

    reference: str
    created_at: datetime
    currency: str
    numbers: list[str]
    customer: str
    lacking_minor: int
    came_minor: int
    proofs: int
    expires_at: datetime | None
    ended: bool


@dataclass(frozen=True, slots=True)
class TransferPage:
    """Rows, and whether there are more."""

    rows: list[TransferRow]
    more: bool


def listed(
    store_ids: Sequence[int] | None, view: str, q: str = "", offset: int = 0
) -> TransferPage:
    """Transfers of checkouts that lie within some stores (None: all of the platform), those that wait the
    longest first, the newest first in ``all``. ``q``: a reference, or the beginning of one. Two statements."""
    query = _within(
        select(BankTransfer.id, BankTransfer.reference, BankTransfer.created_at), store_ids
    )
    query = query.add_columns(Checkout.currency, _sent().label("proofs")).join(
        Checkout, Checkout.id == BankTransfer.checkout_id
    )
    if view != "all":
        query = query.where(_open_orders().exists())
    if view == "proof":
        query = query.where(_sent() > 0)
    if view == "part":
        part = Order.payment_state == PaymentState.PARTLY_PAID
        query = query.where(_open_orders().where(part).exists())
    if typed := ids.normalise_reference(q[:40]):
        query = query.where(BankTransfer.reference.startswith(typed, autoescape=True))
    newest = BankTransfer.id.desc() if view == "all" else BankTransfer.id
    heads = db.session.execute(query.order_by(newest).offset(offset).limit(PAGE + 1)).all()
    shown = heads[:PAGE]
    parts: dict[int, list[TransferPart]] = {row.id: [] for row in shown}
    names: dict[int, str] = {}
    for row in db.session.execute(
        select(
            BankTransfer.id,
            Order.number,
            Order.store_id,
            Order.state,
            Order.payment_state,
            Payment.amount_minor,
            came(),
            Order.expires_at,
            OrderContact.name,
        )
        .join(Order, Order.checkout_id == BankTransfer.checkout_id)
        .join(Payment, Payment.id == latest())
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(BankTransfer.id.in_(list(parts)))
        .order_by(Order.id)
    ):
        values: Any = row
        parts[values[0]].append(TransferPart(*values[1:8]))
        names.setdefault(values[0], values[8] or "")
    return TransferPage([_row(head, parts[head.id], names) for head in shown], len(heads) > PAGE)


def _row(head: Any, parts: list[TransferPart], names: dict[int, str]) -> TransferRow:
    view = TransferView(head.reference, head.created_at, head.currency, parts, [], [])
    return TransferRow(
        view.reference,
        view.created_at,
        view.currency,
        [part.number for part in parts],
        names.get(head.id, ""),
        view.lacking_minor,
        view.came_minor,
        head.proofs,
        view.expires_at,
        all(part.state == OrderState.CANCELLED for part in parts),
    )


@askable
def counts(store_ids: Sequence[int] | None) -> Lookup[dict[str, int]]:
    """How many transfers wait, with a proof to look at, and with a part of the money."""
    waiting = _within(select(func.count().label("n")).select_from(BankTransfer), store_ids).where(
        _open_orders().exists()
    )
    part = Order.payment_state == PaymentState.PARTLY_PAID
    return Lookup(
        lambda *found: dict(zip(VIEWS, map(number, found), strict=False)),
        waiting,
        waiting.where(_sent() > 0),
        waiting.where(_open_orders().where(part).exists()),
    )


def _within(query: Any, store_ids: Sequence[int] | None) -> Any:
    if store_ids is None:
        return query
    others = select(Order.id).where(
        Order.checkout_id == BankTransfer.checkout_id, Order.store_id.not_in(store_ids)
    )
    return query.where(~others.exists())


def _open_orders() -> Any:
    return select(Order.id).where(
        Order.checkout_id == BankTransfer.checkout_id,
        Order.state == OrderState.OPEN,
        Order.method == TRANSFER,
        Order.payment_state.in_(AWAITING),
        Order.total_minor > Order.tendered_minor,
    )


def _sent() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(TransferProof)
        .where(TransferProof.transfer_id == BankTransfer.id, TransferProof.state == ProofState.SENT)
        .correlate(BankTransfer)
        .scalar_subquery()
    )


def due_for_reminder(before: datetime, limit: int = 200) -> list[int]:
    """Orders whose transfer ends before a moment and whose shopper was told nothing of it, the first of
    each checkout. Who has sent a proof has done their part, and is not reminded."""
    return list(
        db.session.scalars(
            select(func.min(Order.id))
            .join(BankTransfer, BankTransfer.checkout_id == Order.checkout_id)
            .where(
                BankTransfer.reminded_at.is_(None),
                Order.state == OrderState.OPEN,
                Order.method == TRANSFER,
                Order.payment_state.in_(AWAITING),
                Order.expires_at <= before,
                _sent() == 0,
            )
            .group_by(BankTransfer.id)
            .order_by(BankTransfer.id)
            .limit(limit)
        )
    )


def due_for_end(moment: datetime, limit: int = 200) -> list[int]:
    """Partly paid orders whose time is over."""
    return list(
        db.session.scalars(
            select(Order.id)
            .where(
                Order.state == OrderState.OPEN,
                Order.method == TRANSFER,
                Order.payment_state == PaymentState.PARTLY_PAID,
                Order.expires_at <= moment,
            )
            .order_by(Order.expires_at)
            .limit(limit)
        )
    )
