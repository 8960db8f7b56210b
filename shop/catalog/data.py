"""A whole product as the services are given it: by the editor, the importer, the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

KINDS = ("physical", "service", "digital")
STATUSES = ("draft", "published", "archived")
MAX_OPTIONS = 3
MAX_VARIANTS = 2048
MAX_IMAGES = 250


@dataclass(frozen=True, slots=True)
class Text:
    """A product in one language. ``description_html`` may be dirty: it is cleaned when saved."""

    title: str
    fact: str = ""
    lead: str = ""
    description_html: str = ""
    seo_title: str = ""
    seo_description: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """A row of the specification table."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class OptionValueData:
    """One choice of an option. ``key`` is stable within it; ``labels``: locale → label."""

    key: str
    labels: Mapping[str, str]
    swatch: str | None = None


@dataclass(frozen=True, slots=True)
class OptionData:
    """What a shopper chooses by. ``names``: locale → name."""

    names: Mapping[str, str]
    values: Sequence[OptionValueData]


@dataclass(frozen=True, slots=True)
class VariantData:
    """What is sold. ``values``: keys of its option values, in the order of the options.

    Amounts in minor units of the store's currency, weight in grams. ``image`` names a picture of the
    product by its public id or its source address.
    """

    price_minor: int
    values: Sequence[str] = ()
    sku: str = ""
    barcode: str = ""
    compare_at_minor: int | None = None
    cost_minor: int | None = None
    weight_grams: int = 0
    tracked: bool = True
    image: str | None = None


@dataclass(frozen=True, slots=True)
class ImageSource:
    """A picture that lies elsewhere until it is fetched."""

    url: str
    alts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductData:
    """A whole product.

    When an existing product is saved: ``slug``, ``import_handle``, ``import_hash``, ``published_at``,
    ``tax_class`` of None leave what is there; ``images`` of None leaves the pictures alone, a list replaces those
    that came from an import. ``brand`` is a name.
    """

    store_id: int
    texts: Mapping[str, Text]
    variants: Sequence[VariantData]
    options: Sequence[OptionData] = ()
    specs: Mapping[str, Sequence[Spec]] = field(default_factory=dict)
    kind: str = "physical"
    status: str = "draft"
    category_id: int | None = None
    brand: str = ""
    tags: Sequence[str] = ()
    featured: bool = False
    slug: str | None = None
    import_handle: str | None = None
    import_hash: str | None = None
    published_at: datetime | None = None
    digital_name: str | None = None
    validity_days: int | None = None
    tax_class: str | None = None
    images: Sequence[ImageSource] | None = None
