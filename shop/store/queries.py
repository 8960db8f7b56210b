"""Reading stores and their staff."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from shop.account.models import User
from shop.core.db import db
from shop.core.errors import NotFound
from shop.core.i18n import pick
from shop.store.data import StaffView, StoreName, StoreText, StoreView
from shop.store.delivery_models import DeliveryCalendar, DeliveryMethod, DeliveryZone
from shop.store.models import StaffMember, Store, StoreTranslation
from shop.store.tax_queries import taxed


def get(store_id: int) -> Store:
    """The store with this id. Raises ``NotFound``."""
    store = db.session.get(Store, store_id)
    if store is None:
        raise NotFound("store-unknown")
    return store


def by_slug(slug: str) -> Store | None:
    """The store with this slug."""
    return db.session.scalar(select(Store).where(Store.slug == slug))


def by_public_id(public_id: str) -> Store | None:
    """The store with this public id."""
    return db.session.scalar(select(Store).where(Store.public_id == public_id))


def all_stores() -> list[Store]:
    """Every store with its texts, in the platform's order. One statement."""
    return list(db.session.scalars(_ordered()).unique())


def stores_of(user_id: int) -> list[Store]:
    """The stores a user works for, with their texts. One statement."""
    return list(
        db.session.scalars(
            _ordered()
            .join(StaffMember, StaffMember.store_id == Store.id)
            .where(StaffMember.user_id == user_id)
        ).unique()
    )


def store_ids_of(user_id: int) -> list[int]:
    """The ids of the stores a user works for: where every admin query starts."""
    return list(
        db.session.scalars(
            select(StaffMember.store_id)
            .join(Store, Store.id == StaffMember.store_id)
            .where(StaffMember.user_id == user_id)
            .order_by(Store.position, Store.id)
        )
    )


def role(store_id: int, user_id: int) -> str | None:
    """``owner``, ``staff``, or None for somebody who does not work there."""
    return db.session.scalar(
        select(StaffMember.role).where(
            StaffMember.store_id == store_id, StaffMember.user_id == user_id
        )
    )


def staff(store_id: int) -> list[StaffView]:
    """Who works for a store, owners first. One statement."""
    rows = db.session.execute(
        select(
            StaffMember.public_id,
            StaffMember.user_id,
            User.username,
            User.email,
            User.display_name,
            StaffMember.role,
        )
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.store_id == store_id)
        .order_by(StaffMember.role, User.username_key)
    )
    return [StaffView(*row) for row in rows]


def names(store_ids: Collection[int], locale: str) -> dict[int, StoreName]:
    """Slug, name and mark of some stores. One statement."""
    rows = db.session.execute(
        select(Store.id, Store.slug, Store.mark, StoreTranslation.locale, StoreTranslation.name)
        .join(StoreTranslation, StoreTranslation.store_id == Store.id)
        .where(Store.id.in_(set(store_ids)))
    ).all()
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.id, {})[row.locale] = row.name
    return {
        row.id: StoreName(row.id, row.slug, pick(found[row.id], locale), row.mark) for row in rows
    }


def all_names(locale: str) -> list[StoreName]:
    """Slug, name and mark of every store, in the platform's order. One statement."""
    rows = db.session.execute(
        select(Store.id, Store.slug, Store.mark, StoreTranslation.locale, StoreTranslation.name)
        .join(StoreTranslation, StoreTranslation.store_id == Store.id)
        .order_by(Store.position, Store.id)
    ).all()
    texts: dict[int, dict[str, str]] = {}
    for row in rows:
        texts.setdefault(row.id, {})[row.locale] = row.name
    kept = {row.id: row for row in rows}
    return [
        StoreName(row.id, row.slug, pick(texts[row.id], locale), row.mark) for row in kept.values()
    ]


def view(slug: str, locale: str) -> StoreView | None:
    """A store in one language, for its page. One statement."""
    store = db.session.scalars(_ordered().where(Store.slug == slug)).unique().first()
    return None if store is None else as_view(store, locale)


def as_view(store: Store, locale: str) -> StoreView:
    """A loaded store in one language; a text missing in it comes from another."""
    texts = {
        text.locale: StoreText(text.name, text.tagline, text.about, text.ships_from)
        for text in store.translations
    }

    def chosen(field: str) -> str:
        return pick({key: getattr(text, field) for key, text in texts.items()}, locale)

    return StoreView(
        id=store.id,
        public_id=store.public_id,
        slug=store.slug,
        name=chosen("name"),
        tagline=chosen("tagline"),
        about=chosen("about"),
        ships_from=chosen("ships_from"),
        mark=store.mark,
        currency=store.currency,
        timezone=store.timezone,
        contact_email=store.contact_email,
        flat_delivery_minor=store.flat_delivery_minor,
        free_delivery_from_minor=store.free_delivery_from_minor,
        texts=texts,
        settings=store.settings,
    )


def all_views(locale: str) -> list[StoreView]:
    """Every store in one language, with what it has set up of delivery and tax, in the platform's order. One
    statement."""
    joined = select(Store, has_own_delivery(), taxed()).options(joinedload(Store.translations))
    rows = db.session.execute(joined.order_by(Store.position, Store.id)).unique()
    return [
        replace(
            as_view(store, locale),
            plain_delivery=not own,
            tax_included=store.prices_include_tax if taxes else None,
        )
        for store, own, taxes in rows
    ]


def has_own_delivery() -> ColumnElement[bool]:
    """Whether a store has set up more of its delivery than the flat rate: for a column beside ``Store``."""
    tables = (DeliveryCalendar, DeliveryZone, DeliveryMethod)
    return or_(*(exists().where(table.store_id == Store.id) for table in tables))


def count() -> int:
    """How many stores there are: with one, no page mentions stores."""
    return db.session.scalar(select(func.count()).select_from(Store)) or 0


def _ordered() -> Select[Store]:
    return select(Store).options(joinedload(Store.translations)).order_by(Store.position, Store.id)
