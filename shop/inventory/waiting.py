"""Who is told when a sold-out variant is back: asked for, served in the order of asking, withdrawn.

Every unit that comes back is offered to one of those who wait; the rest wait for the next. A request is
told of once: ``told_at`` is written in the transaction that records the mail's event.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.account import credentials
from shop.catalog.models import Product, Variant
from shop.core import clock, ids, outbox
from shop.core.contact import email_key
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.inventory import queries
from shop.inventory.models import StockWait

ROUND_EVERY = timedelta(hours=20)
"""Units that those who were told have left on the shelf are offered to the next this much later."""
MOST_AT_ONCE = 500


def ask(variant_id: int, email: str, *, locale: str, user_id: int | None = None) -> None:
    """Wait for a variant under an address; who waits already keeps their place.

    ``user_id``: the member whose address it is. Raises ``Invalid("email-invalid")``, ``NotFound`` for
    goods not on sale, ``Conflict("in-stock-already")``.
    """
    address = credentials.email(email)
    status = db.session.scalar(
        select(Product.status)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id, Variant.archived_at.is_(None))
    )
    if status != "published":
        raise NotFound("variant-not-sold")
    if queries.availability([variant_id])[variant_id] != 0:
        raise Conflict("in-stock-already")
    anew = {
        "user_id": user_id,
        "email": address,
        "locale": locale,
        "told_at": None,
        "created_at": clock.now(),
    }
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StockWait)
    db.session.execute(
        insert.values(
            variant_id=variant_id, email_key=email_key(address), public_id=ids.public_id(), **anew
        ).on_conflict_do_update(
            index_elements=["variant_id", "email_key"],
            set_=anew,
            where=StockWait.told_at.is_not(None),
        )
    )
    if user_id is not None:  # asked before signing in: from now on it is the member's, in its place
        db.session.execute(
            update(StockWait)
            .where(
                StockWait.variant_id == variant_id,
                StockWait.email_key == email_key(address),
                StockWait.user_id.is_(None),
            )
            .values(user_id=user_id)
        )


def withdraw(variant_id: int, user_id: int) -> None:
    """A member no longer waits for a variant; repeating is harmless."""
    db.session.execute(
        delete(StockWait).where(StockWait.variant_id == variant_id, StockWait.user_id == user_id)
    )


def withdraw_all(public_id: str) -> int:
    """Nobody waits any more under the address of this request; returns how many requests ended.

    The request itself stays once it is told, so that the link in its mail goes on to work.
    """
    address = select(StockWait.email_key).where(StockWait.public_id == public_id)
    ended = (
        delete(StockWait)
        .where(StockWait.email_key.in_(address), StockWait.told_at.is_(None))
        .returning(StockWait.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(ended).all())


def came_back(units: Mapping[int, int]) -> None:
    """Units can be sold again, by variant: record ``stock.back{variant_id, units}`` for each that somebody
    waits for. No statement for nothing, else one."""
    if not units:
        return
    wanted = select(StockWait.variant_id).where(
        StockWait.variant_id.in_(units), StockWait.told_at.is_(None)
    )
    for variant_id in sorted(db.session.scalars(wanted.distinct())):
        outbox.record("stock.back", variant_id=variant_id, units=units[variant_id])


def serve(variant_id: int, units: int | None) -> int:
    """Tell as many as there are units, who asked first first; returns how many.

    ``units``: how many came (None: all that can be sold now are offered); never more than can be sold by
    now. Records ``wait.served{wait_id}`` for each.
    """
    free = queries.availability([variant_id]).get(variant_id, 0)
    limits = [limit for limit in (free, units) if limit is not None]
    waiting = (
        select(StockWait.id)
        .join(Variant, Variant.id == StockWait.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            StockWait.variant_id == variant_id,
            StockWait.told_at.is_(None),
            Variant.archived_at.is_(None),
            Product.status == "published",
        )
        .order_by(StockWait.created_at, StockWait.id)
        .limit(min([MOST_AT_ONCE, *limits]))
        .with_for_update(of=StockWait)  # two rounds at once must not pick the same people
    )
    chosen = db.session.scalars(waiting).all()
    told = db.session.scalars(
        update(StockWait)
        .where(StockWait.id.in_(chosen), StockWait.told_at.is_(None))
        .values(told_at=clock.now())
        .returning(StockWait.id)
        .execution_options(synchronize_session=False)
    ).all()
    for wait_id in sorted(told, key=list(chosen).index):
        outbox.record("wait.served", wait_id=wait_id)
    return len(told)


def due(limit: int = 500, after: int = 0) -> list[int]:
    """Variants somebody waits for, of which nobody was told for a while, by id: their next round is due."""
    return list(
        db.session.scalars(
            select(StockWait.variant_id)
            .where(StockWait.variant_id > after)
            .group_by(StockWait.variant_id)
            .having(
                func.count().filter(StockWait.told_at.is_(None)) > 0,
                or_(
                    func.max(StockWait.told_at).is_(None),
                    func.max(StockWait.told_at) < clock.now() - ROUND_EVERY,
                ),
            )
            .order_by(StockWait.variant_id)
            .limit(limit)
        )
    )


def forget_product(product_id: int) -> int:
    """The product is archived: nobody waits for it any more. Returns how many did."""
    gone = select(Product.id).where(Product.id == product_id, Product.status == "archived")
    return _delete(StockWait.variant_id.in_(select(Variant.id).where(Variant.product_id.in_(gone))))


def forget_old(told: timedelta, asked: timedelta, limit: int = 500) -> int:
    """Delete requests told of long ago, those asked for very long ago, and those for what is archived."""
    now = clock.now()
    archived = (
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(or_(Variant.archived_at.is_not(None), Product.status == "archived"))
    )
    old = select(StockWait.id).where(
        or_(
            StockWait.told_at < now - told,
            StockWait.created_at < now - asked,
            StockWait.variant_id.in_(archived),
        )
    )
    return _delete(StockWait.id.in_(old.limit(limit)))


def _delete(condition: object) -> int:
    gone = (
        delete(StockWait)
        .where(condition)  # type: ignore[arg-type]  # a column expression
        .returning(StockWait.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(gone).all())
