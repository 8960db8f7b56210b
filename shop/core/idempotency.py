"""A form that is posted twice takes effect once."""

import hashlib
import json
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.core.models import IdempotencyKey


class KeyReused(Conflict):
    """The same key came with other content."""

    code = "idempotency-key-reused"


def fingerprint(content: Any) -> str:
    """A hash of what was asked for, whatever the order of its fields."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def begin(scope: str, key: str, content: Any) -> str | None:
    """Claim ``key`` within ``scope``, first thing in a transaction.

    Returns None when the work is to be done now, or the id of the result when it was done before.
    A second poster waits here for the first one's commit (row lock on PostgreSQL, the write lock on
    SQLite); a rollback frees the key. Raises ``KeyReused`` when the content differs.
    """
    if not 8 <= len(key) <= 100:
        raise Invalid("idempotency-key-missing")
    digest = fingerprint(content)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(IdempotencyKey)
    inserted = db.session.execute(
        insert.values(scope=scope, key=key, request_hash=digest, created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["scope", "key"])
        .returning(IdempotencyKey.id)
    ).scalar()
    if inserted is not None:
        return None
    row = db.session.execute(
        select(IdempotencyKey.request_hash, IdempotencyKey.response).where(
            IdempotencyKey.scope == scope, IdempotencyKey.key == key
        )
    ).one()
    if row.request_hash != digest:
        raise KeyReused
    return row.response or ""


def result(scope: str, key: str) -> str | None:
    """What ``finish`` wrote for ``key``; None when the work was never done."""
    return db.session.scalar(
        select(IdempotencyKey.response).where(
            IdempotencyKey.scope == scope, IdempotencyKey.key == key
        )
    )


def finish(scope: str, key: str, result: str) -> None:
    """Write down the result of the work that ``begin`` claimed."""
    db.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(response=result)
    )
