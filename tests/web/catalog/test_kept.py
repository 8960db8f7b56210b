"""Pages that a process keeps: right within a second of a change, and never another person's."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog import brand_queries, brands, collection_rules, prices
from shop.catalog import collection_services as collections
from shop.catalog.collection_services import CollectionData
from shop.core import changes, clock, settings
from shop.core.db import Base
from shop.core.transaction import transaction
from shop.inventory import services as stock
from shop.jobs import searches
from shop.web.ui import kept
from tests.factories.campaigns import make_coupon
from tests.factories.catalog import make_product
from tests.factories.orders import Goods, restock
from tests.factories.users import make_user
from tests.support.statements import Statements
from tests.web.catalog.browsing import code_of, page, pot, shop, signed_in, titles, words

Pass = Callable[[float], None]


@pytest.fixture
def goods(app: Flask) -> Goods:
    return shop()


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Let seconds go by, as the shelf counts them."""
    moment = [time.monotonic()]
    monkeypatch.setattr(kept.time, "monotonic", lambda: moment[0])

    def later(seconds: float) -> None:
        moment[0] += seconds

    return later


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are made by other processes: this one is not told by itself."""
    monkeypatch.setattr(changes, "own", lambda: 0)


def test_a_page_is_made_once_for_all_who_bring_nothing(app, goods, statements: Statements):
    product = pot(goods, {"CE-S": 4})
    for address in ("/en/", "/en/new", f"/en/p/{product.slug}", "/en/search?q=celadon"):
        first = words(page(app.test_client(), address))
        statements.clear()
        assert words(page(app.test_client(), address)) == first
        assert len(statements) <= 1, statements  # the log may be asked


@pytest.mark.usefixtures("elsewhere")
def test_a_price_changed_elsewhere_is_shown_within_a_second(app, goods, passing: Pass):
    product = pot(goods, {"CE-S": 4})
    addresses = ("/en/", "/en/new", "/en/search?q=celadon", f"/en/p/{product.slug}?sku=CE-S")
    for address in addresses:
        assert "468" in words(page(app.test_client(), address)), address
    with transaction():
        prices.set_price(product.variants[0], 44400)
    passing(0.9)
    for address in addresses:
        shown = words(page(app.test_client(), address))
        assert "444" in shown, address
        assert "468" not in shown, address


@pytest.mark.usefixtures("elsewhere")
def test_stock_sold_elsewhere_is_shown_within_a_second(app, goods, passing: Pass):
    product = pot(goods, {"CE-S": 3})
    address = f"/en/p/{product.slug}?sku=CE-S"
    assert "3 left" in words(page(app.test_client(), address))
    restock(goods, product.variants[1], 2)  # another variant: the first stays as it is
    with transaction():
        stock.adjust(product.variants[0], goods.location_id, -1, reason="broken", actor="test")
    passing(0.9)
    assert "2 left" in words(page(app.test_client(), address))
    with transaction():
        stock.adjust(product.variants[0], goods.location_id, -2, reason="broken", actor="test")
    passing(0.9)
    assert "Sold out" in words(page(app.test_client(), address))


@pytest.mark.usefixtures("elsewhere")
def test_what_is_gathered_elsewhere_is_shown_within_a_second(app, goods, passing: Pass):
    product = pot(goods, {"CE-S": 3}, brand="Shan")
    cup = make_product(goods.store_id, "Cup")
    rule = collection_rules.parse({"match": "all", "conditions": [{"field": "stock"}]})
    with transaction():
        kinds = {"picked": None, "stocked": rule}
        picked, _ = (
            collections.save(CollectionData(None, {"en": slug}, {}, slug, one, published=True))
            for slug, one in kinds.items()
        )
        collections.pick(picked, product.id)
        settings.put("home", {"sections": ["collection:picked"]})

    def shown(address: str) -> str:
        return words(page(app.test_client(), address))

    addresses = ("/en/", "/en/collections/picked", "/en/collections/stocked", "/en/b/shan")
    assert all("468" in shown(address) for address in addresses)
    assert "picked 1 item" in shown("/en/collections")
    assert "Shan 1" in shown("/en/brands")
    with transaction():
        prices.set_price(product.variants[0], 44400)
        collections.pick(picked, cup.id)
        collections.move(picked, cup.id, 0)
    passing(0.9)
    assert all("444" in shown(address) for address in addresses)
    for address in ("/en/", "/en/collections/picked"):
        assert titles(page(app.test_client(), address))[:2] == ["Cup", "Celadon pot"]
    assert "picked 2 items" in shown("/en/collections")
    brand_id = brand_queries.ids_by_name(["Shan"])["shan"]
    with transaction():
        stock.adjust(product.variants[0], goods.location_id, -3, reason="broken", actor="test")
        brands.update_brand(brand_id, name="Mountain", slug="shan", texts={})
    passing(0.9)
    assert "Celadon pot" not in shown("/en/collections/stocked")
    assert "Mountain 1" in shown("/en/brands")


def test_what_this_process_changed_is_shown_at_once(app, goods):
    product = pot(goods, {"CE-S": 3})
    assert "468" in page(app.test_client(), "/en/new")
    with transaction():
        prices.set_price(product.variants[0], 44400)
    assert "444" in page(app.test_client(), "/en/new")


def test_a_page_is_never_another_persons(app, goods):
    product = pot(goods, {"CE-S": 9})
    address = f"/en/p/{product.slug}"
    member = signed_in(app, make_user())
    guest = app.test_client()
    for browser in (guest, member):
        sent = browser.post("/en/cart/lines", data={"variant": code_of(product.variants[0])})
        assert sent.status_code == 303
        assert _in_cart(browser, address) == 1
    assert _in_cart(app.test_client(), address) == 0  # theirs was not kept
    assert _in_cart(guest, address) == 1  # nor are they given the one for everybody
    assert _in_cart(member, address) == 1


def _in_cart(browser: FlaskClient, address: str) -> int:
    found = re.search(r'id="cart-count".*?</span>(\d+)</span>', page(browser, address), flags=re.S)
    assert found is not None
    return int(found[1])


def test_messages_and_choices_of_a_visitor_are_his_own(app, goods):
    assert "data-theme" not in page(app.test_client(), "/en/new")
    dark = app.test_client()
    dark.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in page(dark, "/en/new")
    told = app.test_client()
    with told.session_transaction() as session:
        session["_flashes"] = [("toast", "Saved for you")]
    assert "Saved for you" in page(told, "/en/new")
    assert "Saved for you" not in page(app.test_client(), "/en/new")
    assert "data-theme" not in page(app.test_client(), "/en/new")


def test_each_visitor_has_his_own_token_in_a_kept_page(app, goods):
    app.config["WTF_CSRF_ENABLED"] = True
    tokens = []
    browsers = [app.test_client() for _ in range(2)]
    for browser in browsers:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page(browser, "/en/new"))
        assert found is not None
        tokens.append(found[1])
    assert tokens[0] != tokens[1]
    for browser, token in zip(browsers, tokens, strict=True):
        assert (
            browser.post("/theme", data={"csrf_token": token, "theme": "dark"}).status_code == 303
        )
    crossed = browsers[0].post("/theme", data={"csrf_token": tokens[1], "theme": "dark"})
    assert crossed.status_code == 400


def test_an_unchanged_page_is_not_sent_again(app, goods):
    browser = app.test_client()
    etag = None
    for _ in range(3):  # made, kept, kept
        answer = browser.get("/en/new", headers={"If-None-Match": etag} if etag else {})
        assert answer.status_code == (304 if etag else 200)
        etag = answer.headers["ETag"]


def test_an_offer_begins_and_ends_at_its_hour(app, goods, passing: Pass, monkeypatch):
    now = clock.now()
    make_coupon(
        code="HARVEST",
        listed=True,
        starts_at=now + timedelta(seconds=20),
        ends_at=now + timedelta(seconds=40),
    )
    seen = []
    for second in (0, 19, 21, 39, 41):
        monkeypatch.setattr(clock, "now", lambda at=second: now + timedelta(seconds=at))
        passing(second - (seen[-1][0] if seen else 0))
        seen.append((second, "Welcome" in page(app.test_client(), "/en/")))
    assert [there for _, there in seen] == [False, False, True, True, False]


def test_a_search_is_noted_for_everyone_who_asks(app, goods, monkeypatch):
    pot(goods, {"CE-S": 3})
    noted: list[tuple[str, int]] = []
    monkeypatch.setattr(searches, "note", lambda text, total: noted.append((text, total)))
    for _ in range(3):
        page(app.test_client(), "/en/search?q=celadon")
    assert noted == [("celadon", 1)] * 3


def test_what_no_page_shows_is_named_as_it_is_called():
    assert set(Base.metadata.tables) >= kept.UNSEEN
