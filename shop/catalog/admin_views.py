"""What the admin gets of goods."""

from dataclasses import dataclass
from datetime import datetime

from shop.catalog.data import ProductData, VariantData
from shop.catalog.views import ImageView


@dataclass(frozen=True, slots=True)
class AdminRow:
    """A product in the admin's list. ``variants``: (id, public id, SKU) of those on sale."""

    id: int
    public_id: str
    slug: str
    title: str
    kind: str
    status: str
    store_id: int
    currency: str
    price_minor: int
    price_max_minor: int
    compare_at_minor: int | None
    variant_count: int
    available: bool
    sales: int
    category: str
    image: ImageView | None
    updated_at: datetime
    variants: list["AdminVariantRef"]


@dataclass(frozen=True, slots=True)
class AdminVariantRef:
    """A variant on sale, to be priced or counted from the list."""

    id: int
    public_id: str
    sku: str
    price_minor: int
    tracked: bool


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of the list; ``counts``: status → products, of the same stores."""

    items: list[AdminRow]
    next_cursor: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class AdminImage:
    """A picture with its texts in all languages. ``view`` is None until it was fetched; ``error``: why it
    could not be (a code), for good when it was ``given_up``."""

    id: int
    public_id: str
    alts: dict[str, str]
    source_url: str | None
    view: ImageView | None
    error: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class AdminVariant:
    """A variant in the editor. ``values``: keys of its option values; an archived one is history."""

    id: int
    public_id: str
    values: tuple[str, ...]
    data: VariantData
    archived: bool


@dataclass(frozen=True, slots=True)
class AdminProduct:
    """A product as the editor shows and sends it back. ``data`` can be saved as it is.

    ``publish_at``: when the draft goes on sale by itself.
    """

    id: int
    public_id: str
    slug: str
    version: int
    currency: str
    published_at: datetime | None
    updated_at: datetime
    data: ProductData
    variants: list[AdminVariant]
    images: list[AdminImage]
    publish_at: datetime | None
