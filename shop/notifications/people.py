"""Who reads a store's mail, and in which language."""

from dataclasses import dataclass

from sqlalchemy import select

from shop.account.models import User
from shop.core.db import db
from shop.store.models import StaffMember, Store


@dataclass(frozen=True, slots=True)
class Reader:
    """An address and its reader's language."""

    email: str
    locale: str


def of_store(store_id: int) -> list[Reader]:
    """The store's contact address in its first owner's language; without one, every owner's own."""
    contact = db.session.scalar(select(Store.contact_email).where(Store.id == store_id)) or ""
    owners = db.session.execute(
        select(User.email, User.locale)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(
            StaffMember.store_id == store_id,
            StaffMember.role == "owner",
            User.disabled_at.is_(None),
        )
        .order_by(StaffMember.id)
    )
    readers = [Reader(email, locale) for email, locale in owners]
    if contact:
        return [Reader(contact, readers[0].locale if readers else "en")]
    return readers
