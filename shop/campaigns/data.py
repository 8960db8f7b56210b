"""What goes in and out of campaigns: inputs of the services, views of the queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shop.campaigns.states import OfferState


@dataclass(frozen=True, slots=True)
class CouponData:
    """A coupon as somebody wants it. ``store_id`` None: the platform's.

    ``kind`` "amount": ``value`` in minor units; "percentage": in basis points. ``currency`` None: the
    store's. ``starts_at`` None: at once; ``ends_at`` and the limits None: none. ``titles`` may stay
    empty: the code stands in.
    """

    store_id: int | None
    code: str
    kind: str
    value: int
    threshold_minor: int = 0
    currency: str | None = None
    total_limit: int | None = None
    per_user_limit: int | None = 1
    listed: bool = True
    titles: Mapping[str, str] = field(default_factory=dict)
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Spend ``over_minor`` or more, save ``off_minor``."""

    over_minor: int
    off_minor: int


@dataclass(frozen=True, slots=True)
class PromotionData:
    """A spend-and-save promotion as somebody wants it; fields as in ``CouponData``."""

    store_id: int | None
    titles: Mapping[str, str]
    tiers: tuple[Tier, ...]
    currency: str | None = None
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon as pages show it, for one reader.

    ``remaining``: uses left for everybody; ``left_for_me``: for this reader (both None: unlimited).
    ``claims``: how many have claimed it; ``redeemed_minor``: what it took off orders that stand.
    """

    id: int
    public_id: str
    code: str
    store_id: int | None
    kind: str
    value: int
    threshold_minor: int
    currency: str
    title: str
    titles: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None
    state: OfferState
    listed: bool
    total_limit: int | None
    per_user_limit: int | None
    used: int
    claims: int
    redeemed_minor: int = 0
    claimed: bool = False
    used_by_me: int = 0

    @property
    def remaining(self) -> int | None:
        """Uses left for everybody."""
        return None if self.total_limit is None else max(0, self.total_limit - self.used)

    @property
    def left_for_me(self) -> int | None:
        """Uses left for this reader, as far as the reader's own limit goes."""
        if self.per_user_limit is None:
            return None
        return max(0, self.per_user_limit - self.used_by_me)

    @property
    def usable(self) -> bool:
        """Whether the reader could use it now, given the goods."""
        return self.state is OfferState.ACTIVE and self.left_for_me != 0


@dataclass(frozen=True, slots=True)
class PromotionView:
    """A promotion as pages show it."""

    id: int
    public_id: str
    store_id: int | None
    title: str
    titles: Mapping[str, str]
    tiers: tuple[Tier, ...]
    currency: str
    priority: int
    starts_at: datetime
    ends_at: datetime | None
    state: OfferState
