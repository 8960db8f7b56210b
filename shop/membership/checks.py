"""What must hold of memberships, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import select

from shop.core.db import db
from shop.core.repairs import Repair
from shop.membership.models import Level, Membership


def apart() -> list[tuple[int, int | None, int | None]]:
    """Members whose level is not the one that follows from what they spent: id, what is kept, what is
    right."""
    reached = (
        select(Level.id)
        .where(
            Level.store_id == Membership.store_id, Level.spend_from_minor <= Membership.spent_minor
        )
        .order_by(Level.spend_from_minor.desc())
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Membership.id, Membership.level_id, reached).where(
            Membership.level_id.is_distinct_from(reached)
        )
    )
    return [(mid, kept, due) for mid, kept, due in rows]


def differences() -> list[str]:
    """The same in a sentence each, with ids."""
    return [
        f"membership {mid}: level {kept}, but what was spent gives level {due}"
        for mid, kept, due in apart()
    ]


def repairs() -> list[Repair]:
    """Levels that follow from what was spent."""
    return [Repair(Membership.level_id, {"id": mid}, kept, due) for mid, kept, due in apart()]
