"""``flask catalog export`` and back: nothing is lost, nothing is run by a spreadsheet."""

import csv
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from shop.catalog.data import (
    ImageSource,
    OptionData,
    OptionValueData,
    Spec,
    Text,
    VariantData,
)
from shop.catalog.models import Image, ListingRow, Product, Variant
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import services as stock
from shop.inventory.models import Location, StockLevel
from tests.factories.catalog import make_category, make_image, make_product, picture
from tests.factories.stores import make_store
from tests.support.machine import cannot

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("XIAOPU_SHARED_DATA", ROOT.parent / "shared" / "data"))

# Files whose licence lets us say so: MIT, 0BSD, GPL. File, currency.
LICENSED = (
    ("shopify/gatsby_demo_300.csv", "USD"),
    ("shopify/official_template_2019.csv", "USD"),
    ("shopify/packt_product-data.csv", "USD"),
    ("shopify/poland_markets.csv", "PLN"),
    ("woocommerce/classic-commerce_sample_products.csv", "USD"),
    ("woocommerce/experimental_fashion_9.csv", "USD"),
    ("woocommerce/experimental_sample_9.csv", "USD"),
    ("woocommerce/importer_test_sample.csv", "USD"),
    ("woocommerce/sample_products.csv", "USD"),
    ("woocommerce/wooexcel_117.csv", "USD"),
    ("zh/mall_pms.json.gz", "CNY"),
)
TRICKY = '=1+1, "x"\r\nline'


@pytest.fixture
def bring(flask, tmp_path):
    """Import a file; the counts of its products."""

    def run(file, store="songjian", *options):
        report = tmp_path / "report.json"
        flask("import", file, "--store", store, "--report", report, *options)
        found = json.loads(report.read_text("utf-8"))
        return found["products"] | {"codes": [problem["code"] for problem in found["problems"]]}

    return run


@pytest.fixture
def full():
    """A store with a product that has everything, another that has little; the store's id."""
    store = make_store("songjian")
    category = make_category("teapots", "Teapots")
    pot = make_product(
        store,
        texts={
            "en": Text("Pot", "=fact", "+lead", "<p>One</p>\n<p>Two</p>", "-seo", TRICKY),
            "zh": Text("壶", lead="'=quoted", description_html="<p>好</p>"),
        },
        options=[
            OptionData(
                {"en": "Size", "zh": "尺寸"},
                [
                    OptionValueData("s", {"en": "Small", "zh": "小"}, "#aabbcc"),
                    OptionValueData("@l", {"en": "=Large"}),
                    OptionValueData("unused", {"en": "Unused"}),
                ],
            )
        ],
        variants=[
            VariantData(1000, ("@l",), "-SKU", "690", 1200, 300, 450, image="https://a.test/b.jpg"),
            VariantData(900, ("s",), tracked=False),
        ],
        specs={
            "en": [Spec("Height: outer", "8 cm\n\\n"), Spec("Clay", "red: very")],
            "zh": [Spec("高", "8")],
        },
        category_id=category,
        brand="@Songjian",
        tags=["tea", "a,b"],
        featured=True,
        import_handle="Pot One",
        images=[
            ImageSource("https://a.test/a.jpg", {"en": "Front"}),
            ImageSource("https://a.test/b.jpg"),
        ],
    )
    with transaction():
        for place, (name, units) in enumerate((("Main", 5), ("Back room", 0))):
            location = stock.create_location(store, name, place)
            stock.set_on_hand(pot.variants[0], location.id, units, reason="x", actor="test")
    make_product(store, "Cup", status="draft", kind="service", validity_days=30)
    return store


