"""The shop window in a real Chromium: picking, adding, searching, narrowing, counting."""

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from shop.core.transaction import transaction
from shop.jobs.related import relate_all
from shop.store import services as stores
from tests.factories.campaigns import make_coupon
from tests.factories.catalog import Made, make_category, make_product
from tests.factories.orders import Goods, paid_order, restock, store_with_goods
from tests.support import axe
from tests.support.arriving import PATIENCE, arrived
from tests.web.catalog.browsing import pot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("app", ("sqlite",), indirect=True),
]


@pytest.fixture
def goods(app: Flask) -> Goods:
    return store_with_goods(flat_delivery_minor=800, free_delivery_from_minor=19900)


@pytest.fixture
def teapot(goods: Goods) -> Made:
    return pot(goods, {"CE-S": 3, "MO-S": 9}, category_id=make_category("pots", "Pots"))


@pytest.fixture
def page(app: Flask, browser: Browser) -> Iterator[Page]:
    """A window on the shop; in the end nothing may have been complained of."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{server.server_port}",
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
    )
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=15_000)
    said: list[str] = []
    opened.on("console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    server.shutdown()
    thread.join()
    assert said == []


def test_picking_changes_the_box_the_address_and_nothing_else(page: Page, teapot: Made) -> None:
    page.goto(f"/en/p/{teapot.slug}")
    page.get_by_role("radio", name="Moon").check(force=True)
    expect(page).to_have_url(re.compile(r"sku=MO-S$"))
    expect(page.locator("#code")).to_have_text("MO-S")
    expect(page.locator(".buy__price")).to_contain_text("488")
    expect(page.get_by_role("radio", name="Moon")).to_be_focused()
    page.get_by_role("radio", name="L not made").check(force=True)
    expect(page.locator("#buy")).to_contain_text("This combination is not made")
    page.reload()
    expect(page.locator("#buy")).to_contain_text("This combination is not made")


def test_adding_opens_the_drawer_and_closing_it_leads_back(page: Page, teapot: Made) -> None:
    page.goto(f"/en/p/{teapot.slug}")
    page.locator("#quantity").fill("2")
    page.locator("#add").click()
    drawer = page.get_by_role("dialog", name="Added to your cart")
    expect(drawer).to_contain_text("Celadon, S × 2")
    expect(page.locator("#cart-count")).to_contain_text("2")
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator("#add")).to_be_focused()


def test_a_phone_buys_from_the_bar(page: Page, teapot: Made) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"/zh/p/{teapot.slug}")
    bar = page.locator("#buybar")
    expect(bar).to_be_in_viewport()
    bar.get_by_role("button").last.click()
    expect(page.locator("#cart-drawer")).to_contain_text("× 1")


def test_the_box_is_walked_by_keys(page: Page, teapot: Made) -> None:
    page.goto("/en/")
    box = page.get_by_role("combobox", name="Search the shop")
    box.press_sequentially("pot")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option", name=re.compile("Celadon"))).to_be_visible()
    assert axe.violations(page) == []
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(page.locator("#suggest")).to_be_hidden()
    expect(box).to_have_value("pot")  # nothing typed is lost
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/en/search\?q=pot"))
    box = page.get_by_role("combobox", name="Search the shop")
    box.fill("")
    expect(page.locator("#suggest")).to_contain_text("Looked for before")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"q=pot"))
    page.get_by_role("combobox", name="Search the shop").fill("")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#suggest")).not_to_contain_text("Looked for before")


def test_filters_act_at_once_and_back_undoes_them(page: Page, goods: Goods) -> None:
    with transaction():
        harrow = stores.create("harrow", {"en": "Harrow"})
        harrow_id = harrow.id
    make_product(goods.store_id, "Sold out")
    make_product(harrow_id, "Sold out there, too")
    page.goto("/en/c/all")
    page.get_by_label("In stock").check()
    expect(page).to_have_url(re.compile(r"/en/c/all\?stock=1$"))
    expect(page.locator("#list-count")).to_contain_text("1")
    expect(page.get_by_label("In stock")).to_be_focused()
    expect(page.locator("#n-store-harrow")).to_have_text("0")  # the numbers follow, the boxes stay
    page.get_by_label("Sort by").select_option("price-asc")
    expect(page).to_have_url(re.compile(r"sort=price-asc&stock=1$"))
    page.get_by_label("Harrow").check()
    expect(page.get_by_role("link", name="Remove “Harrow”")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"sort=price-asc&stock=1$"))
    expect(page.locator(".card")).to_have_count(1)


def test_quick_presses_in_the_cart_all_count(page: Page, goods: Goods) -> None:
    make_coupon(code="FIRST5", value=500)
    page.goto("/en/new")
    page.get_by_role("button", name=re.compile("^Add to cart")).first.click()
    expect(page.locator("#cart-drawer")).to_be_visible()
    page.get_by_role("link", name="View cart (1)").click()
    more = page.get_by_role("button", name="One more")
    for _ in range(4):
        more.click()
    expect(page.locator(".totals .sum")).to_contain_text("58.00")
    expect(page.get_by_role("spinbutton")).to_have_value("5")
    expect(page.locator("#status")).to_contain_text("5 items, ¥58.00 to pay.")
    page.get_by_text("Use a coupon").click()
    page.get_by_label("Coupon code").fill("nope")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert").filter(has_text="do not know this code")).to_be_visible()
    page.get_by_label("Coupon code").fill("first5")
    page.get_by_label("Coupon code").press("Enter")
    expect(page.locator(".totals .sum")).to_contain_text("53.00")
    assert axe.violations(page) == []
    page.get_by_role("button", name=re.compile("^Remove Thing")).click()
    expect(page.get_by_text("What you choose waits here")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".totals .sum")).to_contain_text("53.00")
    expect(page.locator("#cart-count")).to_contain_text("5")


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_no_page_is_wider_than_a_small_window(
    page: Page, teapot: Made, goods: Goods, lang: str
) -> None:
    make_coupon(code="A" * 30, titles={"en": "W" * 60, "zh": "券" * 40})
    make_product(goods.store_id, "Extraordinarily" * 8)
    restock(goods, teapot.variants[1], 1)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/{lang}/p/{teapot.slug}")
    page.locator("#buybar").get_by_role("button").last.click()
    expect(page.locator("#cart-drawer")).to_be_visible()
    for address in (
        "",
        "c/pots?stock=1",
        "c/all",
        "search?q=pot",
        f"p/{teapot.slug}",
        "cart",
        "coupons",
    ):
        page.goto(f"/{lang}/{address}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, (address, width)
        assert axe.violations(page) == [], address


def test_what_follows_comes_in_as_it_is_reached(page: Page, teapot: Made, goods: Goods) -> None:
    cup = make_product(goods.store_id, "Cup")
    restock(goods, cup.variants[0], 9)
    for _ in range(2):
        paid_order({teapot.variants[2]: 1, cup.variants[0]: 1})
    relate_all()
    page.goto(f"/en/p/{cup.slug}")
    page.goto(f"/en/p/{teapot.slug}")
    expect(page.locator("#set-form, #recent")).to_have_count(0)
    for part in ("#questions", "#related", "footer"):
        page.locator(part).scroll_into_view_if_needed()
    expect(page.locator("#recent")).to_contain_text("Cup")
    expect(page.locator("#question-part")).to_contain_text("Nobody has asked anything yet.")
    page.locator("#compare-button").click()
    expect(page.locator("#to-compare")).to_be_visible()
    page.locator("#forget-recent").click()
    expect(page.locator("#recent")).to_have_count(0)
    page.locator("#add-set").click()
    arrived(page, "/cart$")
    expect(page.locator("#cart")).to_contain_text("Celadon pot")
    expect(page.locator("#cart")).to_contain_text("Cup")
