"""What every importer is given and gives: the store it reads for, and a product ready to be saved."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from shop.catalog.data import ProductData
from shop.core.errors import Conflict

Combination = tuple[str, ...]


class Later(Conflict):
    """A product needs another that stands further down in the file: it is to be given again."""

    code = "import-later"


@dataclass(frozen=True, slots=True)
class Context:
    """Whom the products are for. ``categories``: folded name or slug → id, of the platform's tree;
    ``slugs`` of its categories alone; ``attributes``: key or folded name of an attribute and of its
    value → id of the value. With ``trial`` nothing is kept, so goods of the file are never there."""

    store_id: int
    currency: str
    locale: str
    categories: Mapping[str, int]
    slugs: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the shop's own file says beside the product; None where it has no such column.

    ``terms``: fields of ``terms.Terms``. ``attributes``: ids of values. ``related``: references. ``parts``: for every variant the number of its
    row, and units and reference of each part. ``expected``: keys of what the file refers to and has in
    it. With ``last`` nothing more is to come, with ``trial`` nothing of the file was kept.
    """

    terms: Mapping[str, int | None] = field(default_factory=dict)
    attributes: Collection[int] | None = None
    related: Sequence[str] | None = None
    parts: Mapping[Combination, tuple[int, Sequence[tuple[int, str]]]] | None = None
    row: int | None = None
    expected: Collection[int] = ()
    last: bool = True
    trial: bool = False


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
    told: Told = field(default_factory=Told)


def sealed(edition: str, data: ProductData) -> ProductData:
    """``data`` with the hash of all it says; ``edition`` changes when the same file is to give another
    product than before."""
    content = json.dumps([edition, asdict(data)], sort_keys=True, ensure_ascii=False, default=str)
    return replace(data, import_hash=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest())
