"""What must hold of coupons, whatever happened: for ``flask doctor`` and for tests."""

from collections import Counter

from sqlalchemy import func, select

from shop.campaigns.models import Coupon, CouponUse, Redemption, RedemptionShare
from shop.core.db import db
from shop.core.repairs import Repair


def differences() -> list[str]:
    """Counters that do not equal what they count, redemptions that do not equal their shares, and uses
    kept or given back wrongly: a sentence each, with ids."""
    return [*_counters(), *_uses(), *_shares()]


def counters_apart() -> list[tuple[int, int, int]]:
    """Coupons whose count is not that of the redemptions that stand: id, what is kept, what is right."""
    standing = (
        select(func.count(Redemption.id))
        .where(Redemption.coupon_id == Coupon.id, Redemption.returned_at.is_(None))
        .correlate(Coupon)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Coupon.id, Coupon.used, standing).where(Coupon.used != standing).order_by(Coupon.id)
    )
    return [(coupon_id, used, int(counted)) for coupon_id, used, counted in rows]


def _counters() -> list[str]:
    return [
        f"coupon {coupon_id}: counts {used} uses, but {counted} redemptions stand"
        for coupon_id, used, counted in counters_apart()
    ]


def repairs() -> list[Repair]:
    """Counts of coupons brought back to the redemptions that stand."""
    return [Repair(Coupon.used, {"id": cid}, used, real) for cid, used, real in counters_apart()]


def _uses() -> list[str]:
    counted: Counter[tuple[int, str]] = Counter()
    standing = db.session.execute(
        select(Redemption.coupon_id, Redemption.customer_keys)
        .where(Redemption.returned_at.is_(None))
        .execution_options(yield_per=1000)
    )
    for coupon_id, keys in standing:
        counted.update((coupon_id, key) for key in keys["keys"])
    kept = Counter(
        {
            (coupon_id, key): used
            for coupon_id, key, used in db.session.execute(
                select(CouponUse.coupon_id, CouponUse.customer_key, CouponUse.used)
            )
        }
    )
    return [
        f"coupon {coupon_id}: counts {kept[coupon_id, key]} uses of customer {key}, "
        f"but {counted[coupon_id, key]} stand"
        for coupon_id, key in sorted(set(kept) | set(counted))
        if kept[coupon_id, key] != counted[coupon_id, key]
    ]


def _shares() -> list[str]:
    rows = db.session.execute(
        select(
            Redemption.id,
            Redemption.amount_minor,
            func.coalesce(func.sum(RedemptionShare.amount_minor), 0).label("shared"),
            (func.count(RedemptionShare.id) - func.count(RedemptionShare.released_at)).label(
                "held"
            ),
            Redemption.returned_at,
        )
        .outerjoin(RedemptionShare, RedemptionShare.redemption_id == Redemption.id)
        .group_by(Redemption.id)
        .order_by(Redemption.id)
    ).all()
    found = [
        f"redemption {row.id}: {row.amount_minor}, but its shares sum to {int(row.shared)}"
        for row in rows
        if row.amount_minor != row.shared
    ]
    found += [
        f"redemption {row.id}: {row.held} orders hold it, but its use "
        + ("was given back" if row.returned_at else "was not given back")
        for row in rows
        if (row.held == 0) != (row.returned_at is not None)
    ]
    return found
