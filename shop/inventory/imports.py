"""Booking the stock that a file of goods gives."""

from shop.inventory import exports
from shop.inventory.services import (
    create_location,
    default_location,
    open_levels,
    set_on_hand,
)


class Counting:
    """Counts what one product of a file says, inside the transaction that saves it.

    With ``grows`` (the store had no place when the import began) places that the file names are made;
    else ``unknown`` collects the names that the store does not have. ``counted``: how many levels were set.
    """

    def __init__(self, store_id: int, reason: str, *, grows: bool, actor: str = "import") -> None:
        self.store_id = store_id
        self.reason = reason
        self.actor = actor
        self.counted = 0
        self.unknown: dict[str, None] = {}
        self._places: dict[str, int] | None = None
        self._grows = grows
        self._opening: dict[int, int] = {}

    def count(self, variant_id: int, units: int, new: bool) -> None:
        """Set what lies at the store's first place; a new variant without units stays uncounted."""
        if new and units:
            self._opening[variant_id] = units
        elif not new:
            self._set(variant_id, default_location(self.store_id), units)

    def finish(self, product_id: int) -> None:
        """Count the new variants of the product: all at once."""
        if not self._opening:
            return
        place = default_location(self.store_id)
        open_levels(product_id, self._opening, place, reason=self.reason, actor=self.actor)
        self.counted += len(self._opening)
        self._opening = {}

    def count_at(self, variant_id: int, place: str, units: int, new: bool) -> None:
        """Set what lies at the place of this name."""
        if self._places is None:
            self._places = {
                " ".join(name.split()): number
                for name, number in exports.places(self.store_id).items()
            }
        if place not in self._places:
            if not self._grows or len(place) > 80:
                self.unknown[place] = None
                return
            made = create_location(self.store_id, place, priority=len(self._places))
            self._places[place] = made.id
        self._set(variant_id, self._places[place], units)

    def _set(self, variant_id: int, location_id: int, units: int) -> None:
        set_on_hand(variant_id, location_id, units, reason=self.reason, actor=self.actor)
        self.counted += 1
