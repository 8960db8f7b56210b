"""What pages read of reviews: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shop.catalog.views import ImageView


@dataclass(frozen=True, slots=True)
class Followup:
    """What was added to a review, so many whole ``days`` after it."""

    text: str
    locale: str
    state: str
    hidden_reason: str
    days: int
    photos: list[ImageView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review with what was bought, what was added to it and the merchant's answer.

    ``mine`` and ``voted``: its reader wrote it, or finds it helpful. ``reports``: reason → how many say so,
    for the store alone.
    """

    public_id: str
    author: str
    stars: int
    title: str
    text: str
    locale: str
    state: str
    created_at: datetime
    product_title: str
    product_slug: str
    options: str
    image_name: str | None
    order_number: str
    store_name: str
    reply: str
    replied_at: datetime | None
    photos: list[ImageView]
    hidden_reason: str = ""
    helpful: int = 0
    mine: bool = False
    voted: bool = False
    followup: Followup | None = None
    reports: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_photos(self) -> list[ImageView]:
        """Its own, and those added later."""
        return [*self.photos, *(self.followup.photos if self.followup else ())]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Published reviews of a product: how many of each star, and one page of them. ``with_photos``: how
    many of them show some."""

    counts: dict[int, int]
    rows: list[ReviewView]
    next_cursor: str | None
    with_photos: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float:
        """The mean of the stars, 0.0 without any."""
        return sum(s * n for s, n in self.counts.items()) / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What became of the review of a line, as its writer sees it. ``may_follow``: something can be added;
    ``followup``: the state of what was added."""

    state: str
    hidden_reason: str
    followup: str | None
    may_follow: bool
