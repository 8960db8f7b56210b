"""Saving products and what follows from it."""

import pytest
from sqlalchemy import func, select

from shop.catalog import listing, listing_ends, prices, products, queries
from shop.catalog.data import ImageSource, OptionData, OptionValueData, Spec, Text, VariantData
from shop.catalog.models import ListingRow, Product, Variant
from shop.catalog.search.models import SearchEntry
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from tests.factories.catalog import made, make_product, options, product_data
from tests.factories.stores import make_store


@pytest.fixture
def store(app):
    return make_store("songjian")


def sizes(*values, price=1000):
    return {
        "options": options(Size=list(values)),
        "variants": [VariantData(price_minor=price + i, values=(v,)) for i, v in enumerate(values)],
    }


def save(data, **how):
    with transaction():
        return products.save_product(data, **how).id


def test_a_product_reads_back_as_it_was_saved(store):
    product = make_product(
        store,
        texts={
            "en": Text(
                "Teapot", fact="220 ml", description_html="<p onclick=x>Good</p><script>1</script>"
            ),
            "zh": Text("茶壶", fact="220 毫升"),
        },
        specs={"en": [Spec("Holds", "220 ml")], "zh": [Spec("容量", "220 毫升")]},
        brand="Longquan 龙泉",
        **sizes("S", "M"),
    )
    page = queries.product_page(product.slug, "en")
    assert page is not None
    assert (page.title, page.fact, page.brand) == ("Teapot", "220 ml", "Longquan 龙泉")
    assert page.description_html == "<p>Good</p>"
    assert [v.label for v in page.options[0].values] == ["S", "M"]
    assert [v.price_minor for v in page.variants] == [1000, 1001]
    chinese = queries.product_page(product.slug, "zh")
    assert chinese is not None
    assert (chinese.title, chinese.specs[0].name) == ("茶壶", "容量")
    assert queries.product_page(product.slug, "fr").title == "Teapot"


def test_slugs_come_from_the_title_and_stay_unique(store):
    first = make_product(store, "Crème brûlée cup")
    second = make_product(store, "Crème brûlée cup")
    third = make_product(store, texts={"zh": Text("青瓷茶壶")}, import_handle="celadon-pot")
    fourth = make_product(store, texts={"zh": Text("青瓷茶壶")})
    assert first.slug == "creme-brulee-cup"
    assert second.slug.startswith("creme-brulee-cup-")
    assert third.slug == "celadon-pot"
    assert fourth.slug
    with pytest.raises(Invalid, match="slug-taken"):
        make_product(store, slug="creme-brulee-cup")


def test_an_edit_keeps_the_ids_of_variants_whose_combination_stays(store):
    product = make_product(store, **sizes("S", "M", "L"))
    save(product_data(store, "New name", **sizes("M", "XL", "S")), product_id=product.id)
    after = made(product.id).variants
    assert (after[0], after[2]) == (product.variants[1], product.variants[0])
    assert after[1] not in product.variants
    assert product.variants[2] not in after


def test_options_may_be_exchanged_and_renamed(store):
    two = {
        "options": options(Size=["S"], Colour=["red", "blue"]),
        "variants": [VariantData(1, ("S", "red")), VariantData(2, ("S", "blue"))],
    }
    product = make_product(store, **two)
    renamed = {**two, "options": options(Format=["S"], Colour=["red", "blue"])}
    save(product_data(store, **renamed), product_id=product.id)
    assert made(product.id).variants == product.variants
    exchanged = {
        "options": options(Colour=["red", "blue"], Format=["S"]),
        "variants": [VariantData(1, ("red", "S")), VariantData(2, ("blue", "S"))],
    }
    save(product_data(store, **exchanged), product_id=product.id)
    page = queries.product_page(product.slug, "en")
    assert [option.name for option in page.options] == ["Colour", "Format"]


def test_a_variant_with_history_is_archived_and_can_come_back(store):
    from shop.inventory import services as inventory

    product = make_product(store, **sizes("S", "M"))
    with transaction():
        place = inventory.default_location(store)
        inventory.set_on_hand(product.variants[1], place, 5, reason="count", actor="test")
    save(product_data(store, **sizes("S")), product_id=product.id)
    archived = db.session.get(Variant, product.variants[1])
    assert archived.archived_at is not None
    # Its value is gone too, so it stands aside; a new M is another variant.
    save(product_data(store, **sizes("S", "M")), product_id=product.id)
    assert made(product.id).variants[0] == product.variants[0]
    assert product.variants[1] not in made(product.id).variants


