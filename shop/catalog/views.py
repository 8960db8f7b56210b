"""What the readers of the catalogue get: plain values, no rows of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.catalog.media import url_of
from shop.store.data import StoreName


@dataclass(frozen=True, slots=True)
class ImageView:
    """A picture in one language. ``widths`` are the sizes made, ascending; ``width`` × ``height`` the
    proportions of the largest."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]
    alt: str
    public_id: str = ""

    def url(self, width: int, fmt: str = "webp") -> str:
        """Address of the smallest size at least ``width`` wide, or of the largest there is."""
        fitting = [made for made in self.widths if made >= width]
        chosen = fitting[0] if fitting else self.widths[-1]
        return url_of(f"{self.name}-{chosen}.{'jpg' if fmt == 'jpeg' else fmt}")

    def srcset(self, fmt: str = "webp") -> str:
        """All sizes in the form of the ``srcset`` attribute."""
        return ", ".join(f"{self.url(made, fmt)} {made}w" for made in self.widths)


@dataclass(frozen=True, slots=True)
class Rating:
    """Mean of the stars (None without any) and how many gave them."""

    mean: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list. Amounts in minor units of ``currency``; ``sold``: it is published."""

    product_id: int
    slug: str
    title: str
    fact: str
    kind: str
    price_minor: int
    price_max_minor: int
    compare_at_minor: int | None
    currency: str
    rating: Rating
    image: ImageView | None
    hover: ImageView | None
    available: bool
    new: bool
    sales: int
    store: StoreName
    single_variant: str | None
    variant_count: int
    sold: bool = True


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Some cards, where the next ones begin, and how many there are in all (when asked for)."""

    items: list[Card]
    next_cursor: str | None
    count: int | None


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with its children. ``count``: published products in it and below."""

    id: int
    public_id: str
    slug: str
    name: str
    image_name: str | None
    parent_id: int | None
    count: int
    children: list["CategoryNode"]


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category page: the node and the way to it from the top (itself last)."""

    node: CategoryNode
    path: list[CategoryNode]


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to a product."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class ValueView:
    """A choice of an option as the page shows it."""

    id: int
    public_id: str
    key: str
    label: str
    swatch: str | None


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option with those of its values that some variant on sale has."""

    id: int
    name: str
    values: list[ValueView]


@dataclass(frozen=True, slots=True)
class VariantView:
    """A variant on sale. ``code`` names it in ``?sku=``: its SKU where that is unambiguous within the
    product, else its public id. ``value_ids`` follow the order of the options."""

    id: int
    public_id: str
    code: str
    sku: str
    price_minor: int
    compare_at_minor: int | None
    weight_grams: int
    tracked: bool
    value_ids: tuple[int, ...]
    image_public_id: str | None


@dataclass(frozen=True, slots=True)
class SpecView:
    """A row of the specification table."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """So many whole percent of the units sent came back (0: less than one), mostly for ``reason``, as of
    ``return_line``; "" where no reason leads."""

    percent: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product in one language with all that its page shows but stock, reviews and offers."""

    id: int
    public_id: str
    slug: str
    kind: str
    status: str
    version: int
    title: str
    fact: str
    lead: str
    description_html: str
    seo_title: str
    seo_description: str
    brand: str
    brand_slug: str
    tags: list[str]
    currency: str
    published_at: datetime | None
    new: bool
    validity_days: int | None
    store: StoreName
    rating: Rating
    sales: int
    comes_back: Figure | None
    price_minor: int
    price_max_minor: int
    category_id: int | None
    path: list[Crumb]
    options: list[OptionView]
    variants: list[VariantView]
    images: list[ImageView]
    specs: list[SpecView]
    chosen: VariantView | None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the search box offers while one types: the words completed, categories, some products.
    ``count``: all products that match, up to ``search.matching.MOST_COUNTED`` and one more."""

    query: str
    words: list[str]
    categories: list[CategoryNode]
    products: list[Card]
    count: int


@dataclass(frozen=True, slots=True)
class VariantInfo:
    """A variant for cart and order: what they show, charge and snapshot.

    ``titles`` and ``options``: locale → text. ``sellable``: the product is published and the variant
    not archived; stock is another question.
    """

    variant_id: int
    public_id: str
    product_id: int
    product_slug: str
    category_id: int | None
    kind: str
    store_id: int
    currency: str
    title: str
    titles: Mapping[str, Any]
    options_text: str
    options: Mapping[str, Any]
    sku: str
    code: str
    price_minor: int
    compare_at_minor: int | None
    image: ImageView | None
    image_name: str | None
    tracked: bool
    sellable: bool
    weight_grams: int
    digital_name: str | None
    validity_days: int | None
    tax_class: str = ""