def rows(file):
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def test_our_own_file_is_all_there_is(flask, bring, full, tmp_path):
    file, again = tmp_path / "goods.csv", tmp_path / "again.csv"
    flask("export", file, "--store", "songjian")
    assert bring(file) == {
        "created": 0,
        "updated": 0,
        "unchanged": 2,
        "refused": 0,
        "codes": [],
    }
    with transaction():
        db.session.execute(delete(Product).where(Product.kind == "service"))
    counts = bring(file)
    assert (counts["created"], counts["unchanged"]) == (1, 1)
    flask("export", again, "--store", "songjian")
    assert again.read_bytes() == file.read_bytes()


def test_another_store_becomes_the_same(flask, bring, full, tmp_path):
    file, again = tmp_path / "goods.csv", tmp_path / "again.csv"
    flask("export", file, "--store", "songjian")
    other = make_store("other")
    counts = bring(file, "other")
    assert (counts["created"], set(counts["codes"])) == (2, {"slug-dropped"})
    assert db.session.scalars(
        select(Location.name).where(Location.store_id == other).order_by(Location.id)
    ).all() == ["Main", "Back room"]
    flask("export", again, "--store", "other")
    mine, theirs = rows(file), rows(again)
    for row in (*mine, *theirs):
        row.pop("Address")
    assert mine == theirs
    assert bring(file, "other")["unchanged"] == 2


def test_a_changed_cell_changes_the_product_and_the_old_file_brings_it_back(
    flask, bring, full, tmp_path
):
    file, changed = tmp_path / "goods.csv", tmp_path / "changed.csv"
    flask("export", file, "--store", "songjian")
    changed.write_bytes(file.read_bytes().replace(b"10.00", b"11.50"))
    assert bring(changed)["updated"] == 2
    prices = select(Variant.price_minor).order_by(Variant.price_minor)
    assert db.session.scalars(prices).all() == [900, 1150, 1150]
    assert bring(file)["updated"] == 2
    assert db.session.scalars(prices).all() == [900, 1000, 1000]
    assert db.session.scalars(select(StockLevel.on_hand).order_by(StockLevel.id)).all() == [5, 0]
    changed.write_bytes(file.read_bytes().replace(b",5,0", b",7,2"))
    assert bring(changed)["unchanged"] == 2
    assert bring(changed, "songjian", "--stock")["unchanged"] == 2
    assert db.session.scalars(select(StockLevel.on_hand).order_by(StockLevel.id)).all() == [7, 2]


