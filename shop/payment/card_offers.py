"""What cards and balances would pay of a checkout: asked by its page, and again when it is placed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, or_, select

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid
from shop.payment.card_models import GiftCard
from shop.payment.card_states import CardState


@dataclass(frozen=True, slots=True)
class Share:
    """What one card pays of the order of its store, in minor units; ``left_minor`` stays on it."""

    card_id: int
    store_id: int
    last_four: str
    amount_minor: int
    left_minor: int

    @property
    def is_balance(self) -> bool:
        """A member's balance, which has no code."""
        return not self.last_four


@dataclass(frozen=True, slots=True)
class Offer:
    """What is paid at once. ``balance_minor``: what the member could use; ``problem``: of the typed code."""

    shares: list[Share] = field(default_factory=list)
    balance_minor: int = 0
    problem: Invalid | None = None

    @property
    def paid_minor(self) -> int:
        """Minor units that cards and balances pay together."""
        return sum(share.amount_minor for share in self.shares)


def offer(
    totals: Mapping[int, int],
    currency: str,
    *,
    user_id: int | None,
    codes: Collection[str] | None,
    use_balance: bool,
    lock: bool = False,
) -> Offer:
    """What would pay the orders of ``totals`` (store id → minor units). One statement.

    ``codes``: what a typed code may be kept as (``card_codes.hashes``), None when none was typed. The
    card pays first, since it may end, then the balance. ``lock`` holds the cards for the transaction.
    """
    wanted: list[ColumnElement[bool]] = []
    if codes:
        wanted.append(GiftCard.code_hash.in_(codes))
    if user_id is not None:
        wanted.append(
            (GiftCard.user_id == user_id)
            & GiftCard.store_id.in_(totals)
            & (GiftCard.currency == currency)
        )
    found: Sequence[GiftCard] = []
    if wanted:
        query = select(GiftCard).where(or_(*wanted)).order_by(GiftCard.id)
        if lock:
            query = query.with_for_update()
        found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    card = next((one for one in found if one.user_id is None), None)
    balances = [one for one in found if one.user_id is not None and _usable(one)]
    shares: list[Share] = []
    left = dict(totals)
    problem = None
    if codes is not None:
        problem = _problem(card, totals, currency)
        if card is not None and problem is None:
            shares += _share(card, left)
    within = sum(min(one.balance_minor, left[one.store_id]) for one in balances)
    if use_balance:
        for one in balances:
            shares += _share(one, left)
    return Offer(shares, within, problem)


def _usable(card: GiftCard) -> bool:
    return card.state == CardState.ACTIVE and (
        card.expires_at is None or card.expires_at > clock.now()
    )


def _problem(card: GiftCard | None, totals: Collection[int], currency: str) -> Invalid | None:
    """Why a code does not pay. A void one is said to be unknown: nothing can be done about either."""
    code = None
    if card is None or card.state == CardState.VOID:
        code = "card-unknown"
    elif not _usable(card):
        code = "card-ended"
    elif card.store_id not in totals:
        code = "card-store"
    elif card.currency != currency:
        code = "card-currency"
    elif not card.balance_minor:
        code = "card-used-up"
    return Invalid(code, field="card") if code is not None else None


def _share(card: GiftCard, left: dict[int, int]) -> list[Share]:
    amount = min(card.balance_minor, left[card.store_id])
    if amount <= 0:
        return []
    left[card.store_id] -= amount
    return [Share(card.id, card.store_id, card.last_four, amount, card.balance_minor - amount)]
