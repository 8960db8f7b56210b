"""What the services of a store are given, and what its readers get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreText:
    """What shoppers read of a store in one language."""

    name: str
    tagline: str = ""
    about: str = ""
    ships_from: str = ""


@dataclass(frozen=True, slots=True)
class StoreName:
    """A store as a line on a card names it."""

    id: int
    slug: str
    name: str
    mark: str | None


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store in one language, for its page, its settings and the checkout. Money in minor units.

    ``plain_delivery``: it has set up nothing but its flat rate, as far as that was asked.
    ``tax_included``: prices hold their tax, or exclude it; None: it taxes nothing, or was not asked for.
    """

    id: int
    public_id: str
    slug: str
    name: str
    tagline: str
    about: str
    ships_from: str
    mark: str | None
    currency: str
    timezone: str
    contact_email: str
    flat_delivery_minor: int
    free_delivery_from_minor: int | None
    texts: Mapping[str, StoreText]
    settings: Mapping[str, Any] = field(default_factory=dict)
    plain_delivery: bool = False
    tax_included: bool | None = None


@dataclass(frozen=True, slots=True)
class StaffView:
    """A person who works for a store."""

    public_id: str
    user_id: int
    username: str
    email: str
    display_name: str
    role: str