def test_uploaded_pictures_come_back_in_their_place(flask, bring, tmp_path):
    store = make_store("songjian")
    product = make_product(store, "Pot", images=[ImageSource("https://a.test/a.jpg")])
    make_image(product.id, en="Uploaded")
    file = tmp_path / "goods.csv"
    flask("export", file, "--store", "songjian")
    assert bring(file)["unchanged"] == 1
    pictures = [row["Picture"] for row in rows(file) if row["Row"] == "picture"]
    assert pictures[0] == "https://a.test/a.jpg"
    assert pictures[1].startswith("media:")
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines[-1], lines[-2] = lines[-2], lines[-1]
    other = tmp_path / "turned.csv"
    other.write_text("".join(lines), "utf-8")
    assert bring(other)["updated"] == 1
    assert db.session.scalars(select(Image.source_url).order_by(Image.position)).all() == [
        None,
        "https://a.test/a.jpg",
    ]
    copied = file.read_text("utf-8").replace("xp:", "copy-of-").replace(",pot,", ",pot-two,")
    other.write_text(copied, "utf-8")
    assert bring(other)["created"] == 1
    assert db.session.scalar(select(func.count()).where(Image.source_url.is_(None))) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    (
        ((",CNY,", ",EUR,"), "currency-other"),
        ((",published,", ",sold,"), "status-unknown"),
        ((",physical,", ",big,"), "kind-unknown"),
        ((",variant,", ",thing,"), "row-kind"),
        ((",10.00,", ",cheap,"), "price-unreadable"),
        ((",10.00,", ",,"), "price-missing"),
        (("product,", "variant,"), "product-row-missing"),
        ((",yes", ",perhaps"), "value-unknown"),
        ((",no,", ",perhaps,"), "value-unknown"),
    ),
)
def test_a_bad_cell_refuses_its_product(flask, bring, tmp_path, change, code):
    make_product(make_store("songjian"), "Pot")
    file = tmp_path / "goods.csv"
    flask("export", file, "--store", "songjian")
    file.write_text(file.read_text("utf-8").replace(*change), "utf-8")
    counts = bring(file)
    assert counts["refused"] == 1
    assert code in counts["codes"]


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(flask, full, tmp_path):
    for wanted in ("own", "shopify", "shopify-classic", "woocommerce"):
        file = tmp_path / f"{wanted}.csv"
        flask("export", file, "--store", "songjian", "--format", wanted)
        with file.open(encoding="utf-8-sig", newline="") as source:
            cells = [cell for row in csv.reader(source) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
        assert any(cell.startswith("'@Songjian") for cell in cells)


@pytest.mark.parametrize("wanted", ("shopify", "shopify-classic", "woocommerce"))
def test_what_others_read_we_read_too(flask, bring, full, tmp_path, wanted):
    file = tmp_path / "goods.csv"
    flask("export", file, "--store", "songjian", "--format", wanted)
    make_store("other")
    counts = bring(file, "other")
    assert (counts["created"], counts["refused"]) == (2, 0)
    pot = db.session.scalars(
        select(Variant)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.store_id != full)
        .order_by(Variant.price_minor, Variant.compare_at_minor.is_(None))
    ).all()
    assert [(one.price_minor, one.compare_at_minor, one.weight_grams) for one in pot] == [
        (900, None, 0),
        (1000, 1200, 450),
        (1000, None, 0),
    ]
    assert [one.sku for one in pot if one.compare_at_minor] == ["-SKU"]
    assert [one.tracked for one in pot[:2]] == [False, True]
    english = tmp_path / "zh.csv"
    flask("export", english, "--store", "songjian", "--format", wanted, "--locale", "zh")
    assert "壶" in english.read_text("utf-8")


def test_export_reads_in_batches_of_fixed_cost(flask, tmp_path, statements):
    store = make_store("songjian")
    for _ in range(3):
        make_product(store)
    statements.clear()
    flask("export", tmp_path / "a.csv", "--store", "songjian")
    few = len(statements)
    for _ in range(40):
        make_product(store)
    statements.clear()
    flask("export", tmp_path / "a.csv", "--store", "songjian")
    assert len(statements) == few


def test_export_refuses_in_a_sentence(flask, full, tmp_path):
    file = tmp_path / "goods.csv"
    assert "There is no store none." in flask("export", file, "--store", "none", fails=True)
    missing = tmp_path / "no" / "goods.csv"
    assert "could not be written" in flask("export", missing, "--store", "songjian", fails=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "currency"), LICENSED)
def test_in_out_in_is_no_difference(flask, bring, tmp_path, name, currency):
    check(flask, bring, tmp_path, name, currency)


# A long one, which says nothing on the second database that the others do not.
@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
def test_in_out_in_is_no_difference_for_hundreds_either(flask, bring, tmp_path):
    check(flask, bring, tmp_path, "zh/litemall_catalogue.json.gz", "CNY")


def check(flask, bring, tmp_path, name, currency):
    """Brought in, taken out and brought in again, the goods of a file are the same."""
    source = DATA / name
    if not source.is_file():
        cannot(f"the shared data file {name} (set XIAOPU_SHARED_DATA)")
    make_store("songjian", currency=currency)
    first = bring(source)
    file, again = tmp_path / "goods.csv", tmp_path / "again.csv"
    flask("export", file, "--store", "songjian")
    second = bring(file)
    assert second["unchanged"] == first["created"] > 0
    assert second["refused"] == second["updated"] == second["created"] == 0
    make_store("other", currency=currency)
    third = bring(file, "other")
    assert (third["created"], third["refused"]) == (first["created"], 0)
    flask("export", again, "--store", "other")
    mine, theirs = rows(file), rows(again)
    for row in (*mine, *theirs):
        row.pop("Address")
    assert mine == theirs


