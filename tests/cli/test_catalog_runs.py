"""``flask catalog import``, ``undo`` and ``runs``: an import taken back leaves nothing behind."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from shop.catalog import products
from shop.catalog.data import ImageSource, Spec, VariantData
from shop.catalog.models import Product, Variant
from shop.catalog.runs.models import ImportRun
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory.models import StockLevel, StockMovement
from tests.cli.test_catalog_exchange import DATA
from tests.factories.catalog import make_product, options, product_data
from tests.factories.stores import make_store
from tests.support.machine import cannot

TABLES = (
    "product",
    "product_translation",
    "specification",
    "option",
    "option_value",
    "variant",
    "variant_value",
    "image",
    "listing_row",
    "search_entry",
    "slug_history",
    "goods_terms",
    "product_attribute",
    "related_product",
    "bundle_part",
    "product_facet",
    "brand",
    "category",
)
SHOPIFY = """Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,\
Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src
bowl,{title},<p>{title}</p>,{brand},clay,TRUE,Glaze,{glaze},B-1,{tracker},{units},{price},https://x.test/{glaze}.jpg
bowl,,,,,,,White,B-2,{tracker},{units},{price},
{more}"""
CUP = "cup,Cup,,Late Maker,,TRUE,Title,Default Title,C-1,,,9.00,\n"


@pytest.fixture
def bring(flask):
    """Import a file; the public id of the run."""

    def run(file, *more):
        found = re.search(r"Run: (\S+)", flask("import", file, "--store", "songjian", *more))
        return found[1]

    return run


def state():
    """Every row of the catalogue."""
    db.session.rollback()
    found = {}
    for table in TABLES:
        rows = db.session.execute(text(f'SELECT * FROM "{table}"')).mappings()
        found[table] = sorted((dict(row) for row in rows), key=repr)
    return found


def shopify(folder, name="goods.csv", **values):
    values = {
        "title": "Bowl",
        "brand": "Maker",
        "glaze": "Celadon",
        "tracker": "",
        "units": "",
        "price": "20.00",
        "more": "",
    } | values
    path = folder / name
    path.write_text(SHOPIFY.format(**values), "utf-8")
    return path


def one(handle):
    db.session.rollback()
    return db.session.scalar(select(Product).where(Product.import_handle == handle))


def test_undoing_brings_every_row_back(app, flask, bring, tmp_path):
    store_id = make_store("songjian")
    make_product(
        store_id,
        "Vase",
        options=options(Size=["S"]),
        variants=[VariantData(price_minor=500, values=("S",))],
        specs={"en": [Spec("Height", "20 cm")]},
        images=[ImageSource("https://x.test/vase.jpg")],
    )
    empty = state()
    first = bring(shopify(tmp_path))
    once = state()
    second = bring(
        shopify(tmp_path, title="Big bowl", glaze="Ash", price="25.00", brand="New", more=CUP)
    )
    assert one("cup") is not None
    assert state() != once

    assert second in flask("undo", first, fails=True)  # the newer one touched the same goods
    assert "Brought back 1, deleted 1" in flask("undo", second)
    assert state() == once
    assert "undone  goods.csv: created 1, updated 1" in flask("runs", "--store", "songjian")
    assert "deleted 1" in flask("undo", first)
    assert state() == empty

    bring(shopify(tmp_path))  # and in again
    assert one("bowl").status == "published"


def test_the_own_file_is_undone_with_its_addresses(app, flask, bring, tmp_path):
    store_id = make_store("songjian")
    made = make_product(
        store_id,
        "Vase",
        options=options(Size=["S", "M"]),
        slug="vase",
        variants=[
            VariantData(price_minor=1000, values=("S",)),
            VariantData(price_minor=1000, values=("M",)),
        ],
        specs={"en": [Spec("Height", "20 cm")]},
        images=[ImageSource("https://x.test/vase.jpg")],
    )
    with transaction():
        products.save_product(
            product_data(
                store_id,
                "Vase",
                slug="tall-vase",
                options=options(Size=["S", "M"]),
                variants=[
                    VariantData(price_minor=1000, values=("S",)),
                    VariantData(price_minor=1000, values=("M",)),
                ],
            ),
            product_id=made.id,
        )
    before = state()
    file = tmp_path / "own.csv"
    flask("export", file, "--store", "songjian")
    raw = file.read_text("utf-8")
    file.write_text(raw.replace("tall-vase", "vase").replace("10.00", "12.50"), "utf-8")
    run = bring(file)
    assert state() != before
    flask("undo", run)
    assert state() == before


def test_stock_goes_back_through_the_ledger_and_what_it_names_is_archived(
    app, flask, bring, tmp_path
):
    make_store("songjian")
    first = bring(shopify(tmp_path, tracker="shopify", units="5"))
    second = bring(shopify(tmp_path, tracker="shopify", units="9"), "--stock")
    assert on_hand() == [9, 9]
    flask("undo", second)
    assert on_hand() == [5, 5]

    level = db.session.scalar(select(StockLevel).order_by(StockLevel.id))
    with transaction():  # three are promised to somebody
        db.session.get(StockLevel, level.id).reserved = 3
    assert "names them 1" in flask("undo", first)
    assert on_hand() == [3, 0]
    assert one("bowl").status == "archived"
    moved = db.session.scalars(select(StockMovement.quantity).order_by(StockMovement.id)).all()
    assert sorted(moved) == sorted([5, 5, 4, 4, -4, -4, -2, -5])

    bring(shopify(tmp_path, tracker="shopify", units="5"))
    assert one("bowl").status == "published"


def on_hand():
    db.session.rollback()
    return list(
        db.session.scalars(
            select(StockLevel.on_hand)
            .join(Variant, Variant.id == StockLevel.variant_id)
            .order_by(Variant.sku)
        )
    )


def test_what_was_edited_since_is_named_and_left_unless_asked(app, flask, bring, tmp_path):
    make_store("songjian")
    bring(shopify(tmp_path))
    once = state()
    run = bring(shopify(tmp_path, title="Big bowl"))
    with transaction():
        products.set_status(one("bowl").id, "draft")
    told = flask("undo", run)
    assert "left 1" in told
    assert "  bowl" in told
    assert one("bowl").status == "draft"
    assert "left 0" in flask("undo", run, "--overwrite")
    assert state() == once

    with transaction():
        db.session.get(Product, one("bowl").id).slug = "first-address"
    run = bring(shopify(tmp_path, title="Bigger bowl"))
    with transaction():  # another product takes the address it had
        db.session.get(Product, one("bowl").id).slug = "another"
    make_product(one("bowl").store_id, "Thief", slug="first-address")
    assert "left 1" in flask("undo", run)
    assert one("bowl").slug == "another"
    assert "There is no run" in flask("undo", "nothing", fails=True)


def test_a_killed_run_can_be_undone_and_ends_there(app, flask, bring, tmp_path):
    make_store("songjian")
    empty = state()
    run = bring(shopify(tmp_path, more=CUP))
    with transaction():  # as kill -9 leaves it
        db.session.scalar(select(ImportRun)).state = "running"
    flask("undo", run)
    assert state() == empty
    with transaction():  # and undoing that was killed goes on
        db.session.scalar(select(ImportRun)).state = "undoing"
    flask("undo", run)


@pytest.mark.parametrize(
    "name", ("shopify/packt_product-data.csv", "woocommerce/sample_products.csv")
)
def test_a_real_file_is_undone_whole(app, flask, bring, name):
    path = Path(DATA, name)
    if not path.exists():
        cannot("the catalogues of the shared data folder")
    make_store("songjian")
    empty = state()
    run = bring(path)
    created = db.session.scalar(select(ImportRun.created))
    assert created
    told = flask("undo", run)
    gone = int(re.search(r"deleted (\d+)", told)[1])
    archived = int(re.search(r"names them (\d+)", told)[1])
    assert gone + archived == created
    if not archived:
        assert state() == empty
