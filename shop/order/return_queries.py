"""Returns as pages and commands show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, select
from sqlalchemy.orm import aliased

from shop.catalog.options_text import options_of
from shop.core.db import db
from shop.core.i18n import pick
from shop.order.models import Order, OrderLine
from shop.order.return_models import Replacement, ReturnLine, ReturnRequest
from shop.order.return_states import ACTIVE, Outcome, ReturnState

AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units of a line in a return. ``wanted``: the options of what is to come in exchange."""

    public_id: str
    title: str
    quantity: int
    reason: str
    restocked: bool | None
    note: str = ""
    options: str = ""
    kind: str = "physical"
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return with its lines; ``amount_minor`` in ``currency``. ``replacement``: the number of the order
    that was sent in exchange."""

    public_id: str
    number: str
    state: str
    amount_minor: int
    currency: str
    text: str
    instructions: str
    refusal: str
    carrier: str
    tracking_number: str
    created_at: datetime
    ended_at: datetime | None
    answer_by: datetime | None
    send_by: datetime | None
    lapsed: bool
    lines: list[ReturnedLine]
    outcome: Outcome = Outcome.REFUND
    back_carrier: str = ""
    back_number: str = ""
    replacement: str = ""

    @property
    def labelled(self) -> bool:
        """Whether there is a label to stick on its parcel: it is to be sent, and the shop said where to."""
        return (
            self.state == ReturnState.APPROVED and self.travels and bool(self.instructions.strip())
        )

    @property
    def travels(self) -> bool:
        """Whether goods come back: not where money alone is asked for."""
        return self.outcome != Outcome.MONEY


def of_order(order_id: int, locale: str) -> list[ReturnView]:
    """The returns of an order, newest first."""
    return _views(ReturnRequest.order_id == order_id, locale, 100)


def one(public_id: str, locale: str) -> ReturnView | None:
    """A return; None when there is none of this id."""
    found = _views(ReturnRequest.public_id == public_id, locale, 1)
    return found[0] if found else None


def among(return_ids: Collection[int], locale: str) -> dict[str, ReturnView]:
    """Some returns, by public id."""
    found = _views(ReturnRequest.id.in_(return_ids), locale, len(return_ids))
    return {view.public_id: view for view in found}


def listed(store_ids: Collection[int], state: str | None, limit: int) -> list[ReturnView]:
    """The newest returns of these stores, in one state or in all."""
    mine = Order.store_id.in_(store_ids)
    return _views(and_(mine, ReturnRequest.state == state) if state else mine, "en", limit)


def newest_open() -> ScalarSelect[str]:
    """The state of an order's newest return that is not over, ``AGREED`` where it was approved and nothing
    needs to be sent: a column for queries over orders."""
    agreed = and_(
        ReturnRequest.state == ReturnState.APPROVED, ReturnRequest.outcome == Outcome.MONEY
    )
    return (
        select(case((agreed, AGREED), else_=ReturnRequest.state))
        .where(ReturnRequest.order_id == Order.id, ReturnRequest.state.in_(ACTIVE))
        .order_by(ReturnRequest.id.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )


def _views(where: ColumnElement[bool], locale: str, limit: int) -> list[ReturnView]:
    rows = db.session.execute(
        select(ReturnRequest, Order.number, Order.currency)
        .join(Order, Order.id == ReturnRequest.order_id)
        .where(where)
        .order_by(ReturnRequest.id.desc())
        .limit(limit)
    ).all()
    lines: dict[int, list[ReturnedLine]] = {row.id: [] for row, _, _ in rows}
    sent, order = aliased(OrderLine), aliased(Order)
    numbers: dict[int, str] = {}
    wanted: dict[int, int] = {}
    kept = []
    for line, bought, variant_id, number in db.session.execute(
        select(ReturnLine, OrderLine, Replacement.variant_id, order.number)
        .join(OrderLine, OrderLine.id == ReturnLine.line_id)
        .outerjoin(Replacement, Replacement.return_line_id == ReturnLine.id)
        .outerjoin(sent, sent.id == Replacement.line_id)
        .outerjoin(order, order.id == sent.order_id)
        .where(ReturnLine.return_id.in_(lines))
        .order_by(ReturnLine.id)
    ):
        kept.append((line, bought))
        if variant_id is not None:
            wanted[line.id] = variant_id
            numbers[line.return_id] = number or ""
    options = options_of(set(wanted.values())) if wanted else {}
    for line, bought in kept:
        lines[line.return_id].append(
            ReturnedLine(
                bought.public_id,
                pick(bought.titles, locale),
                line.quantity,
                line.reason,
                line.restocked,
                note=line.note,
                options=pick(bought.options, locale),
                kind=bought.kind,
                wanted=pick(options.get(wanted.get(line.id, 0)), locale),
            )
        )
    return [
        ReturnView(
            public_id=row.public_id,
            number=number,
            state=row.state,
            amount_minor=row.amount_minor,
            currency=currency,
            text=row.text,
            instructions=row.instructions,
            refusal=row.refusal,
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            created_at=row.created_at,
            ended_at=row.ended_at,
            answer_by=row.answer_by,
            send_by=row.send_by,
            lapsed=row.lapsed,
            lines=lines[row.id],
            outcome=Outcome(row.outcome),
            back_carrier=row.back_carrier,
            back_number=row.back_number,
            replacement=numbers.get(row.id, ""),
        )
        for row, number, currency in rows
    ]