def test_pictures_are_taken_from_a_folder(app, flask, bring, tmp_path):
    make_store("songjian")
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "Front View.PNG").write_bytes(picture(300, 200))
    (folder / "broken.jpg").write_bytes(b"<svg><script>alert(1)</script></svg>")
    outside = tmp_path / "outside.png"
    outside.write_bytes(picture(100, 100))
    (folder / "linked.png").symlink_to(outside)
    file = tmp_path / "goods.csv"
    names = ("front%20view.png?v=1", "broken.jpg", "linked.png", "absent.jpg")
    file.write_text(
        "Handle,Title,Variant Price,Image Src\n"
        + f"pot,Pot,1,https://a.test/x/{names[0]}\n"
        + "".join(f"pot,,,https://a.test/{name}\n" for name in names[1:])
    )
    tried = bring(file, "songjian", "--images", folder, "--dry-run")
    assert (tried["created"], tried["codes"]) == (1, [])
    counts = bring(file, "songjian", "--images", folder)
    missing = ["picture-unreadable", "picture-missing", "picture-missing"]
    assert (counts["created"], counts["codes"]) == (1, missing)
    stored = db.session.execute(select(Image.name, Image.widths).order_by(Image.position)).all()
    assert stored[0].widths == "160 300"
    assert [row.name for row in stored[1:]] == [None, None, None]
    assert (Path(app.config["MEDIA_FOLDER"]) / f"{stored[0].name}-300.jpg").is_file()
    assert db.session.scalar(select(ListingRow.image_id)) is not None
    (folder / "absent.jpg").write_bytes(picture(50, 50))
    again = bring(file, "songjian", "--images", folder)
    assert (again["unchanged"], again["codes"]) == (1, missing[:2])
    assert db.session.scalar(select(func.count()).where(Image.name.is_not(None))) == 2


def test_tables_of_other_shops_are_understood_or_refused(flask, bring, tmp_path):
    make_store("songjian")
    tables = {
        "goods": [
            {
                "id": 7,
                "goods_sn": "XP7",
                "name": "青瓷茶杯",
                "category_id": 1,
                "brand_id": 0,
                "gallery": "[]",
                "keywords": "茶",
                "brief": "龙泉",
                "is_on_sale": 1,
                "pic_url": "https://pictures.example/7.jpg",
                "counter_price": "99.00",
                "retail_price": "88.00",
                "detail": "<p>一杯</p>",
                "deleted": 0,
            }
        ],
        "goods_attribute": [{"goods_id": 7, "attribute": "材质", "value": "瓷", "deleted": 0}],
        "goods_specification": [
            {"goods_id": 7, "specification": "颜色", "value": colour, "deleted": 0}
            for colour in ("青", "白")
        ],
        "goods_product": [
            {"id": n, "goods_id": 7, "specifications": f'["{colour}"]', "price": price, "number": n}
            for n, colour, price in ((3, "青", "88.00"), (5, "白", "98.00"))
        ],
    }
    file = tmp_path / "goods.json"
    file.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    assert bring(file)["created"] == 1
    prices = db.session.execute(
        select(Variant.sku, Variant.price_minor, Variant.compare_at_minor).order_by(Variant.id)
    )
    assert [tuple(row) for row in prices] == [("XP7-3", 8800, 9900), ("XP7-5", 9800, 9900)]
    assert db.session.scalar(select(func.sum(StockLevel.on_hand))) == 8
    assert bring(file)["unchanged"] == 1
    for text in ("{}", "[]", "not JSON"):
        file.write_text(text, encoding="utf-8")
        said = flask("import", file, "--store", "songjian", fails=True)
        assert "does not hold the tables of a litemall or mall catalogue." in said
