"""One rule for what readers find helpful, reviews and questions alike: each person counts once."""

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.db import db


def count(
    counter: InstrumentedAttribute[int],
    ledger: InstrumentedAttribute[int],
    row_id: int,
    *,
    user_id: int,
    helpful: bool,
) -> None:
    """Write a person's vote into the ledger of votes, or take it back, and move the counter beside it by
    what changed. ``ledger``: the ledger's column that names the row."""
    votes: Any = ledger.class_
    rated: Any = counter.class_
    if helpful:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(votes)
        changed = db.session.scalar(
            insert.values({ledger.key: row_id, "user_id": user_id})
            .on_conflict_do_nothing(index_elements=[ledger.key, "user_id"])
            .returning(ledger)
        )
    else:
        changed = db.session.scalar(
            delete(votes).where(ledger == row_id, votes.user_id == user_id).returning(ledger)
        )
    if changed is not None:
        db.session.execute(
            update(rated)
            .where(rated.id == row_id)
            .values({counter: counter + (1 if helpful else -1)})
        )
