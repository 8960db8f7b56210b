"""What a store delivers where: zones, methods, slots, as plain values. Pure.

A store without a zone sends everywhere at its flat rate: ``Plan.methods`` then gives that one method, so that
nobody else needs to know of the difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shop.store.places import Destination, Region
from shop.store.promise import Calendar, Promise, promise

STANDARD = "standard"
"""Public id of the method of a store that has set up none."""
PARCELS = ("flat", "weight", "price", "count", "per_item")
KINDS = (*PARCELS, "pickup", "local")
TIERED = ("weight", "price", "count")
HORIZON = 7
"""Days ahead for which slots of local delivery are offered."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekly time of local delivery: minutes after midnight, and how many orders fit on one day."""

    id: int
    public_id: str
    weekday: int
    from_minute: int
    until_minute: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Window:
    """A slot on a day, with what is left of it."""

    slot: Slot
    day: date
    left: int

    @property
    def key(self) -> str:
        """What a form names it by."""
        return f"{self.slot.public_id}:{self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Method:
    """A way to get goods. ``price_minor``: the rate below the first tier, or of one item (``per_item``).

    ``tiers``: (from grams, minor units or pieces; rate). ``min_days``/``max_days``: open days on the way,
    None where nobody can say. ``names`` and ``notes`` by locale; a pick-up's note is its address, ``region``
    the province of its location, as far as that is known.
    """

    id: int | None
    public_id: str
    kind: str
    names: Mapping[str, str]
    price_minor: int
    free_from_minor: int | None = None
    tiers: tuple[tuple[int, int], ...] = ()
    min_days: int | None = None
    max_days: int | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    location_id: int | None = None
    slots: tuple[Slot, ...] = ()
    active: bool = True
    zone_id: int | None = None
    position: int = 0
    region: str = ""

    @property
    def parcel(self) -> bool:
        """Whether a courier takes it."""
        return self.kind in PARCELS


@dataclass(frozen=True, slots=True)
class Zone:
    """Where some methods hold. ``rest``: everywhere that no other zone covers."""

    id: int
    public_id: str
    name: str
    rest: bool
    regions: tuple[Region, ...]
    methods: tuple[Method, ...]

    def fit(self, place: Destination) -> int | None:
        """How closely it covers a place, None for not at all."""
        found = [fit for region in self.regions if (fit := region.fit(place)) is not None]
        if found:
            return max(found)
        return 0 if self.rest else None


@dataclass(frozen=True, slots=True)
class Plan:
    """How one store delivers."""

    store_id: int
    timezone: str
    calendar: Calendar = field(default_factory=Calendar)
    zones: tuple[Zone, ...] = ()
    pickups: tuple[Method, ...] = ()
    flat_minor: int = 0
    free_from_minor: int | None = None

    @property
    def regions(self) -> list[str]:
        """The provinces in which goods can be fetched now."""
        return [one.region for one in self.pickups if one.active]

    @property
    def home(self) -> Destination:
        """Where an order goes while nobody knows better: the store's own country."""
        return Destination(self.calendar.country)

    def zone_of(self, place: Destination) -> Zone | None:
        """The zone whose parcels go to a place: the one that is most about it."""
        fitting = [
            (fit, -at, zone)
            for at, zone in enumerate(self.zones)
            if (fit := zone.fit(place)) is not None
            and any(m.parcel and m.active for m in zone.methods)
        ]
        return max(fitting, key=lambda one: one[:2])[2] if fitting else None

    def methods(self, place: Destination) -> list[Method]:
        """Every method offered there: parcels of its zone, local delivery of all zones that cover it, and
        what is fetched. Empty where the store does not deliver."""
        if not self.zones:
            return [self._standard(place), *(one for one in self.pickups if one.active)]
        zone = self.zone_of(place)
        found = [one for one in (zone.methods if zone else ()) if one.parcel and one.active]
        for other in self.zones:
            if other.fit(place) is not None:
                found += [one for one in other.methods if one.kind == "local" and one.active]
        return found + [one for one in self.pickups if one.active]

    def _standard(self, place: Destination) -> Method:
        method = Method(None, STANDARD, "flat", {}, self.flat_minor, self.free_from_minor, (), 2, 4)
        if place.country == self.calendar.country:
            return method
        return replace(method, min_days=None, max_days=None)

    def promise(self, method: Method, now: datetime) -> Promise:
        """When an order placed at ``now`` leaves and arrives."""
        return promise(
            now, ZoneInfo(self.timezone), self.calendar, method.min_days, method.max_days
        )

    def windows(
        self, method: Method, now: datetime, taken: Mapping[tuple[int, date], int]
    ) -> list[Window]:
        """The slots of the coming days that still have room; ``taken`` by slot and day."""
        local = now.astimezone(ZoneInfo(self.timezone))
        first = self.promise(method, now)
        start = first.first or first.ship_by
        found = []
        for ahead in range(HORIZON + 1):
            day = local.date() + timedelta(days=ahead)
            if day < start or not self.calendar.open_on(day):
                continue
            for slot in method.slots:
                gone = ahead == 0 and slot.from_minute <= local.hour * 60 + local.minute
                left = slot.capacity - taken.get((slot.id, day), 0)
                if slot.weekday == day.weekday() and not gone and left > 0:
                    found.append(Window(slot, day, left))
        return sorted(found, key=lambda one: (one.day, one.slot.from_minute))


@dataclass(frozen=True, slots=True)
class MethodData:
    """A method as somebody wants it; fields as of ``Method``. ``slots``: (weekday, from, until, capacity)."""

    kind: str
    names: Mapping[str, str]
    price_minor: int = 0
    free_from_minor: int | None = None
    tiers: Sequence[tuple[int, int]] = ()
    min_days: int | None = None
    max_days: int | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    location_id: int | None = None
    slots: Sequence[tuple[int, int, int, int]] = ()
    active: bool = True

    def as_columns(self) -> dict[str, Any]:
        """The part that is the method's own row."""
        return {
            "kind": self.kind,
            "names": dict(self.names),
            "notes": dict(self.notes),
            "price_minor": self.price_minor,
            "free_from_minor": self.free_from_minor,
            "min_days": self.min_days,
            "max_days": self.max_days,
            "location_id": self.location_id,
            "active": self.active,
        }
