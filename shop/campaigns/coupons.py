"""Making, changing, ending and claiming coupons."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.exc import IntegrityError

from shop.campaigns import validation
from shop.campaigns.data import CouponData
from shop.campaigns.guards import lives, of_store, refuse_coupon, upsert
from shop.campaigns.models import Coupon, CouponGrant
from shop.core import audit, clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.store import queries as stores


def create_coupon(data: CouponData, *, actor: str, user_id: int | None = None) -> Coupon:
    """Make a coupon. Raises ``Invalid`` with the field to mend: among others
    ``coupon-code-taken``, for a code is unique in its store (or among the platform's) whatever its case.
    """
    values = _coupon_values(data)
    # The unique index decides, not a look beforehand: two may ask for the same code at once.
    coupon_id = db.session.scalar(
        upsert(Coupon)
        .values(
            **values,
            public_id=ids.public_id(),
            store_id=data.store_id,
            used=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Coupon.id)
    )
    if coupon_id is None:
        raise Invalid("coupon-code-taken", field="code", code=data.code)
    audit.write(
        "coupon.create",
        f"coupon {values['code']}",
        actor=actor,
        user_id=user_id,
        store_id=data.store_id,
        kind=data.kind,
        value=data.value,
    )
    return db.session.get_one(Coupon, coupon_id)


def update_coupon(
    coupon_id: int, data: CouponData, *, actor: str, user_id: int | None = None
) -> None:
    """Change a coupon that was not ended; it stays its store's. What orders took off stays as it was.

    Raises as ``create_coupon``; ``Invalid("coupon-limit-below-used")`` for a limit that redemptions
    have passed already; ``Conflict("coupon-ended")``; ``NotFound``.
    """
    values = _coupon_values(data)
    if data.starts_at is None:
        values.pop("starts_at")
    guards: list[ColumnElement[bool]] = [Coupon.ended_at.is_(None)]
    if data.total_limit is not None:
        guards.append(Coupon.used <= data.total_limit)
    try:
        with db.session.begin_nested():  # a code that is taken must not spoil the transaction
            changed = db.session.scalar(
                update(Coupon)
                .where(Coupon.id == coupon_id, of_store(Coupon.store_id, data.store_id), *guards)
                .values(**values)
                .returning(Coupon.id)
            )
    except IntegrityError as error:
        if "code_key" in str(error.orig):
            raise Invalid("coupon-code-taken", field="code", code=data.code) from error
        if "ck_coupon_window" in str(error.orig):
            raise Invalid("ends-before-start", field="ends_at") from error
        raise
    if changed is None:
        row = db.session.execute(
            select(Coupon.used, Coupon.ended_at).where(
                Coupon.id == coupon_id, of_store(Coupon.store_id, data.store_id)
            )
        ).first()
        if row is None:
            raise NotFound("coupon-unknown")
        if row.ended_at is not None:
            raise Conflict("coupon-ended", ends_at=row.ended_at)
        raise Invalid("coupon-limit-below-used", field="total_limit", used=row.used)
    audit.write(
        "coupon.update",
        f"coupon {values['code']}",
        actor=actor,
        user_id=user_id,
        store_id=data.store_id,
        kind=data.kind,
        value=data.value,
    )


def end_coupon(coupon_id: int, *, actor: str, user_id: int | None = None) -> None:
    """End a coupon early, now. Raises ``Conflict("coupon-ended")`` when it has ended, ``NotFound``."""
    now = clock.now()
    row = db.session.execute(
        update(Coupon)
        .where(Coupon.id == coupon_id, lives(Coupon, now))
        .values(ended_at=now)
        .returning(Coupon.code, Coupon.store_id)
    ).first()
    if row is None:
        refuse_coupon(coupon_id, now)
    audit.write(
        "coupon.end", f"coupon {row.code}", actor=actor, user_id=user_id, store_id=row.store_id
    )


def claim(coupon_id: int, user_id: int) -> bool:
    """Put a listed coupon among the user's own; False when it was there already.

    Claiming reserves nothing: the limits hold when it is redeemed. Raises ``NotFound`` for a coupon
    that is not given out, ``Conflict`` with ``coupon-not-started``, ``-ended`` or ``-used-up``.
    """
    now = clock.now()
    given = select(literal(user_id), Coupon.id, literal(now, Coupon.created_at.type)).where(
        Coupon.id == coupon_id,
        Coupon.listed.is_(True),
        Coupon.starts_at <= now,
        lives(Coupon, now),
        Coupon.total_limit.is_(None) | (Coupon.used < Coupon.total_limit),
    )
    claimed = db.session.scalar(
        upsert(CouponGrant)
        .from_select(["user_id", "coupon_id", "created_at"], given)
        .on_conflict_do_nothing(index_elements=["coupon_id", "user_id"])
        .returning(CouponGrant.id)
    )
    if claimed is not None:
        return True
    mine = (
        select(func.count())
        .select_from(CouponGrant)
        .where(CouponGrant.coupon_id == coupon_id, CouponGrant.user_id == user_id)
    )
    if db.session.scalar(mine):
        return False
    refuse_coupon(coupon_id, now, listed_only=True)


def _coupon_values(data: CouponData) -> dict[str, Any]:
    now = clock.now()
    validation.coupon(data, now)
    store = stores.get(data.store_id).currency if data.store_id is not None else None
    code = validation.code(data.code)
    return {
        "code": code,
        "code_key": validation.code_key(code),
        "kind": data.kind,
        "value": data.value,
        "threshold_minor": data.threshold_minor,
        "currency": validation.currency(data.currency, store),
        "total_limit": data.total_limit,
        "per_user_limit": data.per_user_limit,
        "listed": data.listed,
        "titles": validation.titles(data.titles),
        "starts_at": data.starts_at or now,
        "ends_at": data.ends_at,
    }
