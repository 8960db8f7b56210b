"""Reading campaigns: the rules for pricing, and what shoppers see of coupons and promotions."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    case,
    func,
    select,
    union_all,
)

from shop.campaigns import taxes, validation
from shop.campaigns.coupon_rows import coupon_rows, listed, soonest_first, views
from shop.campaigns.data import CouponView, PromotionView
from shop.campaigns.engine.benefits import AmountOff
from shop.campaigns.engine.conditions import GoodsFrom
from shop.campaigns.engine.values import (
    CouponRule,
    DeliveryRule,
    Lane,
    MemberRule,
    Rules,
    Scope,
    Step,
)
from shop.campaigns.engine.values import Promotion as Offer
from shop.campaigns.guards import lives
from shop.campaigns.models import Coupon, CouponGrant, CouponUse, Promotion
from shop.campaigns.offers import promotion_view, tiers_of
from shop.campaigns.states import end_of
from shop.core import contact
from shop.core.db import db
from shop.membership import queries as membership
from shop.store.models import Store
from shop.store.places import Destination

_SAME_CODE = 20
"""Of how many stores that share a code outside the cart the shopper is told: their own come first."""


def customer_key_user(user_id: int) -> str:
    """What a signed-in person's uses of a coupon are counted by."""
    return f"u:{user_id}"


def customer_key_contact(email: str, phone: str, region: str = "CN") -> list[str]:
    """What anybody's uses are counted by besides: hashes of the normalised e-mail and phone, of those
    that are given. ``A@x.com`` and ``a@x.com`` are one person, so are ``138…`` and ``+86 138…`` where
    ``region`` is China."""
    known = []
    if email.strip():
        known.append("email:" + contact.email_key(email))
    number = contact.phone_key(phone, region) if phone.strip() else ""
    if number:
        known.append("phone:" + number)
    return ["c:" + hashlib.sha256(text.encode()).hexdigest() for text in known]


def customer_keys(
    user_id: int | None, email: str = "", phone: str = "", region: str = "CN"
) -> list[str]:
    """Everything a buyer is known by: ``redeem`` counts them all, ``rules_for`` asks for them all."""
    own = [] if user_id is None else [customer_key_user(user_id)]
    return own + customer_key_contact(email, phone, region)


def rules_for(
    store_ids: Collection[int],
    currency: str,
    *,
    now: datetime,
    coupon_code: str | None = None,
    user_id: int | None = None,
    customer_keys: Collection[str] = (),
    deliveries: Mapping[int, DeliveryRule] | None = None,
    destination: Destination | None = None,
    pickups: Mapping[int, Collection[str]] | None = None,
) -> Rules:
    """Everything that may change the price of goods of these stores, which all sell in ``currency``.

    At most five statements, four where the caller knows the ``deliveries``. ``destination``: where the goods
    go, if that is known; ``pickups``: the regions where those of each store can be fetched. ``customer_keys`` tells what else than the user the buyer is known by, as
    soon as it is known. Raises ``ValueError`` for a store that sells in another currency.
    """
    if deliveries is None:
        deliveries = _flat_rates(store_ids, currency)
    code = (coupon_code or "").strip()
    keys = set(customer_keys) | ({customer_key_user(user_id)} if user_id is not None else set())
    return Rules(
        currency=currency,
        promotions=running_offers(store_ids, currency, now),
        coupons=_coupons_named(code, store_ids, keys) if code else (),
        coupon_code=code or None,
        members={
            store_id: MemberRule(level.level_id, level.discount_bp, level.names)
            for store_id, level in membership.discounts(user_id, list(store_ids)).items()
        },
        deliveries=deliveries,
        taxes=taxes.rules(store_ids, destination, pickups),
    )


def _flat_rates(store_ids: Collection[int], currency: str) -> dict[int, DeliveryRule]:
    found = {}
    for row in db.session.execute(
        select(
            Store.id, Store.currency, Store.flat_delivery_minor, Store.free_delivery_from_minor
        ).where(Store.id.in_(store_ids))
    ):
        if row.currency != currency:
            raise ValueError(f"store {row.id} sells in {row.currency}, not in {currency}")
        found[row.id] = DeliveryRule(row.flat_delivery_minor, row.free_delivery_from_minor)
    return found


def running_offers(
    store_ids: Collection[int], currency: str, now: datetime, *, ahead: bool = False
) -> tuple[Offer, ...]:
    """The promotions that hold now for goods of these stores, as pricing takes them; with ``ahead`` also
    those that begin later, for pricing at a later moment. One statement."""
    rows = db.session.scalars(_running(store_ids, now, ahead=ahead))
    return tuple(_offer(row) for row in rows if row.currency == currency)


