"""Gift card and balance at checkout: what they would pay, and how often somebody may guess a code."""

from dataclasses import dataclass, field

from flask import current_app, request
from flask_babel import gettext as _
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from shop.cart.views import CartPart
from shop.core.errors import Invalid
from shop.payment import card_codes, card_offers
from shop.payment.card_offers import Offer, Share
from shop.web.extensions import limiter
from shop.web.order.forms import CheckoutForm
from shop.web.ui.errors import words
from shop.web.ui.visitor import user_id

GUESSES = parse("10 per 10 minutes")
"""Codes that are none, from one address: a right one costs nothing."""

# When Redis is away each worker counts for itself.
_here = FixedWindowRateLimiter(MemoryStorage())


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of cards: each share, and what is left to be paid another way."""

    due_minor: int
    shares: list[Share] = field(default_factory=list)
    balance_minor: int = 0

    @property
    def card(self) -> Share | None:
        """The share of the typed code."""
        return next((share for share in self.shares if not share.is_balance), None)


def shown(form: CheckoutForm, part: CartPart) -> Shown:
    """What card and balance would pay of this part; what is wrong with the code stands beside it."""
    total = part.quote.total_minor
    codes = hashes(form)
    blocked = codes is not None and exhausted()
    if blocked:
        form.blame("card", too_many())
        codes = None
    offer = (
        card_offers.offer(
            {one.store_id: one.total_minor for one in part.quote.stores},
            part.currency,
            user_id=user_id(),
            codes=codes,
            use_balance=bool(form.use_balance.data),
        )
        if total
        else Offer()
    )
    if offer.problem is not None:
        noticed(offer.problem)
        if not form.card.errors:
            form.blame("card", words(offer.problem))
    return Shown(total - offer.paid_minor, offer.shares, offer.balance_minor)


def is_new(form: CheckoutForm) -> bool:
    """A code was typed of which the page did not say what it pays, or must not say so any more."""
    typed = form.card.data or ""
    return typed != request.form.get("card_shown", "") or (bool(typed) and exhausted())


def hashes(form: CheckoutForm) -> list[str] | None:
    """What the typed code may be kept as; None when none was typed."""
    if not (form.card.data or "").strip():
        return None
    keys = (current_app.config["SECRET_KEY"], *(current_app.config["SECRET_KEY_FALLBACKS"] or ()))
    return card_codes.hashes(form.card.data, [str(key) for key in keys])


def exhausted() -> bool:
    """Whether this address has guessed too often."""
    if not limiter.enabled:
        return False
    try:
        return not limiter.limiter.test(GUESSES, "gift-card", _address())
    except (RedisError, StorageError):
        return not _here.test(GUESSES, "gift-card", _address())


def noticed(error: Invalid) -> None:
    """Count a code that is none."""
    if error.reason != "card-unknown" or not limiter.enabled:
        return
    try:
        limiter.limiter.hit(GUESSES, "gift-card", _address())
    except (RedisError, StorageError):
        _here.hit(GUESSES, "gift-card", _address())


def too_many() -> str:
    """Why no code is looked at."""
    return _("Too many codes that do not exist. Try again in ten minutes, or pay another way.")


def _address() -> str:
    return request.remote_addr or "unknown"
