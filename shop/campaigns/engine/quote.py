"""What pricing answers: every figure, and why. Reductions are negative amounts throughout."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shop.campaigns.engine.tax import TaxShare, by_rate, total
from shop.campaigns.engine.values import Labels


@dataclass(frozen=True, slots=True)
class Adj:
    """What one offer took off one line (``amount_minor`` < 0)."""

    source: str
    source_id: int
    labels: Labels
    amount_minor: int


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line with its price explained: ``total_minor = items_minor + Σ adjustments``, never below 0.
    ``taxes`` are in it or come on top, as the store's prices are."""

    key: int
    store_id: int
    unit_price_minor: int
    quantity: int
    items_minor: int
    adjustments: tuple[Adj, ...]
    discount_minor: int
    total_minor: int
    taxes: tuple[TaxShare, ...] = ()

    @property
    def tax_minor(self) -> int:
        """What its taxes come to."""
        return total(self.taxes)


@dataclass(frozen=True, slots=True)
class Applied:
    """An offer that counts, over all lines: ``amount_minor`` < 0 is the sum of ``by_store``.

    ``from_minor`` is the threshold it reached (0: none); ``store_id`` None is the platform's.
    """

    source: str
    source_id: int
    store_id: int | None
    labels: Labels
    amount_minor: int
    by_store: Mapping[int, int]
    from_minor: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """What is missing to something better.

    ``kind``: "tier" (the next step of a promotion), "coupon" (its threshold) or "delivery" (the free
    one). ``off_minor`` or ``off_bp`` say what it would take off (for delivery: the rate saved).
    ``store_id`` None: goods of all stores count.
    """

    kind: str
    source_id: int | None
    store_id: int | None
    labels: Labels
    goods_minor: int
    target_minor: int
    off_minor: int | None = None
    off_bp: int | None = None

    @property
    def missing_minor(self) -> int:
        """How much more the goods must be worth."""
        return self.target_minor - self.goods_minor

    @property
    def fraction(self) -> float:
        """How far the way is gone, 0 to 1: for a bar."""
        return min(1.0, self.goods_minor / self.target_minor) if self.target_minor else 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a coupon does not apply: a code and what its sentence needs."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CouponResult:
    """What became of the entered code: ``applied``, or else a ``problem``. ``coupon_id`` and
    ``labels`` name the coupon it was taken for, if it is known at all."""

    code: str
    coupon_id: int | None = None
    labels: Labels = field(default_factory=dict)
    applied: Applied | None = None
    problem: Problem | None = None

    @property
    def amount_minor(self) -> int:
        """What it takes off (≤ 0)."""
        return self.applied.amount_minor if self.applied else 0


@dataclass(frozen=True, slots=True)
class StoreQuote:
    """One store's part: ``goods = items + discount`` and ``total = goods + delivery + added tax``.

    ``free_delivery``: something travels and the rate was waived. ``progress``: this store's own
    prompts, nearest first. ``tax_included``: ``tax_minor`` is in the prices, else it is added to them;
    ``taxed``: the store has rates; ``tax_estimated_for``: the place taken while the shopper's is not known.
    """

    store_id: int
    items_minor: int
    discount_minor: int
    goods_minor: int
    needs_delivery: bool
    delivery_minor: int
    free_delivery: bool
    total_minor: int
    progress: tuple[Progress, ...]
    tax_minor: int = 0
    tax_included: bool = True
    taxed: bool = False
    tax_estimated_for: tuple[str, str] | None = None
    taxes: tuple[TaxShare, ...] = ()
    delivery_taxes: tuple[TaxShare, ...] = ()

    @property
    def added_tax_minor(self) -> int:
        """The tax that comes on top of the prices."""
        return 0 if self.tax_included else self.tax_minor


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a cart in one currency; every sum is exact. ``lines`` keep the order given,
    ``stores`` the order in which they first appear, ``applied`` the order in which offers counted."""

    currency: str
    lines: tuple[QuotedLine, ...]
    stores: tuple[StoreQuote, ...]
    items_minor: int
    discount_minor: int
    delivery_minor: int
    total_minor: int
    applied: tuple[Applied, ...]
    progress: tuple[Progress, ...]
    coupon: CouponResult | None

    @property
    def added_taxes(self) -> tuple[TaxShare, ...]:
        """The taxes on top of the prices, summed per rate over the stores."""
        return by_rate(
            tax for store in self.stores if not store.tax_included for tax in store.taxes
        )

    @property
    def included_tax_minor(self) -> int:
        """The tax that the prices hold."""
        return sum(store.tax_minor for store in self.stores if store.tax_included)

    @property
    def tax_estimated_for(self) -> tuple[str, str] | None:
        """Country and region that an added tax is reckoned for while the shopper's are not known."""
        return next(
            (
                store.tax_estimated_for
                for store in self.stores
                if store.tax_estimated_for is not None and not store.tax_included
            ),
            None,
        )

    def line(self, key: int) -> QuotedLine:
        """The line that the caller called ``key``. Raises ``KeyError``."""
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)

    def store(self, store_id: int) -> StoreQuote:
        """The part of one store. Raises ``KeyError``."""
        for store in self.stores:
            if store.store_id == store_id:
                return store
        raise KeyError(store_id)
