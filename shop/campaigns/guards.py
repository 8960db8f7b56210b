"""Conditions of guarded updates on offers, and what a failed one means."""

from datetime import datetime
from typing import NoReturn, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from shop.campaigns.models import Coupon, Promotion
from shop.campaigns.states import OfferState, end_of, state_of
from shop.core.db import Base, db
from shop.core.errors import Conflict, NotFound


def upsert(model: type[Base]) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, for whichever database this is."""
    if db.engine.dialect.name == "sqlite":
        return sqlite.insert(model)
    # Both dialects spell ON CONFLICT alike; the types have no common name.
    return cast(sqlite.Insert, postgresql.insert(model))


def lives(model: type[Coupon] | type[Promotion], now: datetime) -> ColumnElement[bool]:
    """The offer has not ended, neither as planned nor early."""
    return model.ended_at.is_(None) & (model.ends_at.is_(None) | (model.ends_at > now))


def of_store(
    column: InstrumentedAttribute[int | None], store_id: int | None
) -> ColumnElement[bool]:
    """The offer is this store's, or the platform's for None."""
    return column.is_(None) if store_id is None else column == store_id


def refuse_coupon(coupon_id: int, now: datetime, *, listed_only: bool = False) -> NoReturn:
    """Say why a guarded update did not take a coupon.

    Raises ``NotFound("coupon-unknown")``, or ``Conflict`` with ``coupon-not-started``,
    ``coupon-ended`` or, when the window is open, ``coupon-used-up``.
    """
    coupon = db.session.get(Coupon, coupon_id, populate_existing=True)
    if coupon is None or (listed_only and not coupon.listed):
        raise NotFound("coupon-unknown")
    ends_at = end_of(coupon.ends_at, coupon.ended_at)
    state = state_of(now, coupon.starts_at, ends_at)
    if state is OfferState.SCHEDULED:
        raise Conflict("coupon-not-started", code=coupon.code, starts_at=coupon.starts_at)
    if state is OfferState.ENDED:
        raise Conflict("coupon-ended", code=coupon.code, ends_at=ends_at)
    raise Conflict("coupon-used-up", code=coupon.code)


def refuse_promotion(promotion_id: int, store: ColumnElement[bool]) -> NoReturn:
    """Say why a guarded update did not take a promotion: ``NotFound``, or ``Conflict`` for an ended one."""
    row = db.session.execute(
        select(Promotion.ends_at, Promotion.ended_at).where(Promotion.id == promotion_id, store)
    ).first()
    if row is None:
        raise NotFound("promotion-unknown")
    raise Conflict("promotion-ended", ends_at=end_of(row.ends_at, row.ended_at))
