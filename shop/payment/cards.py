"""Gift cards and store balances: issued, credited, spent, given back, voided, expired.

One guarded update moves a balance, and the entry beside it tells why. Locks: orders, stock, coupon and
points come before a card (architecture §4).
"""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, idempotency, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.payment import card_codes
from shop.payment.card_models import GiftCard, GiftCardEntry
from shop.payment.card_states import CARD, CardState, EntryKind

GATEWAY = "gift_card"
"""The gateway under which payments by card and by balance are kept."""

MOST = 10_000_000
"""The most minor units that one card is issued or one balance credited with at once."""


def issue(
    store_id: int,
    amount_minor: int,
    currency: str,
    *,
    recipient: str,
    message: str,
    locale: str,
    expires_at: datetime | None,
    actor: str,
    reason: str,
    key: str,
    secret: str,
) -> str:
    """A new card whose code is mailed to ``recipient``; returns its public id. The same ``key`` counts once.

    Raises ``Invalid`` for an amount that is none, a time that is over, or nobody to write to.
    """
    content = [store_id, amount_minor, currency, recipient, message, str(expires_at), reason]
    known = idempotency.begin("gift-card", key, content)
    if known is not None:
        return known
    if not 0 < amount_minor <= MOST:
        raise Invalid("card-amount", field="amount", most_minor=MOST, currency=currency)
    if "@" not in recipient:
        raise Invalid("card-recipient", field="recipient")
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("card-expiry", field="expires")
    card = _new(store_id, currency, recipient=recipient, locale=locale, expires_at=expires_at)
    card.message = message.strip()[:500]
    move(card.id, amount_minor, EntryKind.ISSUED, actor=actor, reason=reason)
    write_code(card.id, secret=secret)
    idempotency.finish("gift-card", key, card.public_id)
    return card.public_id


def write_code(card_id: int, *, secret: str) -> None:
    """Give a card a code, unless it has one, and have it mailed. A code is never seen by staff."""
    nonce = ids.token(256)[:64]
    code = card_codes.derived(nonce, secret)
    written = db.session.execute(
        update(GiftCard)
        .where(GiftCard.id == card_id, GiftCard.code_hash.is_(None), GiftCard.user_id.is_(None))
        .values(code_hash=card_codes.hashed(code, secret), nonce=nonce, last_four=code[-4:])
        .returning(GiftCard.id)
    ).scalar()
    if written is not None:
        outbox.record("giftcard.issued", card_id=card_id)


def send_again(public_id: str, recipient: str, *, store_id: int, secret: str) -> None:
    """Mail a card once more, to the address given, under a new code: the old one is worth nothing from now.

    Raises ``NotFound``, ``Invalid`` for no address, ``Conflict("card-over")`` for a card that is over.
    """
    card = held(public_id, store_id)
    if "@" not in recipient:
        raise Invalid("card-recipient", field="recipient")
    if card.state != CardState.ACTIVE or card.user_id is not None:
        raise Conflict("card-over")
    card.recipient, card.code_hash = recipient, None
    db.session.flush()  # the code is written where there is none
    write_code(card.id, secret=secret)


def credit(
    store_id: int,
    user_id: int,
    amount_minor: int,
    currency: str,
    *,
    actor: str,
    reason: str,
    key: str,
) -> None:
    """Add to what a member has with a store. Raises ``Invalid`` without an amount or a reason."""
    content = [store_id, user_id, amount_minor, currency, reason]
    if idempotency.begin("balance", key, content) is not None:
        return
    if not 0 < amount_minor <= MOST:
        raise Invalid("card-amount", field="amount", most_minor=MOST, currency=currency)
    if not reason.strip():
        raise Invalid("card-reason", field="reason")
    card_id = balance_of(store_id, user_id, currency)
    move(card_id, amount_minor, EntryKind.CREDITED, actor=actor, reason=reason.strip())
    idempotency.finish("balance", key, str(card_id))


