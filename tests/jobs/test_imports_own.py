"""The shop's own file at the desk: what refers to goods further down is brought in again after the end."""

from sqlalchemy import select

from shop.catalog import related
from shop.catalog.bundle_models import BundlePart
from shop.catalog.data import VariantData
from shop.catalog.models import Product, Variant
from shop.catalog.related_models import RelatedProduct
from shop.catalog.runs.models import ImportRun
from shop.catalog.runs.upload_models import ImportPreview, ImportUpload
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import bundles
from shop.inventory import services as stock
from shop.jobs import imports, inline
from shop.jobs import uploads as desk
from tests.factories.catalog import make_product
from tests.factories.stores import make_store
from tests.factories.uploads import make_upload


def written(app, folder):
    """The file of a store with a set that stands before its cup, each shown with the other."""
    store = make_store("songjian")
    whole = make_product(store, "Set", import_handle="set")
    cup = make_product(store, "Cup", import_handle="cup", variants=[VariantData(500, sku="CUP")])
    with transaction():
        place = stock.create_location(store, "Main", 0)
        stock.set_on_hand(cup.variants[0], place.id, 6, reason="x", actor="test")
    with transaction():
        related.set_pins(whole.id, [cup.id])
        related.set_pins(cup.id, [whole.id])
        bundles.compose(whole.variants[0], {cup.variants[0]: 2})
    file = folder / "goods.csv"
    done = app.test_cli_runner().invoke(
        args=["catalog", "export", str(file), "--store", "songjian"]
    )
    assert done.exit_code == 0, done.output
    return file.read_bytes()


def test_a_bundle_before_its_parts_is_made_by_many_short_jobs(app, tmp_path, monkeypatch):
    content = written(app, tmp_path)
    monkeypatch.setattr(desk, "_SECONDS", -1.0)  # one product a job
    other = make_store("harrow")
    upload_id = make_upload(other, content).id
    inline.run_all()
    found = {row.handle: row for row in db.session.scalars(select(ImportPreview))}
    assert {name: row.verdict for name, row in found.items()} == {
        "set": "created",
        "cup": "created",
    }
    with transaction():
        desk.ask_apply(upload_id, actor="u:1")
    inline.run_all()
    db.session.rollback()
    upload = db.session.get(ImportUpload, upload_id)
    assert upload.state == "finished"
    ids = dict(
        db.session.execute(
            select(Product.import_handle, Product.id).where(Product.store_id == other)
        ).all()
    )
    assert db.session.execute(
        select(Variant.product_id, BundlePart.quantity)
        .join(Variant, Variant.id == BundlePart.part_id)
        .where(Variant.product_id.in_(ids.values()))
    ).all() == [(ids["cup"], 2)]
    pinned = select(RelatedProduct.product_id, RelatedProduct.other_id).where(
        RelatedProduct.product_id.in_(ids.values())
    )
    assert {tuple(row) for row in db.session.execute(pinned)} == {
        (ids["set"], ids["cup"]),
        (ids["cup"], ids["set"]),
    }
    run = db.session.get(ImportRun, upload.run_id)
    assert (run.created, run.updated, run.refused) == (2, 0, 0)

    with transaction():
        imports.ask(run.id, overwrite=False)
    inline.run_all()
    left = select(Product.import_handle, Product.status).where(Product.store_id == other)
    assert db.session.execute(left).all() == [("cup", "archived")]  # the ledger names it


def test_what_stands_beside_a_product_is_shown_before_it_changes(app, tmp_path):
    content = written(app, tmp_path)
    store = db.session.scalar(select(Product.store_id).where(Product.import_handle == "set"))
    file = content.decode("utf-8-sig").replace("2 x CUP", "3 x CUP")
    make_upload(store, file.encode())
    inline.run_all()
    db.session.rollback()
    changed = select(ImportPreview.changes).where(ImportPreview.handle == "set")
    assert db.session.scalar(changed) == [
        {"field": "parts", "kind": "text", "of": "", "old": "2 x CUP", "new": "3 x CUP"}
    ]
