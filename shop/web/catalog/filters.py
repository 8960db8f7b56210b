"""What narrows and orders a list, in the address and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.store.data import StoreName

SORTS: Mapping[str, Any] = {
    "hand": lazy_gettext("Our order"),
    "relevance": lazy_gettext("Best match"),
    "sales": lazy_gettext("Best selling"),
    "newest": lazy_gettext("Newest"),
    "price-asc": lazy_gettext("Price, low to high"),
    "price-desc": lazy_gettext("Price, high to low"),
    "rating": lazy_gettext("Rating"),
}


# These two mean something on their own lists only.
_OWN = {"relevance", "hand"}


@dataclass(frozen=True, slots=True)
class Filters:
    """The choices of a list; ``default_sort`` stays out of addresses."""

    sort: str
    default_sort: str
    store: StoreName | None = None
    in_stock: bool = False

    @property
    def count(self) -> int:
        """How many filters are in use."""
        return bool(self.store) + self.in_stock

    def query(self) -> dict[str, Any]:
        """The choices as an address carries them."""
        found: dict[str, Any] = {}
        if self.sort != self.default_sort:
            found["sort"] = self.sort
        if self.store:
            found["store"] = self.store.slug
        if self.in_stock:
            found["stock"] = "1"
        return found


def read(args: Mapping[str, str], default_sort: str, stores: Sequence[StoreName] = ()) -> Filters:
    """The filters of an address; what is unknown counts as not chosen."""
    sort = args.get("sort", default_sort)
    allowed = set(SORTS) - (_OWN - {default_sort})
    wanted = args.get("store")
    return Filters(
        sort=sort if sort in allowed else default_sort,
        default_sort=default_sort,
        store=next((store for store in stores if store.slug == wanted), None),
        in_stock=args.get("stock") == "1",
    )


def sort_options(default_sort: str) -> list[tuple[str, Any]]:
    """The orders to choose from; the one that is not said comes first."""
    names = [default_sort, *(name for name in SORTS if name not in {default_sort, *_OWN})]
    return [(name, SORTS[name]) for name in names]


def without(filters: Filters) -> list[tuple[str, Filters]]:
    """For each filter in use: its name, and the filters without it."""
    found = []
    if filters.store:
        found.append((filters.store.name, replace(filters, store=None)))
    if filters.in_stock:
        found.append((str(_("In stock")), replace(filters, in_stock=False)))
    return found
