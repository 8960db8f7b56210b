"""A product's page: what can be chosen, what it costs, whether it can be had."""

import json
import re

import pytest

from shop.catalog.data import Spec, Text, VariantData
from shop.core.transaction import transaction
from shop.membership import services as membership
from tests.factories.campaigns import make_coupon, make_promotion
from tests.factories.catalog import make_category, make_image, make_product
from tests.factories.orders import Goods, restock, store_with_goods
from tests.factories.stores import make_store
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, code_of, page, pot, signed_in, value_of, words

LOUD = '<p onclick="x">Thrown by hand.</p><script>alert(1)</script><div hx-get="/x">Twice.</div>'


@pytest.fixture
def goods(app) -> Goods:
    return store_with_goods(flat_delivery_minor=800, free_delivery_from_minor=19900)


def test_the_first_variant_in_stock_is_chosen(client, goods):
    made = pot(goods, {"CE-S": 0, "MO-S": 3})
    html = page(client, f"/en/p/{made.slug}")
    text = words(html)
    assert "Glaze: Moon" in text
    assert "¥488" in text
    assert "3 left" in text
    assert f'name="variant" value="{code_of(made.variants[2])}"' in html
    assert 'max="3"' in html


def test_the_address_names_the_variant(client, goods):
    made = pot(goods, {"CE-S": 9, "CE-L": 9})
    html = page(client, f"/en/p/{made.slug}?sku=CE-L")
    text = words(html)
    assert "¥528" in text
    assert "¥600" in text  # the price before
    assert "In stock" in text
    assert '<td id="code">CE-L</td>' in html
    assert "Size: L" in words(page(client, f"/zh/p/{made.slug}?sku=CE-L")).replace("：", ": ")


@pytest.mark.parametrize("sku", ("", "nonsense", "x" * 500))
def test_an_unknown_code_falls_back(client, goods, sku):
    made = pot(goods, {"CE-S": 9})
    assert "¥468" in page(client, f"/en/p/{made.slug}?sku={sku}").replace(
        '<span class="cur">¥</span>', "¥"
    )


def test_what_cannot_be_had_says_why_and_can_still_be_chosen(client, goods):
    made = pot(goods, {"CE-S": 9, "CE-L": 0, "MO-S": 2})
    html = page(client, f"/en/p/{made.slug}?sku=MO-S")
    assert re.search(r"opt--out.*?>L</span> <span class=\"opt__why\">not made", html, re.S)
    sold_out = page(client, f"/en/p/{made.slug}?sku=CE-L")
    assert "Sold out in this version" in sold_out
    assert 'id="add"' not in sold_out  # no dead button
    assert "disabled" not in sold_out


def test_a_combination_that_is_not_made_says_so(client, goods):
    made = pot(goods, {"CE-S": 9})
    address = f"/en/p/{made.slug}?option-1={value_of(made, 'Moon')}&option-2={value_of(made, 'L')}"
    html = page(client, address)
    assert "This combination is not made" in html
    assert 'name="variant"' not in html


def test_htmx_gets_the_buy_box_and_a_new_address(client, goods):
    made = pot(goods, {"CE-S": 9, "CE-L": 2})
    choice = {"option-1": value_of(made, "Celadon"), "option-2": value_of(made, "L")}
    response = client.get(f"/en/p/{made.slug}", query_string=choice, headers=PARTIAL)
    html = response.get_data(as_text=True)
    assert response.headers["HX-Replace-Url"] == f"/en/p/{made.slug}?sku=CE-L"
    assert html.lstrip().startswith("<div") or 'id="buy-box"' in html[:400]
    assert "<html" not in html
    assert "2 left" in words(html)
    assert 'hx-target="#code"' in html
    assert 'hx-target="#buybar"' in html


def test_a_variants_own_picture_comes_first(client, goods):
    made = pot(goods, {"CE-S": 9})
    make_image(made.id, en="All of them")
    page_html = page(client, f"/en/p/{made.slug}")
    assert page_html.count('alt="All of them"') == 1
    assert 'fetchpriority="high"' in page_html


