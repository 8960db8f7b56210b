"""Addresses that things had before, so that old links lead on.

Kept by the services that change a slug, in their own transaction. A row names the thing and not its new
slug: however often it is renamed, an old link needs one step.
"""

from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.models import SlugHistory

Kind = Literal["product", "category", "store", "collection", "brand"]
_KINDS = ("product", "category", "store", "collection", "brand")


def renamed(kind: Kind, owner_id: int, old: str, new: str) -> None:
    """Write down that a thing called ``old`` is now called ``new``.

    The last who had a slug is who it leads to. What is in use again needs no history.
    """
    if old == new:
        return
    taken(kind, new)
    owner = {f"{kind}_id": owner_id, "changed_at": clock.now()}
    others = {f"{name}_id": None for name in _KINDS if name != kind}
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(SlugHistory)
    db.session.execute(
        insert.values(kind=kind, slug=old, **others, **owner).on_conflict_do_update(
            index_elements=["kind", "slug"], set_=owner
        )
    )


def taken(kind: Kind, slug: str) -> None:
    """Forget who had ``slug``: something has it now, and wins."""
    db.session.execute(
        delete(SlugHistory).where(SlugHistory.kind == kind, SlugHistory.slug == slug)
    )


def leads_to(kind: Kind, old_owner_id: int, owner_id: int) -> None:
    """What led to one thing leads to another from now on: the first is about to go."""
    column = getattr(SlugHistory, f"{kind}_id")
    db.session.execute(
        update(SlugHistory)
        .where(column == old_owner_id)
        .values({column: owner_id})
        .execution_options(synchronize_session=False)
    )


def owner_id(kind: Kind, slug: str) -> int | None:
    """The id of what had ``slug`` last, when nothing has it now. One statement."""
    return db.session.scalar(
        select(getattr(SlugHistory, f"{kind}_id")).where(
            SlugHistory.kind == kind, SlugHistory.slug == slug
        )
    )
