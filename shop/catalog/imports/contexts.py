"""What every importer is given and gives: the store it reads for, and a product ready to be saved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from shop.catalog.data import ProductData


@dataclass(frozen=True, slots=True)
class Context:
    """Whom the products are for. ``categories``: folded name or slug → id, of the platform's tree;
    ``slugs`` of its categories alone."""

    store_id: int
    currency: str
    locale: str
    categories: Mapping[str, int]
    slugs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A product ready to be saved. ``quantities``: values of a variant → units the file gives.

    ``places`` says so by place, and ``complete`` that the file tells all there is of the product, as
    the shop's own does.
    """

    data: ProductData
    quantities: Mapping[tuple[str, ...], int]
    places: Mapping[tuple[str, ...], Mapping[str, int]] = field(default_factory=dict)
    complete: bool = False


def sealed(edition: str, data: ProductData) -> ProductData:
    """``data`` with the hash of all it says; ``edition`` changes when the same file is to give another
    product than before."""
    content = json.dumps([edition, asdict(data)], sort_keys=True, ensure_ascii=False, default=str)
    return replace(data, import_hash=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest())
