"""What was chosen among the filters of a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VALUE = "value_"
"""Begins the names of conditions on the values of a facet; a number follows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: ids of stores, brands, and of values by facet (its key); least and most price in
    minor units; stars and up."""

    stores: tuple[int, ...] = ()
    brands: tuple[int, ...] = ()
    values: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    least: int | None = None
    most: int | None = None
    rating: int | None = None
    in_stock: bool = False
    on_offer: bool = False

    def __bool__(self) -> bool:
        return bool(self.conditions())

    def conditions(self) -> dict[str, Any]:
        """The choice as conditions on the listing row, by the names that ``list_statements`` knows."""
        found: dict[str, Any] = {
            "stores": self.stores or None,
            "brands": self.brands or None,
            "least": self.least,
            "most": self.most,
            "rating": self.rating or None,
            "in_stock": self.in_stock or None,
            "on_offer": self.on_offer or None,
        }
        found |= {f"{VALUE}{number}": ids for number, ids in enumerate(self.values.values())}
        return {name: value for name, value in found.items() if value is not None}
