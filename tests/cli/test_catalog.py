"""``flask catalog``: every real file, stock, reports, dry runs; and the smaller commands."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from shop.catalog import queries
from shop.catalog.models import ListingRow, Product
from shop.catalog.search.models import SearchEntry
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory.models import StockLevel, StockMovement
from tests.factories.catalog import make_product
from tests.factories.stores import make_store
from tests.support.machine import cannot

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("XIAOPU_SHARED_DATA", ROOT.parent / "shared" / "data")) / "shopify"

# file, currency of its prices, products made, products refused (None: the whole file)
FILES = (
    ("brasil_1381.csv", "BRL", 213, 0),
    ("chile_flowers_407.csv", "CLP", 143, 0),
    ("clothes_2520.csv", "USD", 168, 0),
    ("cosmetics_metafields.csv", "USD", 8, 0),
    ("gatsby_demo_300.csv", "USD", 98, 1),
    ("inventory_export_223.csv", "USD", 0, None),
    ("kwpax_118.csv", "USD", 10, 0),
    ("official_template_2019.csv", "USD", 1, 0),
    ("official_template_2023_snowboards.csv", "USD", 3, 0),
    ("official_template_2025_newheaders.csv", "USD", 1, 1),
    ("packt_product-data.csv", "USD", 20, 0),
    ("partners_apparel.csv", "USD", 20, 0),
    ("partners_home-and-garden.csv", "USD", 20, 0),
    ("poland_markets.csv", "PLN", 34, 1),
    ("sweden_jewelry_722.csv", "SEK", 37, 0),
)


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()

    def run(*args):
        result = runner.invoke(args=[str(arg) for arg in args])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(
        "Handle,Title,Option1 Name,Option1 Value,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\n"
        "pot,Pot,Size,S,shopify,5,10.00\npot,,,M,shopify,0,12.00\nbad,Bad,,,,,none\n"
    )
    return path


# The three long ones say nothing on the second database that the others do not.
LONG = {"brasil_1381.csv", "clothes_2520.csv", "chile_flowers_407.csv"}


@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
@pytest.mark.parametrize(
    ("name", "currency", "made", "refused"), [file for file in FILES if file[0] in LONG]
)
def test_every_long_file(flask, tmp_path, name, currency, made, refused):
    check(flask, tmp_path, name, currency, made, refused)


@pytest.mark.parametrize(
    ("name", "currency", "made", "refused"), [file for file in FILES if file[0] not in LONG]
)
def test_every_other_file(flask, tmp_path, name, currency, made, refused):
    check(flask, tmp_path, name, currency, made, refused)


def check(flask, tmp_path, name, currency, made, refused):
    """The file is imported or refused in a sentence, and again with no change."""
    file = FOLDER / name
    if not file.is_file():
        cannot(f"the shared data file shopify/{name} (set XIAOPU_SHARED_DATA)")
    make_store("target", currency=currency)
    report_path = tmp_path / "report.json"

    def run():
        result = flask("catalog", "import", file, "--store", "target", "--report", report_path)
        assert "Traceback" not in result.output
        return result

    result = run()
    if refused is None:
        assert result.exit_code == 1
        assert "inventory export" in result.output
        return
    report = json.loads(report_path.read_text("utf-8"))
    assert result.exit_code == 0
    assert report["products"] == {"created": made, "updated": 0, "unchanged": 0, "refused": refused}
    assert db.session.scalar(select(func.count()).select_from(Product)) == made
    refusals = [problem for problem in report["problems"] if problem["refuses"]]
    assert len({problem["handle"] for problem in refusals}) == refused
    assert all(problem["sentence"].endswith((".", "�.")) for problem in report["problems"])
    again = run()
    assert again.exit_code == 0
    report = json.loads(report_path.read_text("utf-8"))
    assert report["products"] == {"created": 0, "updated": 0, "unchanged": made, "refused": refused}
    assert report["stock_set"] == 0


def test_import_counts_new_variants_and_leaves_known_ones(flask, small):
    make_store("songjian")
    result = flask("catalog", "import", small, "--store", "songjian")
    assert "row 4, bad: “none” cannot be read as a price in CNY." in result.output
    assert "created 1, updated 0, unchanged 0, refused 1" in result.output
    assert db.session.scalars(select(StockLevel.on_hand)).all() == [5]
    assert db.session.scalar(select(ListingRow.available)) is True
    small.write_text(small.read_text().replace("shopify,5", "shopify,9"))
    flask("catalog", "import", small, "--store", "songjian")
    assert db.session.scalar(select(StockLevel.on_hand)) == 5
    flask("catalog", "import", small, "--store", "songjian", "--stock")
    assert sorted(db.session.scalars(select(StockLevel.on_hand))) == [0, 9]
    moved = db.session.scalar(select(func.count()).select_from(StockMovement))
    flask("catalog", "import", small, "--store", "songjian", "--stock")
    assert db.session.scalar(select(func.count()).select_from(StockMovement)) == moved


def test_a_dry_run_says_and_changes_nothing(flask, small):
    make_store("songjian")
    result = flask("catalog", "import", small, "--store", "songjian", "--dry-run")
    assert "Would be created 1" in result.output
    assert db.session.scalar(select(func.count()).select_from(Product)) == 0
    assert db.session.scalar(select(func.count()).select_from(StockLevel)) == 0


def test_import_refuses_in_a_sentence(flask, small, tmp_path):
    make_store("songjian")
    assert (
        "There is no store nowhere."
        in flask("catalog", "import", small, "--store", "nowhere").output
    )
    workbook = tmp_path / "book.csv"
    workbook.write_bytes(b"PK\x03\x04" + bytes(50))
    result = flask("catalog", "import", workbook, "--store", "songjian")
    assert result.exit_code == 1
    assert "Save it as CSV" in result.output
    result = flask(
        "catalog", "import", small, "--store", "songjian", "--report", tmp_path / "no" / "r.json"
    )
    assert "could not be written" in result.output


def test_reindex_restores_lists_and_search(flask):
    store = make_store()
    make_product(store, "Longjing")
    with transaction():
        db.session.execute(delete(SearchEntry))
        db.session.execute(update(ListingRow).values(price_minor=1))
    assert "1 products indexed." in flask("catalog", "reindex").output
    page = queries.listing(locale="en", search="longjing")
    assert [card.price_minor for card in page.items] == [1000]


def test_categories_are_made_and_shown(flask):
    assert "no categories yet" in flask("catalog", "categories").output
    flask("catalog", "add-category", "teaware", "--name-en", "Teaware", "--name-zh", "茶具")
    flask("catalog", "add-category", "teapots", "--name-zh", "茶壶", "--parent", "teaware")
    shown = flask("catalog", "categories", "--locale", "zh").output
    assert "茶具 (0)" in shown
    assert "  teapots" in shown
    for args, words in (
        (("teaware", "--name-en", "x"), "already"),
        (("Tea Ware", "--name-en", "x"), "lower-case"),
        (("x",), "name"),
        (("x", "--name-en", "x", "--parent", "none"), "no category none"),
    ):
        result = flask("catalog", "add-category", *args)
        assert result.exit_code == 1
        assert words in result.output