def test_the_picker_works_without_scripts(client, goods):
    made = pot(goods, {"CE-S": 9, "CE-L": 2})
    choice = {"option-1": value_of(made, "Celadon"), "option-2": value_of(made, "L")}
    sent = client.post(f"/en/p/{made.slug}/choice", data=choice | {"quantity": "1"})
    assert sent.status_code == 303
    assert sent.headers["Location"] == f"/en/p/{made.slug}?sku=CE-L"
    choice["option-1"] = value_of(made, "Moon")
    sent = client.post(f"/en/p/{made.slug}/choice", data=choice)
    assert "not made" in page(client, sent.headers["Location"])


def test_a_product_of_one_variant_has_no_picker(client, goods):
    html = page(client, f"/en/p/{goods.products[0].slug}")
    assert 'id="options"' not in html
    assert "not sold at present" not in html
    assert "Delivery ¥8, free over ¥199." in words(html)
    assert "Arrives" in words(html)


@pytest.mark.parametrize(
    ("kind", "said", "unsaid"),
    (
        ("service", "You get a code", "Arrives"),
        ("digital", "A download", "Arrives"),
        ("physical", "30 days to return", "A download"),
    ),
)
def test_each_kind_says_how_it_reaches_the_buyer(client, app, kind, said, unsaid):
    file = {"digital_name": "guide.pdf"} if kind == "digital" else {}
    stock = 5 if kind == "physical" else None
    made = store_with_goods(kind=kind, stock=stock, product=file).products[0]
    text = words(page(client, f"/en/p/{made.slug}"))
    assert said in text
    assert unsaid not in text


def test_a_service_says_how_long_its_code_lives(client, app):
    goods = store_with_goods(kind="service", stock=None, product={"validity_days": 180})
    assert "Valid for 180 days." in words(page(client, f"/en/p/{goods.products[0].slug}"))


def test_descriptions_are_clean_and_left_alone_by_htmx(client, goods):
    made = make_product(
        goods.store_id,
        texts={"en": Text("Pot", "", "Thrown thin", LOUD)},
        specs={"en": [Spec("Holds", "220 ml <b>")]},
    )
    html = page(client, f"/en/p/{made.slug}")
    assert '<div class="prose" hx-ignore>' in html
    assert "Thrown by hand." in html
    assert "onclick" not in html
    assert "alert(1)" not in html
    assert 'hx-get="/x"' not in html
    assert "220 ml &lt;b&gt;" in html
    assert "Thrown thin" in words(html)


def test_search_engines_are_told_the_offers(client, goods):
    made = pot(
        goods,
        {"CE-S": 9},
        texts={"en": Text("Pot </script><b>", "", "", "")},
    )
    make_image(made.id)
    html = page(client, f"/en/p/{made.slug}")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert data["name"] == "Pot </script><b>"
    offers = {offer["sku"]: offer for offer in data["offers"]}
    assert offers["CE-S"]["price"] == "468.00"
    assert offers["CE-S"]["availability"].endswith("/InStock")
    assert offers["CE-L"]["availability"].endswith("/OutOfStock")
    assert data["image"][0].startswith("http://localhost/media/")
    assert 'property="og:image" content="http://localhost/media/' in html
    assert f'<link rel="canonical" href="http://localhost/en/p/{made.slug}">' in html


def test_members_read_their_own_price(app, client, goods):
    person = make_user()
    with transaction():
        membership.create_level(
            goods.store_id, {"en": "Regular"}, rank=0, spend_from_minor=0, discount_bp=1000
        )
        membership.join(goods.store_id, person.id)
    address = f"/en/p/{goods.products[0].slug}"  # 10.00
    assert "¥9 for you, taken off in the cart" in words(page(signed_in(app, person), address))
    assert "for you" not in words(page(client, address))


