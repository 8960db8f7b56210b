"""The product page, its picker, and what cart and admin read."""

import pytest

from shop.catalog import products, queries
from shop.catalog.data import OptionData, OptionValueData, Spec, Text, VariantData
from shop.core.transaction import transaction
from tests.factories.catalog import make_category, make_image, make_product, options
from tests.factories.stores import make_store


@pytest.fixture
def store(app):
    return make_store("songjian")


@pytest.fixture
def teapot(store):
    """Celadon in 160 and 220 ml, white in 160 ml only."""
    above = make_category("teaware")
    return make_product(
        store,
        texts={"en": Text("Teapot"), "zh": Text("茶壶")},
        specs={"en": [Spec("Holds", "220 ml"), Spec("Clay", "Stone")]},
        category_id=make_category("teapots", parent_id=above),
        options=[
            OptionData(
                {"en": "Glaze", "zh": "釉色"},
                [
                    OptionValueData("celadon", {"en": "Celadon", "zh": "青瓷"}, "#9db8a5"),
                    OptionValueData("white", {"en": "White", "zh": "月白"}),
                ],
            ),
            *options(Size=["160 ml", "220 ml"]),
        ],
        variants=[
            VariantData(100, ("celadon", "160 ml"), sku="C160"),
            VariantData(200, ("celadon", "220 ml"), sku="C220"),
            VariantData(300, ("white", "160 ml"), sku="C160"),
        ],
    )


def states(picked):
    return [
        [(entry.value.label, entry.state.value, entry.chosen) for entry in option.values]
        for option in picked.options
    ]


def test_a_page_in_five_statements(teapot, statements):
    make_image(teapot.id)
    tree = queries.categories("en")
    statements.clear()
    page = queries.product_page(teapot.slug, "en", "C220", tree=tree)
    assert len(statements) == 5
    assert [crumb.slug for crumb in page.path] == ["teaware", "teapots"]
    assert [(spec.name, spec.value) for spec in page.specs] == [
        ("Holds", "220 ml"),
        ("Clay", "Stone"),
    ]
    assert page.chosen.price_minor == 200
    assert (page.price_minor, page.price_max_minor) == (100, 300)
    assert len(page.images) == 1
    chinese = queries.product_page(teapot.slug, "zh")
    assert (chinese.options[0].name, chinese.options[0].values[0].label) == ("釉色", "青瓷")
    # No Chinese specifications: the English ones.
    assert chinese.specs[0].name == "Holds"
    assert queries.product_page("no-such", "en") is None


def test_a_repeated_sku_does_not_name_a_variant(teapot):
    page = queries.product_page(teapot.slug, "en", "C160")
    assert page.chosen is None
    assert [v.code for v in page.variants] == [
        page.variants[0].public_id,
        "C220",
        page.variants[2].public_id,
    ]


def test_picker_without_a_choice_takes_the_first_in_stock(teapot):
    page = queries.product_page(teapot.slug, "en")
    first, second, third = (v.id for v in page.variants)
    picked = queries.picker(page, None, {first: 0, second: 3, third: None})
    assert (picked.chosen.sku, picked.available, picked.sold_out) == ("C220", 3, False)
    assert states(picked) == [
        [("Celadon", "available", True), ("White", "missing", False)],
        [("160 ml", "sold-out", False), ("220 ml", "available", True)],
    ]
    # White exists in 160 ml: that is where choosing it leads.
    assert picked.options[0].values[1].code == page.variants[2].code
    assert picked.options[1].label == "220 ml"


def test_picker_with_all_sold_out_still_shows_one(teapot):
    page = queries.product_page(teapot.slug, "en")
    picked = queries.picker(page, None, {})
    assert picked.chosen == page.variants[0]
    assert picked.sold_out


def test_picker_takes_what_a_form_sent(teapot):
    page = queries.product_page(teapot.slug, "en")
    white = page.options[0].values[1].public_id
    large = page.options[1].values[1].public_id
    small = page.options[1].values[0].public_id
    stock = {v.id: 1 for v in page.variants}
    picked = queries.picker(page, "C220", stock, [white, small])
    assert picked.chosen == page.variants[2]
    missing = queries.picker(page, "C220", stock, [white, large])
    assert missing.chosen is None
    assert states(missing)[0] == [("Celadon", "available", False), ("White", "missing", True)]
    assert queries.picker(page, "C220", stock, [white]).chosen.sku == "C220"
    assert queries.picker(page, "C220", stock, ["zzz"]).chosen.sku == "C220"


def test_picker_without_options(store):
    plain = make_product(store, variants=[VariantData(100, tracked=False)])
    page = queries.product_page(plain.slug, "en", "unknown")
    picked = queries.picker(page, "unknown", {})
    assert (picked.options, picked.available, picked.sold_out) == ([], None, False)
    assert picked.chosen == page.variants[0]


def test_what_a_cart_reads(teapot, store, statements):
    make_image(teapot.id)
    statements.clear()
    found = queries.variants_for_cart(teapot.variants, "zh")
    assert len(statements) == 4
    info = found[teapot.variants[1]]
    assert (info.title, info.options_text, info.sku) == ("茶壶", "青瓷，220 ml", "C220")
    assert info.options["en"] == "Celadon, 220 ml"
    assert info.titles == {"en": "Teapot", "zh": "茶壶"}
    assert info.image_name == info.image.name
    assert info.sellable
    with transaction():
        products.set_status(teapot.id, "draft")
    assert not queries.variants_for_cart(teapot.variants, "en")[teapot.variants[0]].sellable
    assert queries.variants_for_cart([], "en") == {}


def test_the_editor_sends_back_what_it_read(teapot, store):
    make_image(teapot.id, en="A pot")
    before = queries.admin_product(teapot.public_id, [store])
    with transaction():
        products.save_product(before.data, product_id=teapot.id, expected_version=before.version)
    after = queries.admin_product(teapot.public_id, [store])
    assert after.data == before.data
    assert [v.id for v in after.variants] == [v.id for v in before.variants]
    assert queries.admin_product(teapot.public_id, [store + 1]) is None
    assert queries.admin_product(teapot.public_id, []) is None


def test_the_admins_list_finds_and_pages(store):
    mine = [
        make_product(store, f"Cup {n}", variants=[VariantData(1, sku=f"SKU-{n}")]) for n in range(5)
    ]
    other = make_store()
    make_product(other, "Cup elsewhere")
    first = queries.admin_products([store], locale="en", limit=3)
    second = queries.admin_products([store], locale="en", limit=3, after=first.next_cursor)
    assert [row.id for row in [*first.items, *second.items]] == [made.id for made in reversed(mine)]
    assert second.next_cursor is None
    assert first.counts == {"published": 5}
    assert [row.id for row in queries.admin_products([store], locale="en", q="sku-3").items] == [
        mine[3].id
    ]
    assert queries.admin_products([store], locale="en", q="elsewhere").items == []
    assert queries.admin_products([store], locale="en", status="draft").items == []
    assert queries.admin_products([], locale="en").items == []
    assert first.items[0].variants[0].sku == "SKU-4"
    public_id = first.items[0].variants[0].public_id
    assert queries.admin_variant(public_id, [store]) == mine[4].variants[0]
    assert queries.admin_variant(public_id, [other]) is None


def test_chinese_titles_are_found_in_the_admin(store):
    made = make_product(store, texts={"zh": Text("青瓷茶壶")})
    assert [r.id for r in queries.admin_products([store], locale="en", q="茶壶").items] == [made.id]