def _running(
    store_ids: Collection[int] | None, now: datetime, *, ahead: bool = False
) -> Select[Promotion]:
    query = select(Promotion).where(lives(Promotion, now))
    if not ahead:
        query = query.where(Promotion.starts_at <= now)
    if store_ids is not None:
        query = query.where(Promotion.store_id.is_(None) | Promotion.store_id.in_(store_ids))
    return query.order_by(Promotion.priority.desc(), Promotion.id)


def _offer(row: Promotion) -> Offer:
    return Offer(
        "promotion",
        row.id,
        Lane.SPEND_AND_SAVE,
        Scope(row.store_id),
        tuple(
            Step(AmountOff(tier.off_minor), (GoodsFrom(tier.over_minor),)) for tier in tiers_of(row)
        ),
        row.titles,
        row.currency,
        row.priority,
        row.starts_at,
        end_of(row.ends_at, row.ended_at),
    )


def _coupons_named(
    code: str, store_ids: Collection[int], keys: Collection[str]
) -> tuple[CouponRule, ...]:
    used_by_customer = (
        select(func.max(CouponUse.used))
        .where(CouponUse.coupon_id == Coupon.id, CouponUse.customer_key.in_(keys))
        .correlate(Coupon)
        .scalar_subquery()
    )
    ours = Coupon.store_id.is_(None) | Coupon.store_id.in_(store_ids)
    rows = db.session.execute(
        select(Coupon, used_by_customer)
        .where(Coupon.code_key == validation.code_key(code))
        .order_by(case((ours, 0), else_=1), Coupon.id)
        .limit(len(store_ids) + 1 + _SAME_CODE)
    )
    return tuple(
        CouponRule(
            coupon_id=row.id,
            code=row.code,
            store_id=row.store_id,
            currency=row.currency,
            kind=row.kind,
            value=row.value,
            threshold_minor=row.threshold_minor,
            labels=row.titles or {"en": row.code, "zh": row.code},
            starts_at=row.starts_at,
            ends_at=end_of(row.ends_at, row.ended_at),
            left=_left(row.total_limit, row.used),
            left_for_customer=_left(row.per_user_limit, used or 0),
        )
        for row, used in rows
    )


def _left(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(0, limit - used)


def listed_coupons(
    store_ids: Collection[int] | None,
    user_id: int | None,
    now: datetime,
    locale: str,
    *,
    limit: int = 50,
    ahead: bool = False,
) -> list[CouponView]:
    """Coupons that are given out and can be had now, soonest to end first. One statement.

    ``store_ids``: of these stores and of the platform; None: of all. ``ahead``: those that begin later
    come along.
    """
    values: dict[str, Any] = {"now": now, "limit": limit}
    if store_ids is not None:
        values["stores"] = list(store_ids)
    return views(listed(ahead, store_ids is not None), values | _of(user_id), now, locale)


def coupons_of(user_id: int, now: datetime, locale: str, *, limit: int = 100) -> list[CouponView]:
    """Every coupon a user has claimed or used, soonest to end first. One statement.

    ``usable`` tells those to use from those used or over.
    """
    mine = (
        select(CouponGrant.coupon_id)
        .where(CouponGrant.user_id == user_id)
        .union(
            select(CouponUse.coupon_id).where(
                CouponUse.customer_key == customer_key_user(user_id), CouponUse.used > 0
            )
        )
    )
    query = coupon_rows().where(Coupon.id.in_(mine.scalar_subquery()))
    return views(query.order_by(*soonest_first()).limit(limit), _of(user_id), now, locale)


def listed_coupon_id(public_id: str) -> int | None:
    """The id of a coupon that is given out, for claiming."""
    return db.session.scalar(
        select(Coupon.id).where(Coupon.public_id == public_id, Coupon.listed.is_(True))
    )


def active_promotions(
    store_ids: Collection[int] | None, now: datetime, locale: str
) -> list[PromotionView]:
    """Promotions that hold now, as ``listed_coupons`` chooses. One statement."""
    rows = db.session.scalars(_running(store_ids, now))
    return [promotion_view(row, now, locale) for row in rows]


def _of(user_id: int | None) -> dict[str, Any]:
    """Whose claims and uses ``coupon_rows`` tells."""
    return {} if user_id is None else {"customer": customer_key_user(user_id), "me": user_id}


def next_edge(now: datetime) -> datetime | None:
    """When the next campaign or coupon begins or ends after ``now``: until then offers stay what they are.
    One statement."""
    edges = [
        select(column.label("edge")).where(column > now)
        for column in (Promotion.starts_at, Promotion.ends_at, Coupon.starts_at, Coupon.ends_at)
    ]
    edge: datetime | None = db.session.scalar(select(func.min(union_all(*edges).subquery().c.edge)))
    return edge
