"""``flask catalog import`` with WooCommerce's files: every real one, and each kind of product."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shop.catalog import queries
from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.inventory.models import StockLevel
from tests.factories.stores import make_store
from tests.support.machine import cannot

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("XIAOPU_SHARED_DATA", ROOT.parent / "shared" / "data"))

# file, products made, variants, products refused (None: the whole file)
FILES = (
    ("bambini_variations.csv", 0, 0, None),
    ("classic-commerce_sample_products.csv", 13, 26, 2),
    ("experimental_fashion_9.csv", 8, 8, 1),
    ("experimental_sample_9.csv", 6, 6, 3),
    ("importer_test_sample.csv", 3, 4, 2),
    ("russian_headers.csv", 9, 9, 0),
    ("sample_products.csv", 16, 27, 2),
    ("sample_products.xml", 0, 0, None),
    ("sample_tax_rates.csv", 0, 0, None),
    ("wooexcel_117.csv", 2, 115, 0),
)
HEAD = [
    "ID",
    "Type",
    "SKU",
    "Name",
    "Published",
    "Short description",
    "Description",
    "Date sale price starts",
    "Date sale price ends",
    "In stock?",
    "Stock",
    "Backorders allowed?",
    "Weight (kg)",
    "Sale price",
    "Regular price",
    "Categories",
    "Tags",
    "Images",
    "Parent",
    "Attribute 1 name",
    "Attribute 1 value(s)",
    "Attribute 2 name",
    "Attribute 2 value(s)",
]


@pytest.fixture
def bring(app, tmp_path):
    """Import rows (each a dict of cells) or a file; returns the report."""
    runner = app.test_cli_runner()
    report = tmp_path / "report.json"

    def run(*rows, file=None, options=()):
        if file is None:
            file = tmp_path / "woo.csv"
            lines = [HEAD, *([row.get(name, "") for name in HEAD] for row in rows)]
            file.write_text(
                "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines), "utf-8"
            )
        args = ["catalog", "import", file, "--store", "target", "--report", report, *options]
        result = runner.invoke(args=[str(arg) for arg in args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        if result.exit_code:
            return {"problems": [], "said": result.output}
        return json.loads(report.read_text("utf-8")) | {"said": result.output}

    make_store("target", currency="USD")
    return run


def codes(report):
    return [problem["code"] for problem in report["problems"]]


def simple(**cells):
    return {"Type": "simple", "SKU": "Pot", "Name": "Pot", "Published": "1"} | cells


def variable(**cells):
    colours = {"Attribute 1 name": "Colour", "Attribute 1 value(s)": "Red, Blue"}
    return {"Type": "variable", "ID": "7", "SKU": "Tee", "Name": "Tee", "Published": "1"} | (
        colours | cells
    )


def variation(colour, **cells):
    return {
        "Type": "variation",
        "Parent": "tee",
        "Regular price": "10",
        "Attribute 1 name": "colour",
        "Attribute 1 value(s)": colour,
    } | cells


@pytest.mark.parametrize(("name", "made", "variants", "refused"), FILES)
def test_every_file(bring, name, made, variants, refused):
    file = FOLDER / "woocommerce" / name
    if not file.is_file():
        cannot(f"the shared data file woocommerce/{name} (set XIAOPU_SHARED_DATA)")
    report = bring(file=file)
    if refused is None:
        assert "This is not a product export" in report["said"]
        assert db.session.scalar(select(func.count()).select_from(Product)) == 0
        return
    assert report["products"] == {"created": made, "updated": 0, "unchanged": 0, "refused": refused}
    assert db.session.scalar(select(func.count()).select_from(Variant)) == variants
    assert all(problem["sentence"].endswith(".") for problem in report["problems"])
    again = bring(file=file)
    assert again["products"]["unchanged"] == made


def test_a_simple_product_with_all_it_has(bring):
    report = bring(
        simple(
            **{
                "Sale price": "8",
                "Regular price": "10.50",
                "Stock": "4",
                "Weight (kg)": ".5",
                "Short description": "Small\\, round.",
                "Description": "One\\n\\nTwo & more",
                "Tags": "a, b\\, c",
                "Images": "https://a.test/1.jpg, https://a.test/2.jpg, nowhere",
                "Attribute 1 name": "Clay",
                "Attribute 1 value(s)": "Red",
            }
        )
    )
    assert codes(report) == ["image-address"]
    product = db.session.scalars(select(Product)).one()
    data = queries.admin_product(product.public_id, [product.store_id])
    variant = data.data.variants[0]
    assert (variant.price_minor, variant.compare_at_minor, variant.weight_grams) == (800, 1050, 500)
    assert data.data.texts["en"].description_html == "<p>One</p><p>Two &amp; more</p>"
    assert data.data.tags == ["a", "b", "c"]  # a comma parts tags here
    assert [spec.name for spec in data.data.specs["en"]] == ["Clay"]
    assert [image.source_url for image in data.images] == [
        "https://a.test/1.jpg",
        "https://a.test/2.jpg",
    ]
    assert db.session.scalars(select(StockLevel.on_hand)).all() == [4]


def test_variations_find_their_parent_by_sku_and_by_number(bring):
    report = bring(
        variation("Red", Parent="id:7", Stock="3"),
        variable(),
        variation("Blue", **{"Regular price": "12"}),
    )
    assert codes(report) == []
    product = db.session.scalars(select(Product)).one()
    found = queries.admin_product(product.public_id, [product.store_id])
    assert {(one.values, one.data.price_minor) for one in found.variants} == {
        (("Red",), 1000),
        (("Blue",), 1200),
    }
    assert [value.key for value in found.data.options[0].values] == ["Red", "Blue"]


def test_a_variation_for_any_value_becomes_one_for_each(bring):
    sizes = {"Attribute 2 name": "Size", "Attribute 2 value(s)": "S, M"}
    report = bring(
        variable(**sizes),
        variation("Red", **{"Attribute 2 name": "Size"}),
        variation(
            "Red",
            **{"Attribute 2 name": "Size", "Attribute 2 value(s)": "M", "Regular price": "15"},
        ),
    )
    assert codes(report) == ["any-value"]
    product = db.session.scalars(select(Product)).one()
    found = queries.admin_product(product.public_id, [product.store_id])
    assert {(one.values, one.data.price_minor) for one in found.variants} == {
        (("Red", "S"), 1000),
        (("Red", "M"), 1500),
    }


@pytest.mark.parametrize(
    ("rows", "code"),
    (
        ([simple(Type="grouped")], "grouped"),
        ([simple(Type="external")], "external"),
        ([simple(Type="subscription")], "type-unknown"),
        ([simple()], "price-missing"),
        ([simple(Name="", **{"Regular price": "1"})], "title-missing"),
        ([simple(**{"Regular price": "1"})] * 2, "product-repeated"),
        ([variation("Red", Parent="nobody")], "parent-missing"),
        ([variation("Red", Parent="")], "parent-unnamed"),
        ([simple(SKU="tee", **{"Regular price": "1"}), variation("Red")], "parent-not-variable"),
        (
            [variable(), variation("Red"), variation("Red", **{"Regular price": "9"})],
            "combination-repeated",
        ),
    ),
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(bring, rows, code):
    report = bring(*rows)
    refusals = [problem for problem in report["problems"] if problem["refuses"]]
    assert [problem["code"] for problem in refusals] == [code]
    assert report["products"]["created"] == 0
    assert refusals[0]["row"] >= 2


@pytest.mark.parametrize(
    ("cells", "status", "said"),
    (
        ({"Published": "'-1"}, "draft", []),
        ({"Published": "0"}, "draft", []),
        ({"Type": "simple, downloadable, virtual"}, "draft", ["no-delivery"]),
        ({"Type": "variable"}, "draft", ["variations-missing"]),
        ({"Sale price": "1", "Date sale price ends": "2017-01-01"}, "published", ["sale-past"]),
        ({"Sale price": "1", "Date sale price starts": "2999-01-01"}, "published", ["sale-future"]),
        ({"Sale price": "9"}, "published", ["compare-at-dropped"]),
        ({"Stock": "3", "Backorders allowed?": "notify"}, "published", ["sells-beyond-stock"]),
        ({"Stock": "-2"}, "published", ["quantity-negative"]),
    ),
)
def test_what_this_shop_has_not_becomes_what_it_can_be(bring, cells, status, said):
    report = bring(simple(**({"Regular price": "5"} | cells)))
    assert codes(report) == said
    assert db.session.scalars(select(Product.status)).all() == [status]


def test_the_format_can_be_named(bring, tmp_path):
    said = bring(simple(), options=["--format", "own"])["said"]
    assert "The headings are not those of Xiaopu’s own product file." in said
    shopify = tmp_path / "s.csv"
    shopify.write_text("Handle,Title,Variant Price\nx,X,1\n")
    said = bring(file=shopify, options=["--format", "woocommerce"])["said"]
    assert "The headings are not those of WooCommerce’s product file." in said
