"""Migrations lead where the models say, and back, on both databases, with rows in the tables."""

import os
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from shop.app import create_app
from shop.catalog.search.schema import is_kept_by_hand
from shop.core.db import Base, db
from tests.conftest import BACKENDS, settings
from tests.support import databases, postgres, schema

ROOT = Path(__file__).resolve().parents[2]

# What a row needs beyond the types and `IN (…)` checks of its columns.
SPECIAL: dict[str, dict[str, object] | list[dict[str, object]]] = {
    "order": {  # its tax came on top
        "items_minor": 100,
        "discount_minor": -10,
        "delivery_minor": 8,
        "tax_minor": 5,
        "prices_include_tax": False,
        "total_minor": 103,
    },
    "order_line": {
        "unit_price_minor": 100,
        "cancelled": 0,
        "shipped": 1,
        "returned": 0,
        "discount_minor": -10,
    },
    "bundle_part": {},  # joins two different variants
    "adjustment": {"amount_minor": -10},
    "delivery_slot": {"weekday": 1, "from_minute": 540, "until_minute": 720},
    "order_delivery": {"kind": "flat", "pickup_state": None},
    "return_request": {"state": "requested", "refund_id": None},
    # A second one, that the first goes with.
    "product": [{}, {"id": 2, "public_id": "second", "slug": "second", "import_handle": "second"}],
    "invoice": {"refund_id": None},
    "transfer_proof": {"state": "sent", "decided_at": None},
    "related_product": {"other_id": 2},
    # A second one, that goods are sent to.
    "location": [{}, {"id": 2, "public_id": "second", "name": "second"}],
    "transfer": {"target_id": 2},
    "transfer_line": {"quantity": 3},
    "payment_account": {"test_result": ""},  # never tested
    "search_typo": {"word": "word"},
    "slug_history": {
        "category_id": None,
        "store_id": None,
        "collection_id": None,
        "brand_id": None,
    },
}


def script() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def revisions() -> list[str]:
    """Oldest first."""
    return [one.revision for one in script().walk_revisions()][::-1]


def _shop(backend: str, name: str, run_folder: Path, folder: Path) -> Flask:
    if backend == "sqlite":
        return create_app(settings(f"sqlite:///{folder / name}.db", folder))
    url = postgres.create_from(postgres.address(run_folder), f"{name}_{os.getpid()}")
    return create_app(settings(databases.driver(url), folder))


@pytest.fixture(params=BACKENDS)
def bare(request: pytest.FixtureRequest, run_folder: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on a database with nothing in it; flask-migrate works on it."""
    app = _shop(request.param, "bare", run_folder, tmp_path)
    with app.app_context():
        yield db.engine
        db.session.remove()
        db.engine.dispose()


def test_there_is_one_head():
    assert len(script().get_heads()) == 1


def test_every_revision_is_named_for_what_it_does():
    assert [one.revision for one in script().walk_revisions() if not (one.doc or "").strip()] == []


def test_models_and_migrations_agree(bare):
    flask_migrate.upgrade()
    with bare.connect() as connection:
        options = {
            "compare_type": True,
            "include_object": lambda _o, name, kind, *_: not is_kept_by_hand(name, kind),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_checks_triggers_and_indexes_agree_too(backend, run_folder, tmp_path):
    found = []
    for name, make in (("migrated", flask_migrate.upgrade), ("modelled", db.create_all)):
        with _shop(backend, name, run_folder, tmp_path).app_context():
            make()
            with db.engine.connect() as connection:
                found.append(schema.objects_by_rule(connection))
            db.session.remove()
            db.engine.dispose()
    migrated, modelled = found
    differences = {
        name: (migrated.get(name), modelled.get(name))
        for name in migrated.keys() | modelled.keys()
        if migrated.get(name) != modelled.get(name)
    }
    assert differences == {}


def test_down_and_up_with_rows_in_every_table(bare):
    flask_migrate.upgrade()
    with bare.begin() as connection:
        schema.fill(connection, Base.metadata, SPECIAL)
    steps = revisions()
    for lower in [*steps[:-1][::-1], "base"]:
        with bare.connect() as connection:
            before, held = schema.objects(connection), schema.rows(connection)
        flask_migrate.downgrade(revision=lower)
        with bare.connect() as connection:
            kept = schema.rows(connection)
        flask_migrate.upgrade(revision=steps[0] if lower == "base" else "+1")
        with bare.connect() as connection:
            after, returned = schema.objects(connection), schema.rows(connection)
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert after == before
        assert {name: len(rows) for name, rows in kept.items() if name in held} == {
            name: len(rows) for name, rows in held.items() if name in kept
        }
        for name, rows in kept.items():
            if name not in returned:  # a table of earlier times, which this step takes away
                continue
            columns = set(rows[0]) & set(returned[name][0]) if rows and returned[name] else set()
            assert _only(columns, returned[name]) == _only(columns, rows)
        if lower != "base":
            flask_migrate.downgrade(revision=lower)


def test_down_to_nothing_leaves_nothing(bare):
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    with bare.connect() as connection:
        left = [name for name in schema.objects(connection) if "alembic_version" not in name]
    assert left == []


def _only(columns: set[str], rows: list[dict[str, object]]) -> list[str]:
    return sorted(repr({name: row[name] for name in sorted(columns)}) for row in rows)
