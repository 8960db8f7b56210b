"""Reading codes of services: the card at the counter, what ends soon, what must hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from shop.catalog.terms import USUAL
from shop.catalog.terms_models import GoodsTerms
from shop.core import clock
from shop.core.db import db
from shop.core.i18n import pick
from shop.order.codes import UNDO_WITHIN, normal
from shop.order.handover_models import RedemptionUse
from shop.order.models import Order, OrderContact, OrderLine, RedemptionCode


@dataclass(frozen=True, slots=True)
class UseView:
    """An entry of a code's ledger; ``uses`` below 0 takes an earlier one back."""

    public_id: str
    at: datetime
    uses: int
    note: str
    actor: str
    reversed: bool
    may_undo: bool


@dataclass(frozen=True, slots=True)
class CodeCard:
    """What staff see of a code at the counter."""

    code: str
    state: str
    uses: int
    used: int
    expires_at: datetime | None
    title: str
    options: str
    image_name: str | None
    buyer: str
    number: str
    ledger: list[UseView]

    @property
    def left(self) -> int:
        """Visits that remain."""
        return self.uses - self.used

    @property
    def expired(self) -> bool:
        """Its time is over."""
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def good(self) -> bool:
        """It can be redeemed now."""
        return self.state == "open" and self.left > 0 and not self.expired


def card(typed: str, store_ids: Sequence[int], locale: str) -> CodeCard | None:
    """A code of one of these stores with its order, its buyer's name and its ledger, newest first."""
    found = db.session.execute(
        select(RedemptionCode, OrderLine, Order.number, OrderContact.name)
        .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(RedemptionCode.code == normal(typed), Order.store_id.in_(store_ids))
    ).first()
    if found is None:
        return None
    code, line, number, buyer = found
    entries = db.session.scalars(
        select(RedemptionUse)
        .where(RedemptionUse.code_id == code.id)
        .order_by(RedemptionUse.id.desc())
        .limit(200)
    ).all()
    undone = {entry.reverses_id for entry in entries if entry.reverses_id is not None}
    since = clock.now() - UNDO_WITHIN
    return CodeCard(
        code=code.code,
        state=code.state,
        uses=code.uses,
        used=code.used,
        expires_at=code.expires_at,
        title=pick(line.titles, locale),
        options=pick(line.options, locale),
        image_name=line.image_name,
        buyer=buyer or "",
        number=number,
        ledger=[
            UseView(
                entry.public_id,
                entry.at,
                entry.uses,
                entry.note,
                entry.actor,
                entry.id in undone,
                code.state != "void"
                and entry.uses > 0
                and entry.id not in undone
                and entry.at >= since,
            )
            for entry in entries
        ],
    )


def ending(limit: int = 500) -> list[tuple[int, int, bool]]:
    """Good codes whose reminder is due: (order id, code id, whether a mail makes sense).

    A code whose whole life is hardly longer than its reminder's days needs none: the mail with the
    code has just been sent.
    """
    now = clock.now()
    days = set(db.session.scalars(select(GoodsTerms.remind_days).distinct())) | {USUAL.remind_days}
    kept = func.coalesce(GoodsTerms.remind_days, USUAL.remind_days)
    found: list[tuple[int, int, bool]] = []
    for number in sorted(days - {0}):
        rows = db.session.execute(
            select(OrderLine.order_id, RedemptionCode)
            .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
            .outerjoin(GoodsTerms, GoodsTerms.product_id == OrderLine.product_id)
            .where(
                RedemptionCode.state == "open",
                RedemptionCode.reminded_at.is_(None),
                RedemptionCode.expires_at > now,
                RedemptionCode.expires_at <= now + timedelta(days=number),
                kept == number,
            )
            .order_by(OrderLine.order_id, RedemptionCode.id)
            .limit(limit - len(found))
        )
        for order_id, code in rows:
            whole = (code.expires_at or now) - code.created_at
            found.append((order_id, code.id, whole > timedelta(days=number + 1)))
    return found


def texts(code_ids: Sequence[int]) -> set[str]:
    """The codes with these ids that are still good."""
    return set(
        db.session.scalars(
            select(RedemptionCode.code).where(
                RedemptionCode.id.in_(code_ids),
                RedemptionCode.state == "open",
                RedemptionCode.expires_at > clock.now(),
            )
        )
    )


def differences() -> list[str]:
    """Codes whose ledger or state does not say what they count: for ``flask doctor``."""
    total = func.coalesce(func.sum(RedemptionUse.uses), 0)
    rows = db.session.execute(
        select(RedemptionCode.id, RedemptionCode.used, total)
        .outerjoin(RedemptionUse, RedemptionUse.code_id == RedemptionCode.id)
        .group_by(RedemptionCode.id, RedemptionCode.used)
        .having(RedemptionCode.used != total)
    )
    wrong = [
        f"redemption_code {cid}: {kept} used, its uses sum to {real}" for cid, kept, real in rows
    ]
    whole = case((RedemptionCode.used == RedemptionCode.uses, "redeemed"), else_="open")
    states = db.session.execute(
        select(RedemptionCode.id, RedemptionCode.state, RedemptionCode.used, RedemptionCode.uses)
        .where(RedemptionCode.state != "void", RedemptionCode.state != whole)
        .order_by(RedemptionCode.id)
    )
    return wrong + [
        f"redemption_code {cid}: {state}, yet {used} of {uses} used"
        for cid, state, used, uses in states
    ]
