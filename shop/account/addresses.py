"""The address book."""

from dataclasses import dataclass
from datetime import timedelta

import phonenumbers
from sqlalchemy import delete, func, select, update

from shop.account import credentials
from shop.account.models import Address, User
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

LIMIT = 50
UNDO_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AddressData:
    """An address as it was typed. ``country``: ISO 3166 alpha-2."""

    name: str
    street: str
    country: str = "CN"
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    postcode: str = ""
    tag: str = ""


def add(user_id: int, data: AddressData, *, default: bool = False) -> Address:
    """Add to a user's book; the first one is the default.

    Raises ``Invalid`` (see ``_values``) and ``Conflict("address-limit")`` above 50.
    """
    values = _values(data)
    _lock(user_id)
    kept = db.session.execute(
        select(func.count(), func.count().filter(Address.is_default)).where(
            Address.user_id == user_id, Address.removed_at.is_(None)
        )
    ).one()
    if kept[0] >= LIMIT:
        raise Conflict("address-limit", maximum=LIMIT)
    first = kept[0] == 0 or kept[1] == 0
    if default and not first:
        _clear_default(user_id)
    row = Address(user_id=user_id, is_default=default or first, **values)
    db.session.add(row)
    db.session.flush()  # the partial unique index speaks here rather than at the commit
    return row


def change(user_id: int, public_id: str, data: AddressData, *, default: bool | None = None) -> None:
    """Rewrite an entry; ``default=True`` makes it the default. Raises ``NotFound`` and ``Invalid``."""
    changed = db.session.execute(
        update(Address)
        .where(
            Address.user_id == user_id, Address.public_id == public_id, Address.removed_at.is_(None)
        )
        .values(**_values(data))
        .returning(Address.id)
    ).scalar()
    if changed is None:
        raise NotFound("address-unknown")
    if default:
        set_default(user_id, public_id)


def set_default(user_id: int, public_id: str) -> None:
    """Make an entry the default one. Raises ``NotFound``."""
    _lock(user_id)
    _clear_default(user_id)
    chosen = db.session.execute(
        update(Address)
        .where(
            Address.user_id == user_id, Address.public_id == public_id, Address.removed_at.is_(None)
        )
        .values(is_default=True)
        .returning(Address.id)
    ).scalar()
    if chosen is None:
        raise NotFound("address-unknown")


def remove(user_id: int, public_id: str) -> None:
    """Take an entry out of the book; it can be restored for a while. Raises ``NotFound``."""
    removed = db.session.execute(
        update(Address)
        .where(
            Address.user_id == user_id, Address.public_id == public_id, Address.removed_at.is_(None)
        )
        .values(removed_at=clock.now(), is_default=False)
        .returning(Address.id)
    ).scalar()
    if removed is None:
        raise NotFound("address-unknown")


def restore(user_id: int, public_id: str) -> None:
    """Undo a removal; with no default in the book it becomes the default (it may have been it).

    Raises ``NotFound``, and ``Conflict("address-limit")`` when the book has filled up meanwhile.
    """
    _lock(user_id)
    kept = db.session.execute(
        select(func.count(), func.count().filter(Address.is_default)).where(
            Address.user_id == user_id, Address.removed_at.is_(None)
        )
    ).one()
    if kept[0] >= LIMIT:
        raise Conflict("address-limit", maximum=LIMIT)
    back = db.session.execute(
        update(Address)
        .where(
            Address.user_id == user_id,
            Address.public_id == public_id,
            Address.removed_at > clock.now() - UNDO_FOR,
        )
        .values(removed_at=None, is_default=kept[1] == 0)
        .returning(Address.id)
    ).scalar()
    if back is None:
        raise NotFound("address-unknown")


def forget_removed(limit: int = 500) -> int:
    """Delete entries that were removed too long ago to be restored."""
    old = select(Address.id).where(Address.removed_at < clock.now() - UNDO_FOR).limit(limit)
    return len(
        db.session.scalars(delete(Address).where(Address.id.in_(old)).returning(Address.id)).all()
    )


def _lock(user_id: int) -> None:
    # Two additions at once must not both find the book one short of full, or without a default.
    if db.session.scalar(select(User.id).where(User.id == user_id).with_for_update()) is None:
        raise NotFound("user-unknown")


def _clear_default(user_id: int) -> None:
    db.session.execute(
        update(Address)
        .where(Address.user_id == user_id, Address.is_default)
        .values(is_default=False)
    )


def _values(data: AddressData) -> dict[str, str]:
    """The fields as they are kept.

    Raises ``Invalid``: "field-missing" and "field-long" (with ``field``), "country-unknown",
    "phone-invalid", "phone-missing" (couriers in China call), "text-unreadable".
    """
    country = data.country.strip().upper()
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("country-unknown", field="country")
    phone = credentials.phone(data.phone, country, required=country == "CN")
    return {
        "name": credentials.line(data.name, "name", 80, required=True),
        "phone": phone or "",
        "country": country,
        "province": credentials.line(data.province, "province", 80),
        "city": credentials.line(data.city, "city", 80),
        "district": credentials.line(data.district, "district", 80),
        "street": credentials.line(data.street, "street", 200, required=True),
        "postcode": credentials.line(data.postcode, "postcode", 16),
        "tag": credentials.line(data.tag, "tag", 20),
    }
