"""The imports of a store, and undoing them at the desk."""

import pytest
from sqlalchemy import select

from shop.catalog.imports.problems import Problem
from shop.catalog.models import Product
from shop.catalog.runs import services, snapshots
from shop.catalog.runs.models import ImportRun
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.inventory.undo import levels
from shop.jobs import imports
from tests.factories.catalog import make_product


def imported(store_id, product_id, before=None):
    """A run that made (or changed) one product."""
    with transaction():
        run = services.begin(store_id, "goods.csv", actor="command line")
        services.record(
            run.id,
            before or services.Before(None, None, {}),
            product_id=product_id,
            handle="bowl",
            row=2,
            outcome="updated" if before else "created",
            levels=levels,
        )
        services.refuse(run.id, Problem("title-missing", "cup", 3))
        services.finish(run.id)
        return run.id, run.public_id


def test_an_import_is_undone_by_a_job(goods, merchant, stranger):
    assert "Nothing was imported yet" in merchant.get("/en/admin/products/imports").text
    product_id = make_product(goods.store_id, "Bowl").id
    run_id, run = imported(goods.store_id, product_id)
    page = merchant.get("/en/admin/products/imports").text
    assert "New: 1. Changed: 0. Same: 0. Refused: 1." in page
    assert "3: cup: The product has no title." in page
    assert "撤销这次导入" in merchant.get("/zh/admin/products/imports").text
    assert "goods.csv" not in stranger.get("/en/admin/products/imports").text
    assert stranger.post(f"/en/admin/products/imports/{run}/undo").status_code == 404

    answer = merchant.post(f"/en/admin/products/imports/{run}/undo")
    assert answer.status_code == 303
    for _ in range(2):  # a delivery may come twice
        imports.undo_asked({"run_id": run_id, "overwrite": False}, 1)
    assert db.session.get(Product, product_id) is None
    assert db.session.scalar(select(ImportRun.state).where(ImportRun.id == run_id)) == "undone"
    assert db.session.scalar(select(AuditEntry.subject).where(AuditEntry.action == "import.undo"))
    page = merchant.get("/en/admin/products/imports").text
    assert "Deleted: 1." in page
    assert "Undo this import" not in page


def test_the_newer_import_of_a_product_goes_first(goods, merchant):
    product_id = make_product(goods.store_id, "Bowl").id
    _, first = imported(goods.store_id, product_id)
    seen = services.Before(product_id, snapshots.take(product_id), {})
    imported(goods.store_id, product_id, seen)
    answer = merchant.post(f"/en/admin/products/imports/{first}/undo")
    assert answer.status_code == 409
    assert "Undo that one first." in answer.text


def test_an_import_ends_once_it_is_being_undone(goods):
    with transaction():
        run_id = services.begin(goods.store_id, "goods.csv", actor="command line").id
    with transaction():
        imports.ask(run_id, overwrite=False)
    with pytest.raises(Conflict), transaction():
        services.refuse(run_id, Problem("title-missing", "cup", 3))
    with pytest.raises(Conflict), transaction():
        services.finish(run_id)
