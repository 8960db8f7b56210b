"""What narrows and orders a list, in the address and back.

``?store=a&store=b&o.colour=blue&brand=x&price-min=10&rating=4&stock=1``: within a name any of the values
will do, and every name must be met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from shop.catalog.facets.derive import ATTRIBUTE, OPTION
from shop.catalog.facets.index import RATINGS
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
_MOST_NAMES = 12
_MOST_VALUES = 40
_LONGEST_PRICE = 30


class Part(NamedTuple):
    """One choice among the filters: the name in the address, and the value (empty for the price)."""

    name: str
    value: str = ""


# These two mean something on their own lists only.
_OWN = {"relevance", "hand"}


@dataclass(frozen=True, slots=True)
class Filters:
    """The choices of a list; ``default_sort`` stays out of addresses.

    ``brands`` are slugs, ``values`` the keys of values by facet; prices are kept as they were typed.
    """

    sort: str
    default_sort: str
    stores: tuple[StoreName, ...] = ()
    brands: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: str = ""
    price_max: str = ""
    rating: int = 0
    in_stock: bool = False
    on_offer: bool = False

    @property
    def parts(self) -> list[Part]:
        """The filters in use one by one, in the order of the column."""
        found = [Part("price")] if self.price_min or self.price_max else []
        found += [Part("store", one.slug) for one in self.stores]
        found += [Part(name, one) for name, chosen in self.values.items() for one in chosen]
        found += [Part("brand", one) for one in self.brands]
        found += [Part("rating", str(self.rating))] if self.rating else []
        found += [Part("stock", "1")] if self.in_stock else []
        found += [Part("offer", "1")] if self.on_offer else []
        return found

    @property
    def count(self) -> int:
        """How many filters are in use."""
        return len(self.parts)

    def query(self) -> dict[str, Any]:
        """The choices as an address carries them."""
        found: dict[str, Any] = {}
        if self.sort != self.default_sort:
            found["sort"] = self.sort
        if self.price_min:
            found["price-min"] = self.price_min
        if self.price_max:
            found["price-max"] = self.price_max
        for name, value in self.parts:
            if value:
                found.setdefault(name, []).append(value)
        return found

    def without(self, part: Part) -> "Filters":
        """The filters but for one choice."""
        name, value = part
        if name == "price":
            return replace(self, price_min="", price_max="")
        if name == "store":
            return replace(self, stores=tuple(one for one in self.stores if one.slug != value))
        if name == "brand":
            return replace(self, brands=tuple(one for one in self.brands if one != value))
        if name == "rating":
            return replace(self, rating=0)
        if name == "stock":
            return replace(self, in_stock=False)
        if name == "offer":
            return replace(self, on_offer=False)
        left = tuple(one for one in self.values[name] if one != value)
        others = {key: chosen for key, chosen in self.values.items() if key != name}
        return replace(self, values=others | ({name: left} if left else {}))

    def bare(self) -> "Filters":
        """Nothing but the order."""
        return Filters(self.sort, self.default_sort)


def read(args: MultiDict[str, str], default_sort: str, stores: Sequence[StoreName] = ()) -> Filters:
    """The filters of an address; what is unknown counts as not chosen."""
    sort = args.get("sort", default_sort)
    allowed = set(SORTS) - (_OWN - {default_sort})
    wanted = set(args.getlist("store"))
    names = [name for name in args if name.startswith((OPTION, ATTRIBUTE))][:_MOST_NAMES]
    rating = args.get("rating", "")
    return Filters(
        sort=sort if sort in allowed else default_sort,
        default_sort=default_sort,
        stores=tuple(store for store in stores if store.slug in wanted),
        brands=_several(args, "brand"),
        values={name: _several(args, name) for name in names},
        price_min=args.get("price-min", "").strip()[:_LONGEST_PRICE],
        price_max=args.get("price-max", "").strip()[:_LONGEST_PRICE],
        rating=next((one for one in RATINGS if rating == str(one)), 0),
        in_stock=args.get("stock") == "1",
        on_offer=args.get("offer") == "1",
    )


def _several(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in args.getlist(name) if one))[:_MOST_VALUES]


def sort_options(default_sort: str) -> list[tuple[str, Any]]:
    """The orders to choose from; the one that is not said comes first."""
    names = [default_sort, *(name for name in SORTS if name not in {default_sort, *_OWN})]
    return [(name, SORTS[name]) for name in names]