def test_the_way_to_it_leads_through_its_categories(client, goods):
    top = make_category("teaware", "Teaware")
    made = make_product(goods.store_id, "Pot", category_id=make_category("pots", "Pots", top))
    html = page(client, f"/en/p/{made.slug}")
    assert "Home Teaware Pots Pot" in words(html)
    assert 'href="/en/c/teaware" aria-current="page"' in html


def test_related_things_come_from_its_category_then_from_the_one_above(client, goods):
    top = make_category("teaware")
    below = make_category("pots", parent_id=top)
    made = make_product(goods.store_id, "Pot", category_id=below)
    for title, home in (("Other pot", below), ("Cup", top)):
        other = make_product(goods.store_id, title, category_id=home)
        restock(goods, other.variants[0], 1)
    html = client.get(f"/en/p/{made.slug}/related", headers=PARTIAL).get_data(as_text=True)
    assert html.index("Other pot") < html.index("Cup")
    assert ">Pot<" not in html
    assert "<html" not in html
    assert "<h1>Goes with Pot</h1>" in page(client, f"/en/p/{made.slug}/related")
    alone = make_product(goods.store_id, "Alone")
    assert "stands alone" in page(client, f"/en/p/{alone.slug}/related")


def test_a_store_is_named_only_beside_another(client, goods):
    address = f"/en/p/{goods.products[0].slug}"
    assert "buy__store" not in page(client, address)
    make_store()
    assert "buy__store" in page(client, address)
    assert "buy__store" in client.get(address, headers=PARTIAL).get_data(as_text=True)


def test_drafts_are_not_shown(client, goods):
    made = make_product(goods.store_id, status="draft")
    for part in ("", "/reviews", "/related"):
        page(client, f"/en/p/{made.slug}{part}", status=404)
    assert client.post(f"/en/p/{made.slug}/choice").status_code == 404


def test_long_and_strange_texts_are_shown_as_they_are(client, goods):
    name = "<i>" + "Pot" * 60
    made = make_product(
        goods.store_id, name, variants=[VariantData(price_minor=99_999_999_999, sku="<b>")]
    )
    restock(goods, made.variants[0], 1)
    html = page(client, f"/en/p/{made.slug}")
    assert "<i>Pot" not in html
    assert "&lt;i&gt;Pot" in html
    assert "999,999,999" in html


def test_the_best_coupon_is_told_with_what_it_makes_of_the_price(app, client, goods):
    made = pot(goods, {"CE-S": 9, "CE-L": 9})  # 468 and 528
    make_coupon(goods.store_id, code="SMALL", kind="amount", value=1000, listed=True)
    make_coupon(
        goods.store_id, code="BIG", kind="amount", value=9000, threshold_minor=50000, listed=True
    )
    make_coupon(goods.store_id, code="SECRET", kind="amount", value=40000, listed=False)
    assert "¥458 with this coupon Claim" in words(page(client, f"/en/p/{made.slug}?sku=CE-S"))
    address = f"/en/p/{made.slug}?sku=CE-L"
    browser = signed_in(app, make_user())
    part = re.search(r'hx-get="([^"]*/coupon[^"]*)"', page(browser, address))[1]
    html = browser.get(part, headers=PARTIAL).get_data(as_text=True)
    assert "¥438 with this coupon" in words(html)
    claim = re.search(r'formaction="([^"]+)"', html)[1]
    sent = browser.post(claim, data={"next": address})
    assert (sent.status_code, sent.location) == (303, address)
    html = browser.get(part, headers=PARTIAL).get_data(as_text=True)
    assert 'id="use-coupon"' in html
    assert browser.post("/en/cart/coupon", data={"code": "BIG", "next": address}).status_code == 303


def test_no_coupon_is_told_that_a_promotion_would_undo(client, goods):
    make_promotion(goods.store_id, tiers=((800, 300),))  # 10.00 becomes 7.00
    make_coupon(
        goods.store_id, code="TEN", kind="amount", value=100, threshold_minor=900, listed=True
    )
    assert "with this coupon" not in words(page(client, f"/en/p/{goods.products[0].slug}"))
