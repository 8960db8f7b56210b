"""Codes of services: issued at payment, used up visit by visit at the counter, taken back, extended.

Every verb first locks the order, as shipping and refunds do; what a code is good for is then changed by
one guarded update, beside an entry of its append-only ledger.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, update

from shop.catalog import terms
from shop.catalog.models import Product
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.lookups import Lookup, askable
from shop.order import lock, timeline
from shop.order.handover_models import RedemptionUse
from shop.order.models import Order, OrderLine, RedemptionCode

UNDO_WITHIN = timedelta(days=1)
LONGEST_NOTE = 200
LONGEST_VALIDITY = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What came of a redemption: ``left`` visits remain on the code; ``use`` names the entry."""

    number: str
    code: str
    use: str
    left: int


def normal(typed: str) -> str:
    """A typed or scanned code in the form it is stored in."""
    bare = "".join(ch for ch in typed.upper() if ch.isalnum())[:40]
    return "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def issue(line: OrderLine) -> None:
    """A code for each unit of a paid service line; its validity begins now."""
    days = db.session.scalar(select(Product.validity_days).where(Product.id == line.product_id))
    uses = terms.of(line.product_id).uses
    expires_at = clock.now() + timedelta(days=days) if days else None
    for _ in range(line.quantity - line.cancelled):
        db.session.add(
            RedemptionCode(
                line_id=line.id, code=ids.redemption_code(), expires_at=expires_at, uses=uses
            )
        )


