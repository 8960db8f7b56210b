"""Opening a store, changing it, and who works for it."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shop.core import clock, ids, renames
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.money import MAX_MINOR
from shop.store.data import StoreText
from shop.store.models import StaffMember, Store, StoreTranslation

ROLES = ("owner", "staff")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Keep(Enum):
    """Stands for "leave as it is" where None has a meaning of its own."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


def create(
    slug: str,
    names: Mapping[str, str],
    *,
    currency: str = "CNY",
    timezone: str = "Asia/Shanghai",
    owner_id: int | None = None,
    contact_email: str = "",
    mark: str | None = None,
    position: int = 0,
    flat_delivery_minor: int = 0,
    free_delivery_from_minor: int | None = None,
    texts: Mapping[str, StoreText] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Store:
    """Open a store. ``names``: locale → name; ``texts`` (locale → all texts) wins over it.

    Amounts are minor units of ``currency`` (ISO 4217). The owner, when given, becomes its first staff.
    Raises ``Invalid``: "store-slug", "store-slug-taken", "store-name-missing", "currency-unknown",
    "timezone-unknown", "amount-out-of-range".
    """
    if not _SLUG.fullmatch(slug) or len(slug) > 60:
        raise Invalid("store-slug", field="slug")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Invalid("currency-unknown", field="currency", currency=currency)
    wording = dict(texts or {}) or {
        locale: StoreText(name) for locale, name in names.items() if name
    }
    if not wording or not all(text.name.strip() for text in wording.values()):
        raise Invalid("store-name-missing", field="name")
    store = Store(
        slug=slug,
        currency=currency,
        timezone=_timezone(timezone),
        contact_email=contact_email,
        mark=mark,
        position=position,
        flat_delivery_minor=_amount(flat_delivery_minor, "flat_delivery"),
        free_delivery_from_minor=_amount_or_none(free_delivery_from_minor, "free_delivery_from"),
        settings=dict(settings or {}),
    )
    try:
        with db.session.begin_nested():
            db.session.add(store)
            db.session.flush()  # the unique slug decides here, and the id is needed below
    except IntegrityError:
        raise Invalid("store-slug-taken", field="slug", slug=slug) from None
    renames.taken("store", slug)
    _write_texts(store.id, wording)
    if owner_id is not None:
        add_staff(store.id, owner_id, "owner")
    return store


def update(
    store_id: int,
    *,
    texts: Mapping[str, StoreText] | None = None,
    timezone: str | None = None,
    contact_email: str | None = None,
    mark: str | Keep | None = KEEP,
    position: int | None = None,
    flat_delivery_minor: int | None = None,
    free_delivery_from_minor: int | Keep | None = KEEP,
    settings: Mapping[str, Any] | None = None,
) -> Store:
    """Change what is given; the currency stays, since prices are kept in it.

    ``settings`` are merged. Raises ``NotFound`` and ``Invalid`` as ``create`` does.
    """
    store = db.session.get(Store, store_id, with_for_update=True, populate_existing=True)
    if store is None:
        raise NotFound("store-unknown")
    if texts is not None:
        if not texts or not all(text.name.strip() for text in texts.values()):
            raise Invalid("store-name-missing", field="name")
        _write_texts(store_id, texts)
    if timezone is not None:
        store.timezone = _timezone(timezone)
    if contact_email is not None:
        store.contact_email = contact_email
    if not isinstance(mark, Keep):
        store.mark = mark
    if position is not None:
        store.position = position
    if flat_delivery_minor is not None:
        store.flat_delivery_minor = _amount(flat_delivery_minor, "flat_delivery")
    if not isinstance(free_delivery_from_minor, Keep):
        store.free_delivery_from_minor = _amount_or_none(
            free_delivery_from_minor, "free_delivery_from"
        )
    if settings is not None:
        store.settings = {**store.settings, **settings}
    return store


def change_slug(store_id: int, slug: str) -> None:
    """Give a store another address; the old one leads on. Raises ``NotFound`` and ``Invalid``."""
    if not _SLUG.fullmatch(slug) or len(slug) > 60:
        raise Invalid("store-slug", field="slug")
    store = db.session.get(Store, store_id, with_for_update=True, populate_existing=True)
    if store is None:
        raise NotFound("store-unknown")
    old = store.slug
    try:
        with db.session.begin_nested():
            store.slug = slug
            db.session.flush()  # the unique slug decides here
    except IntegrityError:
        raise Invalid("store-slug-taken", field="slug", slug=slug) from None
    renames.renamed("store", store_id, old, slug)


def add_staff(store_id: int, user_id: int, role: str = "staff") -> None:
    """Let a user work for a store, or change the role of one who does.

    Raises ``Invalid("role-unknown")`` and ``Conflict("last-owner")``: a store keeps an owner.
    """
    if role not in ROLES:
        raise Invalid("role-unknown", field="role", role=role)
    _lock(store_id)
    if role != "owner":
        _refuse_last_owner(store_id, user_id)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StaffMember)
    db.session.execute(
        insert.values(
            public_id=ids.public_id(),
            store_id=store_id,
            user_id=user_id,
            role=role,
            created_at=clock.now(),
        ).on_conflict_do_update(index_elements=["store_id", "user_id"], set_={"role": role})
    )


def remove_staff(store_id: int, user_id: int) -> None:
    """End a user's work for a store. Raises ``NotFound`` and ``Conflict("last-owner")``."""
    _lock(store_id)
    _refuse_last_owner(store_id, user_id)
    gone = db.session.scalar(
        delete(StaffMember)
        .where(StaffMember.store_id == store_id, StaffMember.user_id == user_id)
        .returning(StaffMember.id)
    )
    if gone is None:
        raise NotFound("staff-unknown")


def _lock(store_id: int) -> None:
    # Two owners removed at once must not both find the other one still there.
    if db.session.scalar(select(Store.id).where(Store.id == store_id).with_for_update()) is None:
        raise NotFound("store-unknown")


def _refuse_last_owner(store_id: int, user_id: int) -> None:
    owners = select(StaffMember.user_id).where(
        StaffMember.store_id == store_id, StaffMember.role == "owner"
    )
    if list(db.session.scalars(owners.limit(2))) == [user_id]:
        raise Conflict("last-owner")


def _write_texts(store_id: int, texts: Mapping[str, StoreText]) -> None:
    db.session.execute(delete(StoreTranslation).where(StoreTranslation.store_id == store_id))
    db.session.add_all(
        StoreTranslation(
            store_id=store_id,
            locale=locale,
            name=text.name.strip()[:120],
            tagline=text.tagline,
            about=text.about,
            ships_from=text.ships_from,
        )
        for locale, text in texts.items()
    )
    db.session.flush()  # a delete and inserts of the same key: keep their order
    store = db.session.get(Store, store_id)
    if store is not None:
        db.session.expire(store, ["translations"])


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("timezone-unknown", field="timezone", timezone=name) from None
    return name


def _amount(minor: int, field: str) -> int:
    if not 0 <= minor < MAX_MINOR:
        raise Invalid("amount-out-of-range", field=field)
    return minor


def _amount_or_none(minor: int | None, field: str) -> int | None:
    return None if minor is None else _amount(minor, field)


def next_position() -> int:
    """The place after the last store, for one that is opened without a place of its own."""
    return (db.session.scalar(select(func.max(Store.position))) or 0) + 1