def test_an_archived_combination_comes_back_as_itself(store):
    from shop.inventory import services as inventory

    def grid(*combinations):
        return {
            "options": options(Size=["S", "M"], Colour=["red", "blue"]),
            "variants": [VariantData(1, c) for c in combinations],
        }

    whole = [("S", "red"), ("S", "blue"), ("M", "red")]
    product = make_product(store, **grid(*whole))
    with transaction():
        place = inventory.default_location(store)
        inventory.set_on_hand(product.variants[2], place, 5, reason="count", actor="test")
    save(product_data(store, **grid(*whole[:2])), product_id=product.id)
    assert made(product.id).variants == product.variants[:2]
    save(product_data(store, **grid(*whole)), product_id=product.id)
    assert made(product.id).variants == product.variants


def test_two_editors_the_second_is_told(store):
    product = make_product(store)
    seen = queries.admin_product(product.public_id, [store]).version
    save(product_data(store, "First"), product_id=product.id, expected_version=seen)
    with pytest.raises(Conflict, match="product-changed"):
        save(product_data(store, "Second"), product_id=product.id, expected_version=seen)
    assert queries.product_page(product.slug, "en").title == "First"


def test_another_store_cannot_be_given_the_product(store):
    product = make_product(store)
    with pytest.raises(NotFound):
        save(product_data(make_store()), product_id=product.id)


@pytest.mark.parametrize(
    ("fields", "code"),
    (
        ({"texts": {"en": Text(" ")}}, "title-missing"),
        ({"kind": "car"}, "kind-unknown"),
        ({"variants": []}, "variants-missing"),
        ({"variants": [VariantData(-1)]}, "amount-out-of-range"),
        ({"variants": [VariantData(10, compare_at_minor=10)]}, "compare-at-not-above-price"),
        ({"variants": [VariantData(10), VariantData(11)]}, "variant-repeated"),
        ({"variants": [VariantData(10, ("S",))]}, "variant-values"),
        ({"options": [OptionData({"en": "Size"}, [])]}, "option-values-missing"),
        ({"kind": "digital"}, "digital-file-missing"),
        (
            {"options": [OptionData({"en": "C"}, [OptionValueData("r", {"en": "r"}, "red")])]},
            "swatch-form",
        ),
        ({"slug": "No Slug"}, "slug-form"),
        ({"validity_days": 0}, "validity-days"),
    ),
)
def test_what_is_wrong_is_named(store, fields, code):
    with pytest.raises(Invalid) as caught:
        make_product(store, **fields)
    assert caught.value.reason == code
    assert db.session.scalar(select(func.count()).select_from(Product)) == 0


def test_a_price_changes_alone_and_the_list_follows(store):
    product = make_product(store, **sizes("S", "M"))
    with transaction():
        prices.set_price(product.variants[0], 5000, 6000)
    row = db.session.get(ListingRow, product.id)
    assert (row.price_minor, row.price_max_minor, row.compare_at_minor) == (1001, 5000, None)
    with pytest.raises(Invalid, match="compare-at-not-above-price"), transaction():
        prices.set_price(product.variants[0], 5000, 5000)
    with pytest.raises(NotFound), transaction():
        prices.set_price(10**9, 5000)


def test_status_shows_and_hides(store):
    product = make_product(store, status="draft")
    assert queries.product_page(product.slug, "en") is None
    assert queries.product_page(product.slug, "en", preview=True) is not None
    assert queries.listing(locale="en").items == []
    with transaction():
        products.set_status(product.id, "published")
    first = db.session.get(Product, product.id).published_at
    assert [card.product_id for card in queries.listing(locale="en").items] == [product.id]
    with transaction():
        products.set_status(product.id, "archived")
    assert queries.listing(locale="en").items == []
    assert db.session.scalar(select(func.count()).select_from(SearchEntry)) == 0
    with transaction():
        products.set_status(product.id, "published")
    assert db.session.get(Product, product.id).published_at == first


def test_counters_survive_an_edit(store):
    product = make_product(store)
    with transaction():
        listing.set_available(product.id, True)
        listing_ends.count_sales(product.id, 3)
        listing.add_rating(product.id, 5, 1)
    with transaction():
        listing_ends.count_sales(product.id, -9)
    save(product_data(store, "Other"), product_id=product.id)
    card = queries.listing(locale="en").items[0]
    assert (card.available, card.sales, card.rating.mean, card.rating.count) == (True, 3, 5.0, 1)


def test_imported_pictures_stay_by_their_address(store):
    urls = [ImageSource(f"https://example.com/{n}.jpg", {"en": n}) for n in "ab"]
    product = make_product(
        store, images=urls, variants=[VariantData(1, image="https://example.com/b.jpg")]
    )
    before = queries.admin_product(product.public_id, [store])
    save(
        product_data(store, images=[urls[1], ImageSource("https://example.com/c.jpg")]),
        product_id=product.id,
    )
    after = queries.admin_product(product.public_id, [store])
    assert before.variants[0].data.image == before.images[1].public_id
    assert [i.source_url[-5] for i in after.images] == ["b", "c"]
    assert after.images[0].public_id == before.images[1].public_id
    # Not fetched yet: pages show none.
    assert queries.product_page(product.slug, "en").images == []
