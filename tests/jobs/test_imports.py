"""Files at the desk worked through by jobs: looked at first, applied as it was seen, whole after a kill."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shop.catalog.models import Product, Variant
from shop.catalog.runs.keeping import Kept
from shop.catalog.runs.models import ImportRow, ImportRun
from shop.catalog.runs.upload_models import ImportPreview, ImportUpload
from shop.core import clock
from shop.core.db import db
from shop.core.models import Delivery
from shop.core.transaction import transaction
from shop.inventory.models import StockLevel, StockMovement
from shop.jobs import housekeeping, imports, inline
from shop.jobs import outbox as jobs
from shop.jobs import uploads as desk
from tests.factories.catalog import make_category, make_product
from tests.factories.stores import make_store
from tests.factories.uploads import goods_file, make_upload
from tests.jobs.conftest import in_time


def bring(app, store_id, content, **options):
    """A file at the desk of which nothing is done yet; its id."""
    return make_upload(store_id, content, **options).id


def found(upload_id):
    db.session.rollback()
    return {
        row.handle: row
        for row in db.session.scalars(
            select(ImportPreview)
            .where(ImportPreview.upload_id == upload_id)
            .order_by(ImportPreview.position)
        )
    }


def upload(upload_id):
    return db.session.get(ImportUpload, upload_id, populate_existing=True)


def apply(upload_id):
    with transaction():
        desk.ask_apply(upload_id, actor="u:1")
    inline.run_all()


def product(handle):
    db.session.rollback()
    return db.session.scalar(select(Product).where(Product.import_handle == handle))


def counts(upload_id):
    row = upload(upload_id)
    return [row.created, row.changed, row.unchanged, row.refused, row.archived]


def test_a_file_is_looked_at_applied_and_taken_back(app):
    store_id = make_store("songjian")
    category = make_category("bowls", "Bowls")
    vase = make_product(store_id, "Vase")
    first = bring(
        app,
        store_id,
        goods_file("bowl,Bowl,Maker,20.00,shopify,5,active", "cup,,Maker,8.00,,,active"),
        category_id=category,
        status="draft",
        missing="archive",
    )
    inline.run_all()
    assert upload(first).state == "checked"
    assert counts(first) == [1, 0, 0, 1, 1]
    assert db.session.scalar(select(func.count()).select_from(Product)) == 1  # only tried
    rows = found(first)
    assert rows["bowl"].verdict == "created"
    assert {one["field"]: one["new"] for one in rows["bowl"].changes} == {
        "status": "draft",
        "price_minor": 2000,
        "category": category,
        "brand": "Maker",
        "stock": 5,
    }
    assert [one["code"] for one in rows["cup"].problems] == ["title-missing"]
    assert (rows["cup"].row, rows["vase"].verdict) == (3, "archived")

    apply(first)
    assert upload(first).state == "finished"
    assert product("bowl").status == "draft"
    assert db.session.get(Product, vase.id, populate_existing=True).status == "archived"
    assert [found(first)[handle].applied for handle in ("bowl", "cup", "vase")] == [
        "created",
        "refused",
        "archived",
    ]

    second = bring(
        app,
        store_id,
        goods_file("bowl,Big bowl,Maker,25.00,shopify,7,active"),
        set_stock=True,
    )
    inline.run_all()
    changes = {one["field"]: (one["old"], one["new"]) for one in found(second)["bowl"].changes}
    assert changes["title"] == ("Bowl", "Big bowl")
    assert changes["price_minor"] == (2000, 2500)
    assert changes["stock"] == (5, 7)
    assert changes["status"] == ("draft", "published")
    apply(second)
    for upload_id in (second, first):
        run_id = upload(upload_id).run_id
        with transaction():
            imports.ask(run_id, overwrite=False)
        inline.run_all()
        assert db.session.get(ImportRun, run_id, populate_existing=True).state == "undone"
    assert db.session.get(Product, vase.id, populate_existing=True).status == "published"
    assert product("bowl").status == "archived"  # the ledger names it


def test_what_changed_between_is_looked_at_again(app):
    store_id = make_store("songjian")
    upload_id = bring(app, store_id, goods_file("bowl,Bowl,Maker,20.00,,,active"))
    inline.run_all()
    late = make_product(store_id, "Taken meanwhile", import_handle="bowl")
    apply(upload_id)
    assert (found(upload_id)["bowl"].verdict, found(upload_id)["bowl"].applied) == (
        "created",
        "changed",
    )
    assert product("bowl").id == late.id

    again = bring(app, store_id, goods_file("cup,Cup,Maker,20.00,,,active"))
    inline.run_all()
    Kept(app.config["IMPORTS_FOLDER"]).forget(upload(again).kept)
    apply(again)
    assert (upload(again).state, upload(again).code) == ("failed", "file-gone")
    assert product("cup") is None


def test_work_goes_on_in_the_next_job_and_can_be_stopped(app, monkeypatch):
    monkeypatch.setattr(desk, "_SECONDS", -1.0)  # one product a job
    store_id = make_store("songjian")
    lines = [f"bowl-{number},Bowl {number},Maker,2.00,,,active" for number in range(3)]
    upload_id = bring(app, store_id, goods_file(*lines))
    inline.run_all()
    assert (upload(upload_id).state, counts(upload_id)[0]) == ("checked", 3)
    with transaction():
        desk.ask_apply(upload_id, actor="u:1")
    for _ in range(2):
        desk.apply_asked({"upload_id": upload_id}, 1)
    assert product("bowl-1") is not None
    run_id = upload(upload_id).run_id
    monkeypatch.setattr(imports, "_SECONDS", -1.0)
    with transaction():
        imports.ask(run_id, overwrite=False)
    inline.run_all()
    assert upload(upload_id).state == "cancelled"
    assert db.session.scalar(select(func.count()).select_from(Product)) == 0


def test_old_files_go_with_what_was_found_in_them(app):
    store_id = make_store("songjian")
    upload_id = bring(app, store_id, goods_file("bowl,Bowl,Maker,20.00,,,active"))
    inline.run_all()
    apply(upload_id)
    path = Kept(app.config["IMPORTS_FOLDER"]).path(upload(upload_id).kept)
    housekeeping.tidy()
    assert path.exists()
    with clock.at(clock.now() + timedelta(days=31)):
        housekeeping.tidy()
    assert not path.exists()
    assert found(upload_id) == {}
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 1


@pytest.mark.soak
def test_a_worker_killed_in_the_middle_goes_on_where_it_was(queued, start, app):
    store_id = make_store("songjian")
    lines = [f"bowl-{number},Bowl {number},Maker,20.00,shopify,5,active" for number in range(60)]
    upload_id = bring(app, store_id, goods_file(*lines))
    inline.run_all()
    assert counts(upload_id) == [60, 0, 0, 0, 0]

    worker = start("worker")
    with transaction():
        desk.ask_apply(upload_id, actor="u:1")
    in_time(lambda: upload(upload_id).position > 5 or db.session.rollback())
    worker.kill()
    done = upload(upload_id).position
    assert 0 < done < 60
    start("worker")
    _lease_ends()
    in_time(lambda: upload(upload_id).state == "finished" or db.session.rollback())
    assert db.session.scalar(select(func.count()).select_from(Product)) == 60
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 60
    assert db.session.scalar(select(func.count()).select_from(Variant)) == 60
    assert set(db.session.scalars(select(StockLevel.on_hand))) == {5}
    assert db.session.scalar(select(func.count()).select_from(StockMovement)) == 60
    assert db.session.scalar(select(ImportRun.created)) == 60


def _lease_ends():
    with transaction():
        db.session.execute(
            update(Delivery).where(Delivery.state == "pending").values(next_try_at=clock.now())
        )
    jobs.sweep()
