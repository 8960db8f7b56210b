"""What operators decide for the whole platform and the database keeps."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from shop.core.db import db
from shop.core.models import Setting


def get(key: str) -> dict[str, Any]:
    """The value of ``key``, empty when it was never set."""
    return dict(db.session.scalar(select(Setting.value).where(Setting.key == key)) or {})


def put(key: str, value: Mapping[str, Any]) -> None:
    """Set ``key``, whatever it was."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Setting)
    db.session.execute(
        insert.values(key=key, value=dict(value)).on_conflict_do_update(
            index_elements=["key"], set_={"value": dict(value)}
        )
    )


def keys(prefix: str) -> list[str]:
    """The keys that begin with ``prefix``, in order."""
    statement = select(Setting.key).where(Setting.key.startswith(prefix, autoescape=True))
    return list(db.session.scalars(statement.order_by(Setting.key)))
