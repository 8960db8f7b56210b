"""Importing product files: what each quirk becomes, and that a second run changes nothing."""

import csv
import io
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from shop.catalog import products, queries
from shop.catalog.data import OptionData, OptionValueData, Spec, Text
from shop.catalog.imports.drafts import draft
from shop.catalog.imports.problems import FileRefused
from shop.catalog.imports.reader import ProductFile
from shop.catalog.imports.saving import Outcome, context, save
from shop.catalog.models import Image, Option, OptionValue, Product, Variant, VariantValue
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from tests.factories.catalog import make_category
from tests.factories.stores import make_store

HEAD = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "Variant Image",
    "Variant Weight Unit",
    "Cost per item",
    "Status",
]


@pytest.fixture
def store(app):
    return make_store("songjian")


@pytest.fixture
def run(store, tmp_path):
    """Import rows (dicts by heading) or raw bytes; answers the outcomes by handle and the problems."""

    def go(rows, *, set_stock=False, stock=None, raw=None):
        path = tmp_path / "file.csv"
        path.write_bytes(raw if raw is not None else as_csv(rows))
        source = ProductFile(path)
        outcomes, problems = {}, []
        for group in source.groups():
            found, said = draft(group, source.headings, context(store, "en"))
            problems += said
            if found is None:
                assert any(problem.refuses for problem in said)
                outcomes[group.handle] = "refused"
                continue
            with transaction():
                saved = save(
                    found,
                    set_stock=set_stock,
                    on_stock=lambda *call: stock.append(call) if stock is not None else None,
                    on_parts=lambda *_: None,
                )
            outcomes[group.handle] = saved.outcome.value
        return outcomes, problems

    return go


def as_csv(rows, head=HEAD):
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, head)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def row(handle="pot", **cells):
    """A row; the first of a product has a title and a price unless said otherwise."""
    return {"Handle": handle, **cells}


def first(handle="pot", **cells):
    return row(handle, **{"Title": handle.title(), "Variant Price": "10.00", **cells})


def codes(problems):
    return [(problem.code, problem.row, problem.refuses) for problem in problems]


def everything():
    """All that an import writes, but for times."""
    return [
        db.session.execute(statement).all()
        for statement in (
            select(Product.id, Product.public_id, Product.slug, Product.version, Product.status),
            select(
                Variant.id, Variant.signature, Variant.price_minor, Variant.sku, Variant.image_id
            ),
            select(Option.id, Option.names),
            select(OptionValue.id, OptionValue.key),
            select(VariantValue.variant_id, VariantValue.value_id),
            select(Image.id, Image.source_url, Image.position),
        )
    ]


def test_a_product_with_variants_pictures_and_all(run, store):
    category = make_category("teapots", "Teapots")
    stock = []
    outcomes, problems = run(
        [
            first(
                **{
                    "Body (HTML)": "<p>Good</p><script>x</script>",
                    "Vendor": "Longquan",
                    "Type": "teapots",
                    "Tags": "tea, celadon,, tea",
                    "Option1 Name": "Size",
                    "Option1 Value": "S",
                    "Variant SKU": "'P-S",
                    "Variant Grams": "260",
                    "Variant Inventory Tracker": "shopify",
                    "Variant Inventory Qty": "5",
                    "Image Src": "https://example.com/1.jpg",
                    "Image Alt Text": "Side",
                    "Image Position": "1",
                    "Cost per item": "4.5",
                    "Variant Compare At Price": "12",
                    "Status": "active",
                    "Published": "true",
                }
            ),
            row(
                **{
                    "Option1 Value": "M",
                    "Variant Price": "$21.00",
                    "Variant SKU": "P-M",
                    "Variant Inventory Tracker": "shopify",
                    "Variant Inventory Qty": "-3",
                    "Variant Image": "https://example.com/2.jpg",
                }
            ),
            row(**{"Image Src": "https://example.com/3.jpg", "Image Position": "2"}),
        ],
        stock=stock,
    )
    assert outcomes == {"pot": "created"}
    assert codes(problems) == [("quantity-negative", 3, False)]
    page = queries.product_page("pot", "en")
    assert page.description_html == "<p>Good</p>"
    assert (page.brand, page.tags, page.category_id) == ("Longquan", ["tea", "celadon"], category)
    small, medium = page.variants
    assert (small.sku, small.price_minor, small.compare_at_minor) == ("P-S", 1000, 1200)
    assert (small.weight_grams, small.tracked) == (260, True)
    assert medium.price_minor == 2100
    assert stock == [(small.id, 5, True), (medium.id, 0, True)]
    images = db.session.scalars(select(Image).order_by(Image.position)).all()
    assert [image.source_url[-5] for image in images] == ["1", "3", "2"]
    assert db.session.get(Variant, medium.id).image_id == images[2].id


