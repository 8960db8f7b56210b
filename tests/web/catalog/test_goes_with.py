"""What goes with a product: chosen by hand, found in orders, or like it; and what was looked at."""

import re

import pytest

from shop.catalog import related
from shop.core.transaction import transaction
from shop.jobs.related import relate_all
from tests.factories.catalog import Made, make_category, make_product
from tests.factories.orders import Goods, lines_of, paid_order, place_order, restock
from tests.web.catalog.browsing import PARTIAL, code_of, page, pot, shop, titles, words


@pytest.fixture
def goods(app) -> Goods:
    return shop()


def thing(goods: Goods, title: str, **fields) -> Made:
    made = make_product(goods.store_id, title, **fields)
    restock(goods, made.variants[0], 50)
    return made


def row(client, product: Made) -> list[str]:
    answer = client.get(f"/en/p/{product.slug}/related", headers=PARTIAL)
    assert answer.status_code == 200
    return titles(answer.get_data(as_text=True))


def test_what_is_bought_together_comes_before_what_is_like_it(app, client, goods):
    pots, cups = make_category("pots"), make_category("cups")
    one = thing(goods, "Pot", category_id=pots)
    cup = thing(goods, "Cup", category_id=cups)
    tray, rare = thing(goods, "Tray", category_id=cups), thing(goods, "Rare", category_id=cups)
    like = thing(goods, "Other pot", category_id=pots)
    for _ in range(3):
        paid_order({one.variants[0]: 1, cup.variants[0]: 1})
    for _ in range(2):
        paid_order({one.variants[0]: 1, tray.variants[0]: 1})
        paid_order({tray.variants[0]: 1})
        place_order({one.variants[0]: 1, rare.variants[0]: 1})  # not paid
    paid_order({one.variants[0]: 1, rare.variants[0]: 1})  # once is chance
    assert relate_all() == 3
    assert relate_all() == 0  # nothing new, nothing written
    assert row(client, one) == ["Cup", "Tray", "Other pot"]
    assert row(client, cup) == ["Pot", "Tray", "Rare"]  # then its own category's
    with transaction():
        related.pin(one.id, like.slug, store_ids=[goods.store_id])
    assert row(client, one)[0] == "Other pot"


def test_what_cannot_be_had_is_not_shown(app, client, goods):
    home = make_category("pots")
    one, sold = (
        thing(goods, "Pot", category_id=home),
        make_product(goods.store_id, "Sold", category_id=home),
    )
    draft = make_product(goods.store_id, "Draft", status="draft")
    with transaction():
        for other in (sold, draft):
            related.pin(one.id, other.public_id, store_ids=[goods.store_id])
    assert row(client, one) == []


def test_likes_are_nearest_in_price_and_share_tags(client, goods):
    home = make_category("pots")
    one = thing(goods, "Pot", category_id=home, price_minor=5000, tags=["tea"])
    thing(goods, "Dear", category_id=home, price_minor=90000)
    thing(goods, "Near", category_id=home, price_minor=5100)
    thing(goods, "For tea", category_id=home, price_minor=9000, tags=["Tea"])
    thing(goods, "Elsewhere", price_minor=5000)
    assert row(client, one) == ["For tea", "Near", "Dear"]


def test_the_set_goes_into_the_cart_at_once(app, client, goods, statements):
    one, cup = pot(goods, {"CE-S": 9, "CE-L": 9}), thing(goods, "Cup", price_minor=2500)
    for _ in range(2):
        paid_order({one.variants[0]: 1, cup.variants[0]: 1})
    address = f"/en/p/{one.slug}/together"
    assert client.get(address, headers=PARTIAL).get_data(as_text=True).strip() == ""
    assert "Nothing is bought with it" in page(client, address)
    relate_all()
    chosen = code_of(one.variants[1])
    page(client, address)  # whoever comes first reads what is kept for all
    statements.clear()
    html = page(client, f"{address}?variant={chosen}")
    assert len(statements) <= 12, statements
    assert "¥553" in words(html)  # 528 for the chosen size, and 25
    named = re.findall(r'name="variant" value="(\w+)"', html)
    assert named == [chosen, code_of(cup.variants[0])]
    sent = client.post("/en/cart/sets", data={"variant": named})
    assert sent.status_code == 303
    assert words(page(client, "/en/cart")).count("¥553") >= 1
    assert client.post("/en/cart/sets", data={"variant": ["nonsense"]}).status_code == 404


def test_all_of_the_set_or_nothing(client, goods):
    one, cup = thing(goods, "Pot"), make_product(goods.store_id, "Cup")
    named = [code_of(one.variants[0]), code_of(cup.variants[0])]
    assert client.post("/en/cart/sets", data={"variant": named}).status_code == 409
    assert "What you choose waits here" in words(page(client, "/en/cart"))


def test_the_command_finds_it_too(app, goods):
    one, cup = thing(goods, "Pot"), thing(goods, "Cup")
    for _ in range(2):
        placed = paid_order({one.variants[0]: 1, cup.variants[0]: 1})
    assert len(lines_of(placed.order)) == 2
    result = app.test_cli_runner().invoke(args=["catalog", "relate", "--days", "30"])
    assert result.exit_code == 0, result.output
    assert "2 changed" in result.output


def test_lately_seen_is_remembered_by_the_browser_alone(app, client, goods, statements):
    one, cup = thing(goods, "Pot"), thing(goods, "Cup")
    nobody = app.test_client()
    assert nobody.get("/en/recent", headers=PARTIAL).get_data(as_text=True).strip() == ""
    for made in (one, cup, one):
        statements.clear()
        page(client, f"/en/p/{made.slug}")
        assert not statements.writes
    assert titles(page(client, "/en/recent")) == ["Pot", "Cup"]
    part = client.get(f"/en/recent?but={one.slug}", headers=PARTIAL).get_data(as_text=True)
    assert titles(part) == ["Cup"]
    assert client.post("/en/recent/removal").status_code == 303
    assert titles(page(client, "/en/recent")) == []
    client.set_cookie("viewed", "forged.value")
    assert titles(page(client, "/en/recent")) == []


def test_who_has_looked_around_still_gets_kept_pages(app, client, goods, statements):
    one = thing(goods, "Pot")
    page(client, f"/en/p/{one.slug}")
    page(client, "/en/new")
    statements.clear()
    page(client, "/en/new")
    page(client, f"/en/p/{one.slug}")
    assert len(statements) <= 2, statements
    other = app.test_client()
    kept = other.get(f"/en/p/{one.slug}")
    assert len(statements) <= 3, statements
    assert sum("viewed=" in header for header in kept.headers.getlist("Set-Cookie")) == 1
