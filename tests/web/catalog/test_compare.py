"""Products beside one another."""

import re

import pytest

from shop.catalog.data import Spec
from tests.factories.catalog import make_product
from tests.factories.orders import Goods, restock
from tests.web.catalog.browsing import PARTIAL, page, pot, shop, words


@pytest.fixture
def goods(app) -> Goods:
    return shop()


def add(client, slug: str):
    return client.post("/en/compare/items", data={"product": slug})


def heads(html: str) -> list[str]:
    return re.findall(r'class="compare__name" href="[^"]*">([^<]*)<', html)


def test_rows_stand_beside_one_another_and_say_where_they_differ(client, goods, statements):
    one = make_product(
        goods.store_id, "Pot", specs={"en": [Spec("Holds", "220 ml"), Spec("Clay", "White")]}
    )
    two = make_product(
        goods.store_id, "Jug", specs={"en": [Spec("clay", "white "), Spec("holds", "1 l")]}
    )
    three = pot(goods, {"CE-S": 3})
    for made in (one, two, three):
        restock(goods, made.variants[0], 2)
    statements.clear()
    html = page(client, f"/en/compare?p={one.slug}&p={two.slug}")
    assert len(statements) <= 12, statements
    assert heads(html) == ["Pot", "Jug"]
    text = words(html)
    assert "Holds differs 220 ml 1 l" in text
    assert "Clay White white" in text
    html = page(client, f"/en/compare?p={three.slug}&p={one.slug}&p={two.slug}&p=nonsense")
    assert "Glaze differs Celadon, Moon –not said –not said" in words(html)


def test_a_browser_holds_up_to_four(client, goods):
    assert "Put up to 4 things" in words(page(client, "/en/compare"))
    made = [make_product(goods.store_id, f"Cup {n}") for n in range(5)]
    for one in made[:4]:
        assert add(client, one.slug).status_code == 303
    html = page(client, "/en/compare")
    assert heads(html) == ["Cup 0", "Cup 1", "Cup 2", "Cup 3"]
    sent = add(client, made[4].slug)
    assert "4 things can be compared at once" in words(page(client, sent.location))
    pressed = client.post("/en/compare/items", data={"product": made[4].slug}, headers=PARTIAL)
    assert pressed.status_code == 409
    sent = client.post("/en/compare/items/removal", data={"product": made[1].public_id})
    assert heads(page(client, sent.location)) == ["Cup 0", "Cup 2", "Cup 3"]
    part = client.post("/en/compare/items", data={"product": made[4].slug}, headers=PARTIAL)
    assert "Compare: 4 things are there" in words(part.get_data(as_text=True))
    client.post("/en/compare/items/removal")
    assert heads(page(client, "/en/compare")) == []
    assert add(client, "nothing-of-the-kind").status_code == 404


def test_a_list_offers_its_things_to_compare(client, goods):
    for n in range(2):
        make_product(goods.store_id, f"Cup {n}")
    html = page(client, "/en/new")
    slugs = re.findall(r'name="p" value="([^"]+)"', html)
    assert len(slugs) == 3
    query = "&".join(f"p={slug}" for slug in slugs)
    assert len(heads(page(client, f"/en/compare?{query}"))) == 3
