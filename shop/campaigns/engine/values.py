"""What pricing is given: plain values. Amounts are minor units of one currency, times aware UTC.

An offer (``Promotion``) is a scope, and steps of conditions with a benefit; it stands in a lane. A new
kind of offer is a new condition, a new benefit or a new lane, not a new engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from shop.campaigns.engine.benefits import Benefit
from shop.campaigns.engine.conditions import Condition
from shop.campaigns.engine.tax import TaxRule

Labels = Mapping[str, str]
"""Locale → text, as given by whoever wrote the rule."""


class Lane(IntEnum):
    """The order in which offers count. A later lane sees what the earlier ones left of each line;
    offers within a lane measure their conditions on what the lane began with, so that they do not
    push one another out. The gaps are for lanes to come."""

    MEMBER = 100
    SPEND_AND_SAVE = 300
    COUPON = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart. ``key`` is the caller's own and names the line in the quote."""

    key: int
    store_id: int
    product_id: int
    category_id: int | None
    kind: str
    unit_price_minor: int
    quantity: int
    weight_grams: int = 0
    tax_class: str = ""

    @property
    def items_minor(self) -> int:
        """Unit price times quantity, before any offer."""
        return self.unit_price_minor * self.quantity

    @property
    def needs_delivery(self) -> bool:
        """Whether it travels in a parcel: services and downloads do not."""
        return self.kind == "physical"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys; ``user_id`` None is a guest."""

    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which lines an offer looks at and reduces: those of one store, or (None) of all stores."""

    store_id: int | None = None

    def covers(self, line: Line) -> bool:
        """Whether the offer is about ``line``."""
        return self.store_id is None or line.store_id == self.store_id


@dataclass(frozen=True, slots=True)
class Step:
    """A benefit and all the conditions it stands under. ``labels`` override the offer's."""

    benefit: Benefit
    conditions: tuple[Condition, ...] = ()
    labels: Labels | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """An offer. Of its steps the reached one that takes most off counts, and only that one.

    Within a lane the higher ``priority`` counts first, then the lower ``source_id``. It holds from
    ``starts_at`` until just before ``ends_at``; None is open.
    """

    source: str
    source_id: int
    lane: Lane
    scope: Scope
    steps: tuple[Step, ...]
    labels: Labels
    currency: str
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def runs(self, now: datetime) -> bool:
        """Whether ``now`` lies in its window."""
        return (self.starts_at is None or self.starts_at <= now) and (
            self.ends_at is None or now < self.ends_at
        )


@dataclass(frozen=True, slots=True)
class MemberRule:
    """The price benefit of the customer's level with a store; ``names`` are the level's."""

    level_id: int
    discount_bp: int
    names: Labels


@dataclass(frozen=True, slots=True)
class CouponRule:
    """A coupon that the entered code may mean, with what its counters say.

    ``kind`` "amount": ``value`` in minor units; "percentage": in basis points. ``left`` and
    ``left_for_customer``: uses still to be had, None without a limit. ``store_id`` None: the
    platform's, for all stores. ``ends_at`` is the earlier of its planned and its early end.
    """

    coupon_id: int
    code: str
    store_id: int | None
    currency: str
    kind: str
    value: int
    threshold_minor: int
    labels: Labels
    starts_at: datetime
    ends_at: datetime | None = None
    left: int | None = None
    left_for_customer: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """A rate of a store, and from which worth of goods (after offers) it is waived, if ever.

    ``kind``: "flat", "weight", "price", "count" or "per_item"; ``tiers``: (from grams, minor units or
    pieces; rate), ``flat_minor`` the rate below the first one, or of one piece.
    """

    flat_minor: int
    free_from_minor: int | None = None
    kind: str = "flat"
    tiers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that may change a price, for one currency.

    ``members``, ``deliveries`` and ``taxes`` go by store. ``coupon_code`` is what the shopper entered and
    ``coupons`` are all it may mean: codes are unique within a store only.
    """

    currency: str
    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[CouponRule, ...] = ()
    coupon_code: str | None = None
    members: Mapping[int, MemberRule] = field(default_factory=dict)
    deliveries: Mapping[int, DeliveryRule] = field(default_factory=dict)
    taxes: Mapping[int, TaxRule] = field(default_factory=dict)
