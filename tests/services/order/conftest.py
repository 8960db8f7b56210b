"""The same beginning again and again in the middle of a test."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert, select

from shop.core.db import db
from tests.support.databases import Database

Again = Callable[[], None]


@pytest.fixture
def remember(app: Flask, _shops: dict[str, tuple[Flask, Database]]) -> Callable[[], Again]:
    """Remember all rows as they are now; what it returns brings the database back to them."""
    database = next(database for made, database in _shops.values() if made is app)

    def take() -> Again:
        db.session.rollback()
        kept = [
            (table, [dict(row) for row in db.session.execute(select(table)).mappings()])
            for table in db.metadata.sorted_tables
        ]

        def again() -> None:
            db.session.rollback()
            db.session.remove()
            database.empty(db.engine)
            for table, rows in kept:
                if rows:
                    db.session.execute(insert(table), rows)
            db.session.commit()

        return again

    return take
