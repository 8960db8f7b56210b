"""What every importer is given and gives: the store it reads for, and a product ready to be saved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from shop.catalog.data import ProductData


@dataclass(frozen=True, slots=True)
class Context:
    """Whom the products are for. ``categories``: folded name or slug → id, of the platform's tree."""

    store_id: int
    currency: str
    locale: str
    categories: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A product ready to be saved. ``quantities``: values of a variant → units the file gives."""

    data: ProductData
    quantities: Mapping[tuple[str, ...], int]


def sealed(edition: str, data: ProductData) -> ProductData:
    """``data`` with the hash of all it says; ``edition`` changes when the same file is to give another
    product than before."""
    content = json.dumps([edition, asdict(data)], sort_keys=True, ensure_ascii=False, default=str)
    return replace(data, import_hash=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest())
