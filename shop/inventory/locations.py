"""The verbs of places: name and address, order, in and out of use."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy import exists, func, select, update

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory.flow_models import StockCount, Transfer
from shop.inventory.models import Location, Reservation, StockLevel

LENGTHS = {"name": 80, "province": 80, "city": 80, "street": 200, "postcode": 16, "phone": 32}


@dataclass(frozen=True, slots=True)
class LocationData:
    """What a place is called and where it is; ``hours``: locale → when shoppers may come."""

    name: str
    province: str = ""
    city: str = ""
    street: str = ""
    postcode: str = ""
    phone: str = ""
    is_pickup: bool = False
    hours: Mapping[str, str] = field(default_factory=dict)


def create(store_id: int, data: LocationData) -> str:
    """A new place, taken from last; returns its public id.

    Raises ``Invalid`` (``location-name-missing``, ``text-too-long``, ``pickup-address``) and
    ``Conflict("location-name-taken")``.
    """
    _check(store_id, data)
    last = db.session.scalar(
        select(func.max(Location.priority)).where(Location.store_id == store_id)
    )
    row = Location(store_id=store_id, priority=0 if last is None else last + 1, **_values(data))
    db.session.add(row)
    db.session.flush()  # the caller names its public id
    return row.public_id


def change(store_id: int, public_id: str, data: LocationData) -> None:
    """Give a place another name, address or hours. Raises as ``create``, and ``NotFound``."""
    row = _row(store_id, public_id)
    _check(store_id, data, row.id)
    for name, value in _values(data).items():
        setattr(row, name, value)


def move(store_id: int, public_id: str, *, up: bool) -> None:
    """Take from a place before the one above it (or after the one below). At the end nothing changes."""
    rows = list(
        db.session.scalars(
            select(Location)
            .where(Location.store_id == store_id, Location.archived_at.is_(None))
            .order_by(Location.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    rows.sort(key=lambda row: (row.priority, row.id))
    at = next((i for i, row in enumerate(rows) if row.public_id == public_id), None)
    if at is None:
        raise NotFound("location-unknown")
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for rank, row in enumerate(rows):
        row.priority = rank


def archive(store_id: int, public_id: str) -> None:
    """Take an empty place out of use.

    Raises ``Conflict``: ``location-not-empty`` while goods lie there, are promised from there or are on
    their way to or from it; ``location-last`` for the store's only one.
    """
    row = _row(store_id, public_id)
    db.session.execute(  # the store's places, so that the last two are not put away at once
        select(Location.id)
        .where(Location.store_id == store_id)
        .order_by(Location.id)
        .with_for_update()
    )
    left = select(func.count()).where(
        Location.store_id == store_id, Location.archived_at.is_(None), Location.id != row.id
    )
    if not db.session.scalar(left):
        raise Conflict("location-last")
    busy = (
        exists().where(
            StockLevel.location_id == row.id,
            (StockLevel.on_hand > 0) | (StockLevel.reserved > 0),
        ),
        exists().where(Reservation.location_id == row.id, Reservation.state == "short"),
        exists().where(
            Transfer.state.in_(("draft", "sent")),
            (Transfer.target_id == row.id) | (Transfer.source_id == row.id),
        ),
        exists().where(StockCount.location_id == row.id, StockCount.state == "open"),
    )
    done = db.session.execute(
        update(Location)
        .where(Location.id == row.id, *(~one for one in busy))
        .values(archived_at=func.coalesce(Location.archived_at, clock.now()), is_pickup=False)
        .returning(Location.id)
    ).scalar()
    if done is None:
        raise Conflict("location-not-empty")


def restore(store_id: int, public_id: str) -> None:
    """Use a place again."""
    _row(store_id, public_id).archived_at = None


def _row(store_id: int, public_id: str) -> Location:
    row = db.session.scalar(
        select(Location).where(Location.store_id == store_id, Location.public_id == public_id)
    )
    if row is None:
        raise NotFound("location-unknown")
    return row


def _values(data: LocationData) -> dict[str, object]:
    values = {
        name: " ".join(value.split()) if isinstance(value, str) else value
        for name, value in asdict(data).items()
    }
    values["hours"] = {lang: text.strip() for lang, text in data.hours.items() if text.strip()}
    return values


def _check(store_id: int, data: LocationData, own_id: int = 0) -> None:
    if not data.name.strip():
        raise Invalid("location-name-missing", field="name")
    for name, most in LENGTHS.items():
        if len(getattr(data, name)) > most:
            raise Invalid("text-too-long", field=name)
    if any(len(text) > 500 for text in data.hours.values()):
        raise Invalid("text-too-long", field="hours_en")
    if data.is_pickup and not data.street.strip():
        raise Invalid("pickup-address", field="street")
    taken = select(Location.id).where(
        Location.store_id == store_id,
        Location.name == " ".join(data.name.split()),
        Location.id != own_id,
    )
    if db.session.scalar(taken) is not None:
        raise Conflict("location-name-taken", field="name")