def redeem(
    typed: str, store_ids: list[int], *, user_id: int, actor: str, uses: int = 1, note: str = ""
) -> Redeemed:
    """Staff take ``uses`` visits off a code of one of their stores.

    Raises ``NotFound("code-unknown")``, ``Conflict("code-redeemed" | "code-void" | "code-expired")``,
    ``Invalid("uses-out-of-range")`` with the most that is left.
    """
    if uses < 1:
        raise Invalid("uses-out-of-range", field="uses", maximum=1)
    code_id, order = _held(typed, store_ids)
    now = clock.now()
    total = RedemptionCode.used + uses
    row = db.session.execute(
        update(RedemptionCode)
        .where(
            RedemptionCode.id == code_id,
            RedemptionCode.state == "open",
            total <= RedemptionCode.uses,
            or_(RedemptionCode.expires_at.is_(None), RedemptionCode.expires_at > now),
        )
        .values(
            used=total,
            state=case((total == RedemptionCode.uses, "redeemed"), else_="open"),
            redeemed_at=now,
            redeemed_by=user_id,
        )
        .returning(RedemptionCode.code, (RedemptionCode.uses - RedemptionCode.used).label("left"))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise _why_not(code_id, now)
    entry = RedemptionUse(
        code_id=code_id, at=now, uses=uses, note=note.strip()[:LONGEST_NOTE], actor=actor
    )
    db.session.add(entry)
    db.session.flush()  # the answer names its public id
    timeline.note(order.id, "redeemed", actor=actor, code=row.code[-4:], uses=uses, left=row.left)
    return Redeemed(order.number, row.code, entry.public_id, row.left)


def _why_not(code_id: int, now: datetime) -> Exception:
    row = db.session.get_one(RedemptionCode, code_id, populate_existing=True)
    if row.state == "open" and row.expires_at is not None and row.expires_at <= now:
        return Conflict("code-expired", expires_at=row.expires_at)
    if row.state == "void":
        return Conflict("code-void")
    if row.state == "redeemed":
        return Conflict("code-redeemed", at=row.redeemed_at)
    return Invalid("uses-out-of-range", field="uses", maximum=row.uses - row.used)


def undo(use: str, store_ids: list[int], *, actor: str, note: str = "") -> Redeemed:
    """Take a redemption back within a day, by a reverse entry.

    Raises ``NotFound("use-unknown")``, ``Conflict("use-reversed" | "use-too-old" | "code-void")``.
    """
    found = db.session.execute(
        select(RedemptionUse.id, RedemptionCode.code)
        .join(RedemptionCode, RedemptionCode.id == RedemptionUse.code_id)
        .where(RedemptionUse.public_id == use, RedemptionUse.uses > 0)
    ).one_or_none()
    if found is None:
        raise NotFound("use-unknown")
    try:
        code_id, order = _held(found.code, store_ids)
    except NotFound:
        raise NotFound("use-unknown") from None
    entry = db.session.get_one(RedemptionUse, found.id)
    if entry.at < clock.now() - UNDO_WITHIN:
        raise Conflict("use-too-old")
    reversed_by = select(RedemptionUse.id).where(RedemptionUse.reverses_id == entry.id)
    if db.session.scalar(reversed_by) is not None:
        raise Conflict("use-reversed")
    row = db.session.execute(
        update(RedemptionCode)
        .where(
            RedemptionCode.id == code_id,
            RedemptionCode.state != "void",
            RedemptionCode.used >= entry.uses,
        )
        .values(used=RedemptionCode.used - entry.uses, state="open", redeemed_at=None)
        .returning(RedemptionCode.code, (RedemptionCode.uses - RedemptionCode.used).label("left"))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise Conflict("code-void")
    back = RedemptionUse(
        code_id=code_id,
        at=clock.now(),
        uses=-entry.uses,
        reverses_id=entry.id,
        note=note.strip()[:LONGEST_NOTE],
        actor=actor,
    )
    db.session.add(back)
    db.session.flush()  # the answer names its public id
    timeline.note(order.id, "redeem_undone", actor=actor, code=row.code[-4:], uses=entry.uses)
    return Redeemed(order.number, row.code, back.public_id, row.left)


def extend(
    typed: str, store_ids: list[int], until: datetime, *, reason: str, actor: str
) -> Redeemed:
    """Let a code be good until ``until``, an ended one as well. The buyer is reminded of it anew.

    Raises ``Invalid("extension-reason" | "extension-past" | "extension-far")`` and
    ``Conflict("code-redeemed" | "code-void")``.
    """
    code_id, order = _held(typed, store_ids)
    if not reason.strip():
        raise Invalid("extension-reason", field="reason")
    row = db.session.get_one(RedemptionCode, code_id, populate_existing=True)
    if row.state != "open":
        raise Conflict("code-void" if row.state == "void" else "code-redeemed", at=row.redeemed_at)
    if until <= max(clock.now(), row.expires_at or clock.now()):
        raise Invalid("extension-past", field="until")
    if until > clock.now() + LONGEST_VALIDITY:
        raise Invalid("extension-far", field="until")
    row.expires_at = until
    row.reminded_at = None
    timeline.note(
        order.id,
        "code_extended",
        actor=actor,
        code=row.code[-4:],
        until=until.isoformat(),
        why=reason.strip()[:LONGEST_NOTE],
    )
    return Redeemed(order.number, row.code, "", row.uses - row.used)


def _held(typed: str, store_ids: list[int]) -> tuple[int, Order]:
    """The id of a code and its order, locked. Raises ``NotFound("code-unknown")``."""
    found = db.session.execute(
        select(RedemptionCode.id, Order.id.label("order_id"))
        .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(RedemptionCode.code == normal(typed), Order.store_id.in_(store_ids))
    ).one_or_none()
    if found is None:
        raise NotFound("code-unknown", field="code")
    return found.id, lock.order(found.order_id)


@askable
def begun(order_id: int) -> Lookup[dict[int, int]]:
    """How many codes of each line somebody has begun to use: these units are not refunded. Whoever
    decides upon it has locked the order."""
    return Lookup(
        dict,
        select(RedemptionCode.line_id, func.count().label("many"))
        .join(OrderLine, OrderLine.id == RedemptionCode.line_id)
        .where(OrderLine.order_id == order_id, RedemptionCode.used > 0)
        .group_by(RedemptionCode.line_id),
    )


def void(line_id: int, units: int) -> None:
    """Refunded units of a service: as many codes that nobody has begun to use are no longer good."""
    chosen = (
        select(RedemptionCode.id)
        .where(
            RedemptionCode.line_id == line_id,
            RedemptionCode.state == "open",
            RedemptionCode.used == 0,
        )
        .order_by(RedemptionCode.id.desc())
        .limit(units)
    )
    db.session.execute(
        update(RedemptionCode)
        .where(RedemptionCode.id.in_(chosen), RedemptionCode.state == "open")
        .values(state="void")
        .execution_options(synchronize_session=False)
    )