def test_a_second_run_changes_nothing_and_stock_is_set_when_asked(run):
    rows = [first(**{"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "5"})]
    run(rows)
    before, stock = everything(), []
    assert run(rows, stock=stock)[0] == {"pot": "unchanged"}
    assert (everything(), stock) == (before, [])
    assert run(rows, set_stock=True, stock=stock)[0] == {"pot": "unchanged"}
    assert [(units, new) for _, units, new in stock] == [(5, False)]
    assert everything() == before


def test_a_changed_file_updates_and_counts_new_variants_only(run):
    old = first(
        **{
            "Option1 Name": "Size",
            "Option1 Value": "S",
            "Variant Inventory Tracker": "shopify",
            "Variant Inventory Qty": "5",
        }
    )
    run([old])
    kept = db.session.scalar(select(Variant.id))
    stock = []
    new = row(
        **{
            "Option1 Value": "M",
            "Variant Price": "11",
            "Variant Inventory Tracker": "shopify",
            "Variant Inventory Qty": "7",
        }
    )
    assert run([{**old, "Variant Price": "9"}, new], stock=stock)[0] == {"pot": "updated"}
    assert [(units, new) for _, units, new in stock] == [(7, True)]
    assert db.session.get(Variant, kept).price_minor == 900


def test_the_merchants_own_changes_outlive_the_same_file(run, store):
    from shop.catalog import prices

    rows = [first()]
    run(rows)
    with transaction():
        prices.set_price(db.session.scalar(select(Variant.id)), 777)
    run(rows)
    assert db.session.scalar(select(Variant.price_minor)) == 777


def test_what_the_merchant_added_outlives_a_newer_file(run, store):
    rows = [first(**{"Option1 Name": "Glaze", "Option1 Value": "Celadon"})]
    run(rows)
    public_id = db.session.scalar(select(Product.public_id))
    product = queries.admin_product(public_id, [store])
    glaze = product.data.options[0].values[0]
    with transaction():
        products.save_product(
            replace(
                product.data,
                texts={"en": Text("Pot", fact="220 ml"), "zh": Text("壶")},
                specs={"zh": [Spec("容量", "220 毫升")]},
                options=[
                    OptionData(
                        {"en": "Glaze", "zh": "釉色"},
                        [OptionValueData(glaze.key, {"en": "Celadon", "zh": "青瓷"}, "#9db8a5")],
                    )
                ],
                featured=True,
            ),
            product_id=product.id,
        )
    assert run([{**rows[0], "Title": "Teapot", "Variant Price": "11"}])[0] == {"pot": "updated"}
    after = queries.admin_product(public_id, [store]).data
    assert (after.texts["en"].title, after.texts["en"].fact) == ("Teapot", "220 ml")
    assert after.texts["zh"].title == "壶"
    assert after.specs["zh"] == [Spec("容量", "220 毫升")]
    assert after.options[0].names == {"en": "Glaze", "zh": "釉色"}
    assert after.options[0].values[0].swatch == "#9db8a5"
    assert after.featured
    assert after.variants[0].price_minor == 1100


def test_a_file_without_delivery_does_not_take_a_service_off_the_shelf(run, store):
    rows = [first(**{"Variant Requires Shipping": "false"})]
    run(rows)
    public_id = db.session.scalar(select(Product.public_id))
    product = queries.admin_product(public_id, [store])
    assert (product.data.kind, product.data.status) == ("digital", "draft")
    with transaction():
        products.save_product(
            replace(product.data, kind="service", status="published", validity_days=30),
            product_id=product.id,
        )
    run([{**rows[0], "Title": "Workshop"}])
    after = queries.admin_product(public_id, [store]).data
    assert (after.kind, after.status, after.validity_days) == ("service", "published", 30)


def test_rows_that_come_back_later_belong_to_their_product(run):
    outcomes, problems = run(
        [
            first("a", **{"Option1 Name": "Size", "Option1 Value": "S"}),
            first("b"),
            row("a", **{"Option1 Value": "M", "Variant Price": "12"}),
            first("c"),
            row("a", **{"Image Src": "https://example.com/1.jpg"}),
        ]
    )
    assert outcomes == {"a": "created", "b": "created", "c": "created"}
    assert not problems
    assert len(queries.product_page("a", "en").variants) == 2


@pytest.mark.parametrize(
    ("cells", "code"),
    (
        ({"Variant Price": ""}, "price-missing"),
        ({"Variant Price": "much"}, "price-unreadable"),
        ({"Variant Price": "-1"}, "price-negative"),
        ({"Title": ""}, "title-missing"),
        ({"Title": "x" * 256}, "text-too-long"),
        ({"Gift Card": "true"}, "gift-card"),
        ({"Variant Inventory Policy": "perhaps"}, "value-unknown"),
        ({"Option1 Name": "Size", "Option1 Value": "x" * 256}, "option-value-too-long"),
        ({"Variant SKU": "x" * 256}, "text-too-long"),
        ({"Handle": "x" * 256}, "handle-too-long"),
    ),
)
def test_one_bad_row_refuses_its_product_alone(run, cells, code):
    outcomes, problems = run([first("good"), {**first("bad"), **cells}])
    assert outcomes.pop("good") == "created"
    assert list(outcomes.values()) == ["refused"]
    assert [p.code for p in problems if p.refuses] == [code]
    assert next(p for p in problems if p.refuses).row == 3
    assert "{" not in problems[-1].sentence()
    assert db.session.scalar(select(func.count()).select_from(Product)) == 1


@pytest.mark.parametrize(
    ("cells", "code"),
    (
        ({"Variant Compare At Price": "10.00"}, "compare-at-dropped"),
        ({"Variant Compare At Price": "x"}, "compare-at-unreadable"),
        ({"Cost per item": "?"}, "cost-unreadable"),
        ({"Variant Price": "0"}, "price-zero"),
        ({"Variant Grams": "heavy"}, "weight-unreadable"),
        ({"Variant Inventory Qty": "many"}, "quantity-unreadable"),
        ({"Variant Inventory Qty": "-2"}, "quantity-negative"),
        (
            {"Variant Inventory Tracker": "shopify", "Variant Inventory Policy": "continue"},
            "sells-beyond-stock",
        ),
        ({"Status": "unlisted"}, "status-mended"),
        ({"Variant Requires Shipping": "false"}, "no-delivery"),
        ({"Variant Barcode": "6.90123E+12"}, "barcode-damaged"),
        ({"Variant Barcode": "9" * 65}, "barcode-too-long"),
        ({"Vendor": "x" * 161}, "text-cut"),
        ({"Image Src": "javascript:alert(1)"}, "image-address"),
    ),
)
def test_small_faults_are_mended_and_said(run, cells, code):
    outcomes, problems = run([{**first(), **cells}])
    assert outcomes == {"pot": "created"}
    assert codes(problems) == [(code, 2, False)]
    assert "{" not in problems[0].sentence()


@pytest.mark.parametrize(
    ("cells", "status"),
    (
        ({}, "published"),
        ({"Published": "false"}, "draft"),
        ({"Status": "Active", "Published": "TRUE"}, "published"),
        ({"Status": "active", "Published": "false"}, "draft"),
        ({"Status": "draft", "Published": "true"}, "draft"),
        ({"Status": "archived"}, "archived"),
    ),
)
def test_status(run, cells, status):
    run([{**first(), **cells}])
    assert db.session.scalar(select(Product.status)) == status


def test_repeated_rows_and_repeated_combinations(run):
    option = {"Option1 Name": "Size", "Option1 Value": "S"}
    outcomes, problems = run([first(**option), first(**option)])
    assert outcomes == {"pot": "created"}
    assert codes(problems) == [("row-repeated", 3, False)]
    outcomes, problems = run(
        [first("cup", **option), first("cup", **option, **{"Variant Price": "11"})]
    )
    assert outcomes == {"cup": "refused"}
    assert codes(problems) == [("combination-repeated", 3, True)]


def test_an_option_without_a_value_somewhere(run):
    outcomes, problems = run(
        [
            first(
                **{
                    "Option1 Name": "Size",
                    "Option1 Value": "S",
                    "Option2 Name": "Colour",
                    "Option2 Value": "red",
                }
            ),
            row(**{"Option1 Value": "M", "Variant Price": "1"}),
        ]
    )
    assert outcomes == {"pot": "refused"}
    assert codes(problems) == [("option-value-missing", 3, True)]


def test_default_title_is_no_option(run):
    run([first(**{"Option1 Name": "Title", "Option1 Value": "Default Title"})])
    assert queries.product_page("pot", "en").options == []


def test_new_headings_without_a_handle_and_semicolons(run):
    raw = b"Title;Price;URL handle\nRed pot;29,99;\nBlue pot;1.299,00;\n;5,00;\n"
    outcomes, problems = run(None, raw=raw)
    assert outcomes == {"red-pot": "created", "blue-pot": "created", "": "refused"}
    assert codes(problems) == [("handle-missing", 4, True)]
    assert queries.product_page("blue-pot", "en").price_minor == 129900


def test_ragged_rows(run):
    head = b"Handle,Title,Variant Price,Variant Requires Shipping,Variant Inventory Policy,Tags\n"
    outcomes, problems = run(
        None,
        raw=head
        + b"a,A,1,true,deny\nb,B,1,deny,x\nc,C,1,true,deny,t,,,\nd,D,1,true,deny,t,u\n\n  ,,\n",
    )
    assert outcomes == {"a": "created", "b": "refused", "c": "created", "d": "refused"}
    assert codes(problems) == [
        ("row-short", 2, False),
        ("cells-slipped", 3, True),
        ("row-too-long", 5, True),
    ]


@pytest.mark.parametrize("name", ("utf-8", "utf-8-sig", "gb18030", "utf-16"))
def test_chinese_in_any_encoding(run, name):
    raw = "Handle,Title,Body (HTML),Variant Price\ncha,龙泉青瓷茶壶,手工拉坯，两次烧成，釉色温润,88.80\n"
    assert run(None, raw=raw.encode(name))[0] == {"cha": "created"}
    assert queries.product_page("cha", "en").title == "龙泉青瓷茶壶"


def test_western_european_text(run):
    run(None, raw="Handle,Title,Variant Price\ncafe,Café crème à la carte,5\n".encode("cp1252"))
    assert queries.product_page("cafe-creme-a-la-carte", "en").title == "Café crème à la carte"


def test_an_open_quotation_mark_refuses_the_file(run, monkeypatch):
    from shop.catalog.imports import reader

    monkeypatch.setattr(reader, "_MAX_CELL", 1000)
    raw = b'Handle,Title,Variant Price\na,"A,1\n' + b"b,B,1\n" * 400
    with pytest.raises(FileRefused, match="file-quotes"):
        run(None, raw=raw)
    assert db.session.scalar(select(func.count()).select_from(Product)) == 0


def test_two_stores_may_use_the_same_handle(run, tmp_path):
    run([first()])
    other = make_store("other")
    source = ProductFile(tmp_path / "file.csv")
    for group in source.groups():
        found, _ = draft(group, source.headings, context(other, "en"))
        with transaction():
            saved = save(found, set_stock=False, on_stock=lambda *_: None, on_parts=lambda *_: None)
    assert saved.outcome is Outcome.CREATED
    assert db.session.scalar(select(func.count()).select_from(Product)) == 2


CELL = st.sampled_from(
    ["", "x", "1", "-1", "9.99", "true", "S", "M", "'0", "https://e.com/a.jpg", "é茶", '"', "="]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"Handle": st.sampled_from(["a", "b", "A", ""])},
            optional={name: CELL for name in HEAD if name != "Handle"},
        ),
        max_size=8,
    )
)
def test_any_file_is_imported_or_refused_and_a_second_run_changes_nothing(run, rows):
    first_outcomes, _ = run(rows)
    before = everything()
    second_outcomes, _ = run(rows)
    assert everything() == before
    assert set(second_outcomes.values()) <= {"unchanged", "refused"}
    assert first_outcomes.keys() == second_outcomes.keys()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(raw=st.binary(max_size=200), head=st.booleans())
def test_no_bytes_end_in_a_traceback(run, raw, head):
    with suppress(FileRefused, ShopError):
        run(None, raw=(b"Handle,Title,Variant Price\n" if head else b"") + raw)