def balance_of(store_id: int, user_id: int, currency: str) -> int:
    """The id of a member's balance with a store, opened now unless it is there."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(GiftCard)
    db.session.execute(
        insert.values(
            public_id=ids.public_id(),
            created_at=clock.now(),
            store_id=store_id,
            user_id=user_id,
            currency=currency,
            balance_minor=0,
            state=CardState.ACTIVE,
            nonce="",
            last_four="",
            recipient="",
            message="",
            locale="en",
        ).on_conflict_do_nothing(index_elements=["store_id", "user_id", "currency"])
    )
    return db.session.execute(
        select(GiftCard.id).where(
            GiftCard.store_id == store_id,
            GiftCard.user_id == user_id,
            GiftCard.currency == currency,
        )
    ).scalar_one()


def move(
    card_id: int,
    amount_minor: int,
    kind: EntryKind,
    *,
    actor: str,
    reason: str = "",
    payment_id: int | None = None,
    refund_id: int | None = None,
) -> bool:
    """Add ``amount_minor`` (below 0: take) and write down why; False when the card is over or too little is
    on it. Nothing moved then."""
    balance = db.session.execute(
        update(GiftCard)
        .where(GiftCard.id == card_id, usable(), GiftCard.balance_minor + amount_minor >= 0)
        .values(balance_minor=GiftCard.balance_minor + amount_minor)
        .returning(GiftCard.balance_minor)
    ).scalar()
    if balance is None:
        return False
    db.session.add(
        GiftCardEntry(
            card_id=card_id,
            kind=kind,
            amount_minor=amount_minor,
            balance_minor=balance,
            payment_id=payment_id,
            refund_id=refund_id,
            actor=actor,
            reason=reason[:255],
        )
    )
    return True


def usable() -> ColumnElement[bool]:
    """A card that may pay now."""
    return (GiftCard.state == CardState.ACTIVE) & or_(
        GiftCard.expires_at.is_(None), GiftCard.expires_at > clock.now()
    )


def replacement(card_id: int, user_id: int | None, recipient: str, locale: str) -> int:
    """What takes the place of a card that is over: the member's balance or, for a guest, a new card whose
    code is mailed. Returns its id."""
    old = db.session.get_one(GiftCard, card_id, populate_existing=True)
    if user_id is not None and old.user_id is None:
        balance = balance_of(old.store_id, user_id, old.currency)
        state = db.session.scalar(select(GiftCard.state).where(GiftCard.id == balance))
        if state == CardState.ACTIVE:
            return balance
    new = _new(
        old.store_id,
        old.currency,
        recipient=recipient or old.recipient,
        locale=locale,
        expires_at=None,
    )
    # Only the edge knows the secret: a job writes the code and has it mailed.
    outbox.record("giftcard.uncoded", card_id=new.id)
    return new.id


def void(public_id: str, *, store_id: int, reason: str, actor: str) -> None:
    """End a card or a balance; what is on it is lost to its holder.

    Raises ``NotFound``, ``Invalid`` without a reason and ``IllegalTransition`` for one that is over.
    """
    if not reason.strip():
        raise Invalid("card-reason", field="reason")
    _end(held(public_id, store_id), CardState.VOID, EntryKind.VOIDED, actor, reason.strip())


def due(limit: int = 500) -> list[int]:
    """Cards whose time is over and of which that is not written down yet."""
    late = (GiftCard.state == CardState.ACTIVE) & (GiftCard.expires_at <= clock.now())
    return list(
        db.session.scalars(select(GiftCard.id).where(late).order_by(GiftCard.id).limit(limit))
    )


def expire(card_id: int) -> bool:
    """Write down that a card's time is over; False when it was ended or prolonged meanwhile."""
    card = db.session.get(GiftCard, card_id, populate_existing=True, with_for_update=True)
    if (
        card is None
        or card.state != CardState.ACTIVE
        or card.expires_at is None
        or card.expires_at > clock.now()
    ):
        return False
    _end(card, CardState.EXPIRED, EntryKind.EXPIRED, "system", "")
    return True


def held(public_id: str, store_id: int) -> GiftCard:
    """A card of a store, locked. Raises ``NotFound``."""
    card = db.session.scalars(
        select(GiftCard)
        .where(GiftCard.public_id == public_id, GiftCard.store_id == store_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if card is None:
        raise NotFound("card-missing")
    return card


def _end(card: GiftCard, state: CardState, kind: EntryKind, actor: str, reason: str) -> None:
    CARD.check(CardState(card.state), state)
    left = card.balance_minor
    card.state, card.balance_minor = state, 0
    if left:
        db.session.add(
            GiftCardEntry(
                card_id=card.id,
                kind=kind,
                amount_minor=-left,
                balance_minor=0,
                actor=actor,
                reason=reason[:255],
            )
        )


def _new(
    store_id: int, currency: str, *, recipient: str, locale: str, expires_at: datetime | None
) -> GiftCard:
    card = GiftCard(
        store_id=store_id,
        currency=currency,
        recipient=recipient,
        locale=locale,
        expires_at=expires_at,
        state=CardState.ACTIVE,
        balance_minor=0,
    )
    db.session.add(card)
    db.session.flush()  # its entries name its id
    return card
