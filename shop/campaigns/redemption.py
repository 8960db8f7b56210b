"""Using a coupon at a checkout, giving it back, and taking it again for late money.

The limits hold by guarded updates. Locks are taken in one order: the redemption (if there is one yet),
the coupon, then its counters per person by key. Who holds the coupon's row is alone with its counters.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from shop.campaigns.guards import lives, refuse_coupon, upsert
from shop.campaigns.models import Coupon, CouponUse, Redemption, RedemptionShare
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict


def redeem(
    coupon_id: int,
    checkout_id: int,
    customer_keys: Sequence[str],
    amount_minor: int,
    shares: Mapping[int, int],
) -> int:
    """Use a coupon once at a checkout; returns the redemption's id.

    ``customer_keys``: everything the person is known by (``queries.customer_keys``); a use counts for
    each of them, so that a guest does not come again under half of the old name. ``amount_minor`` > 0
    is what the coupon took off, ``shares`` the same by order id. Raises ``Conflict`` with
    ``coupon-used-up``, ``coupon-limit-per-user``, ``coupon-ended`` or ``coupon-not-started``; the
    transaction must then be rolled back.
    """
    if not customer_keys:
        raise ValueError("somebody must be using the coupon")
    if amount_minor <= 0 or sum(shares.values()) != amount_minor or min(shares.values()) <= 0:
        raise ValueError("the shares of a redemption are positive and sum to its amount")
    now = clock.now()
    taken = db.session.execute(
        update(Coupon)
        .where(
            Coupon.id == coupon_id,
            Coupon.starts_at <= now,
            lives(Coupon, now),
            Coupon.total_limit.is_(None) | (Coupon.used < Coupon.total_limit),
        )
        .values(used=Coupon.used + 1)
        .returning(Coupon.code, Coupon.per_user_limit)
    ).first()
    if taken is None:
        refuse_coupon(coupon_id, now)
    keys = sorted(set(customer_keys))
    _use(coupon_id, taken.code, taken.per_user_limit, keys)
    redemption = Redemption(
        coupon_id=coupon_id,
        checkout_id=checkout_id,
        customer_keys={"keys": keys},
        amount_minor=amount_minor,
    )
    db.session.add(redemption)
    db.session.flush()  # its id is what the shares refer to
    db.session.add_all(
        RedemptionShare(redemption_id=redemption.id, order_id=order_id, amount_minor=share)
        for order_id, share in shares.items()
    )
    return redemption.id


def release_order(order_id: int) -> None:
    """Give back what an order holds of its coupon. Harmless when repeated.

    The use itself comes back, once, when the last order of its checkout has given back its share.
    """
    now = clock.now()
    for redemption in _redemptions_of(order_id):
        db.session.execute(
            update(RedemptionShare)
            .where(
                RedemptionShare.redemption_id == redemption.id,
                RedemptionShare.order_id == order_id,
                RedemptionShare.released_at.is_(None),
            )
            .values(released_at=now)
        )
        held = select(RedemptionShare.id).where(
            RedemptionShare.redemption_id == redemption.id, RedemptionShare.released_at.is_(None)
        )
        returned = db.session.scalar(
            update(Redemption)
            .where(Redemption.id == redemption.id, Redemption.returned_at.is_(None), ~held.exists())
            .values(returned_at=now)
            .returning(Redemption.id)
        )
        if returned is not None:
            _give_back(redemption)


def reclaim_order(order_id: int) -> None:
    """Late money for a cancelled order: it holds its share again. Harmless when repeated.

    If the use had come back it is taken again, so far as the limits allow; that the coupon has ended
    meanwhile does not matter, for the order was placed in time. Raises ``Conflict("coupon-used-up")``
    or ``Conflict("coupon-limit-per-user")``; the transaction must then be rolled back.
    """
    for redemption in _redemptions_of(order_id):
        held_again = db.session.scalar(
            update(RedemptionShare)
            .where(
                RedemptionShare.redemption_id == redemption.id,
                RedemptionShare.order_id == order_id,
                RedemptionShare.released_at.is_not(None),
            )
            .values(released_at=None)
            .returning(RedemptionShare.id)
        )
        if held_again is None:
            continue
        taken_again = db.session.scalar(
            update(Redemption)
            .where(Redemption.id == redemption.id, Redemption.returned_at.is_not(None))
            .values(returned_at=None)
            .returning(Redemption.id)
        )
        if taken_again is not None:
            _take_again(redemption)


def _redemptions_of(order_id: int) -> Sequence[Redemption]:
    """The redemptions an order has a share in, locked: two orders of one checkout that end at the same
    moment must see one another, or the use would never come back."""
    return db.session.scalars(
        select(Redemption)
        .join(RedemptionShare, RedemptionShare.redemption_id == Redemption.id)
        .where(RedemptionShare.order_id == order_id)
        .order_by(Redemption.coupon_id, Redemption.id)
        .with_for_update(of=Redemption)
        .execution_options(populate_existing=True)
    ).all()


def _use(coupon_id: int, code: str, limit: int | None, keys: Sequence[str]) -> None:
    """Count one use for each key, none beyond ``limit``."""
    for key in keys:
        counted = db.session.scalar(
            upsert(CouponUse)
            .values(coupon_id=coupon_id, customer_key=key, used=1)
            .on_conflict_do_update(
                index_elements=["coupon_id", "customer_key"],
                set_={"used": CouponUse.used + 1},
                where=None if limit is None else CouponUse.used < limit,
            )
            .returning(CouponUse.id)
        )
        if counted is None:
            raise Conflict("coupon-limit-per-user", code=code, limit=limit)


def _give_back(redemption: Redemption) -> None:
    db.session.execute(
        update(Coupon).where(Coupon.id == redemption.coupon_id).values(used=Coupon.used - 1)
    )
    for key in redemption.customer_keys["keys"]:
        db.session.execute(
            update(CouponUse)
            .where(CouponUse.coupon_id == redemption.coupon_id, CouponUse.customer_key == key)
            .values(used=CouponUse.used - 1)
        )


def _take_again(redemption: Redemption) -> None:
    taken = db.session.execute(
        update(Coupon)
        .where(
            Coupon.id == redemption.coupon_id,
            Coupon.total_limit.is_(None) | (Coupon.used < Coupon.total_limit),
        )
        .values(used=Coupon.used + 1)
        .returning(Coupon.code, Coupon.per_user_limit)
    ).first()
    if taken is None:
        code = db.session.scalar(select(Coupon.code).where(Coupon.id == redemption.coupon_id))
        raise Conflict("coupon-used-up", code=code)
    _use(redemption.coupon_id, taken.code, taken.per_user_limit, redemption.customer_keys["keys"])
