"""The front page: what operators chose, or what the shop has."""

from shop.core import settings
from shop.core.transaction import transaction
from tests.factories.campaigns import make_coupon
from tests.factories.catalog import make_category, make_product
from tests.factories.orders import store_with_goods
from tests.factories.stores import make_store
from tests.factories.users import make_user
from tests.web.catalog.browsing import page, signed_in, words


def put(**home: object) -> None:
    with transaction():
        settings.put("home", home)


def test_an_empty_shop_greets(client, app):
    text = words(page(client, "/en/"))
    assert "about to open" in text
    assert "Coupons for you" not in text


def test_without_settings_every_section_fills_itself(client, app):
    goods = store_with_goods(products=3, product={"category_id": make_category("tea", "Tea")})
    make_coupon()
    html = page(client, "/en/")
    text = words(html)
    assert "Tea 3" in text
    assert "New in the shop" in text
    assert "What people come back for" in text
    assert "Coupons for you" in text
    assert "two shops" not in text.lower()  # there is one, and it is not named
    assert all(f"/en/p/{product.slug}" in html for product in goods.products)


def test_two_stores_stand_side_by_side(client, app):
    store_with_goods(slug="songjian", names={"en": "Songjian", "zh": "松间"})
    store_with_goods(slug="harrow", names={"en": "Harrow", "zh": "Harrow"}, products=2)
    html = page(client, "/en/")
    assert "Two shops under one roof" in html
    assert '<p class="sign" lang="zh-Hans" aria-hidden="true">松间</p>' in html
    assert "2 things" in words(html)


def test_operators_choose_words_order_and_goods(client, app):
    goods = store_with_goods(products=2)
    chosen = make_product(goods.store_id, "Tenmoku bowl")
    make_category("tea", "Tea")
    put(
        sections=["best", "hero", "new"],
        hero={
            "title": {"en": "The winter table", "zh": "冬日茶席"},
            "text": {"en": "Celadon."},
            "link_text": {"en": "Lay it"},
            "category": "tea",
            "sign": {"zh": "冬日茶席"},
            "alt": {"en": "A table"},
            "image": {"name": "ab/abc", "width": 1920, "height": 1080, "widths": [320, 960]},
        },
        feature={"product": chosen.slug, "title": {"en": "One kiln"}, "text": {"en": "Forty."}},
        best=[
            {"product": goods.products[0].slug, "line": {"en": "Lies flat"}},
            {"product": "no-longer-here", "line": {"en": "Gone"}},
        ],
    )
    html = page(client, "/en/")
    text = words(html)
    assert html.count("<h1") == 1
    assert "The winter table" in text
    assert 'alt="A table"' in html
    assert "/media/ab/abc-960.webp" in html
    assert "冬日茶席" in html
    assert 'href="/en/c/tea"' in html
    assert "One kiln" in text
    assert "Lies flat" in text
    assert "Gone" not in text
    assert text.index("What people come back for") < text.index("The winter table")
    assert "Shop by category" not in text
    assert "冬日茶席" in words(page(client, "/zh/"))


def test_settings_that_name_nothing_known_break_nothing(client, app):
    store_with_goods()
    put(sections=["hero", "dance"], hero={"category": "gone"}, best=[{"product": "gone"}])
    assert "/en/c/all" in page(client, "/en/")


def test_coupons_are_claimed_where_they_hang(client, app):
    store_with_goods()
    make_coupon(code="FIRST30")
    guest = page(client, "/en/")
    assert "FIRST30" in guest
    assert "/en/sign-in?next=/en/coupons" in guest
    member = page(signed_in(app, make_user()), "/en/")
    assert 'hx-target="closest .ticket"' in member


def test_delivery_is_said_when_all_stores_charge_alike(client, app):
    store_with_goods(flat_delivery_minor=800, free_delivery_from_minor=19900)
    assert "Free delivery over ¥199 otherwise ¥8" in words(page(client, "/en/"))
    make_store(flat_delivery_minor=1200)
    assert "Free delivery over" not in words(page(client, "/en/"))
