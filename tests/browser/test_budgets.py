"""Daily tasks within their budgets of clicks and fields, from the dashboard with known data (ux.md, section 8)."""

import re

import pytest
from playwright.sync_api import expect

from shop.core import ids
from tests.browser.budget import Desk, Log
from tests.browser.people import Merchant, Shopper
from tests.browser.test_story import GAIWAN, HOLDER, sound

pytestmark = pytest.mark.browser

CODES = ("SJ-TP-0260-ZN",) * 5 + ("SJ-TP-0180-ZH",) * 2


@pytest.fixture
def desk(opened) -> Desk:
    """Lin Wei at the desk of Songjian."""
    context = opened()
    page = context.new_page()
    Merchant(page, scripts=True).sign_in("linwei", "Songjian")
    return Desk(page, Log(context))


@pytest.fixture
def paid(shop, opened) -> str:
    """The number of an order that somebody has just paid: two gaiwans and an incense holder."""
    street = opened()
    shopper = Shopper(street.new_page(), scripts=True)
    shopper.search("gaiwan")
    shopper.open_product(GAIWAN)
    shopper.add(quantity=2)
    shopper.browse("Home", "Vases & incense")
    shopper.open_product(HOLDER)
    shopper.add()
    shopper.check_out()
    shopper.fill_in(f"budget-{ids.public_id()}@guest.example")
    shopper.place()
    shopper.pay()
    return shopper.order_number()


def test_ship_one_order_then_give_it_back(shop, desk, paid):
    page = desk.page
    with desk.task(clicks=2, fields=1):
        page.get_by_role("link", name=re.compile(r"^Ship \d+ orders?$")).click()
        page.get_by_label(f"Tracking number for {paid}").click()
        page.keyboard.type("SF7788990012")
        page.get_by_role("button", name=f"Ship {paid}").click()
        expect(page.get_by_role("row").filter(has_text=paid)).to_contain_text("SF7788990012")
    with desk.task(clicks=1, fields=1):
        page.get_by_label("Find an order").click()
        page.keyboard.type("SF7788990012")
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_contain_text(paid)
    with desk.task(clicks=6, fields=2):
        find(page, paid)
        page.get_by_role("link", name="Refund", exact=True).first.click()
        quantity = page.get_by_label(f"Quantity of {GAIWAN} to refund")
        quantity.click()
        page.keyboard.press("Control+A")
        page.keyboard.type("1")
        press_refund(page)
        expect(page.get_by_text("Given back")).to_be_visible()
    with desk.task(clicks=4, fields=1):
        find(page, paid)
        page.get_by_role("link", name="Refund", exact=True).first.click()
        page.get_by_role("link", name="Refund everything").click()
        press_refund(page)
        expect(page.get_by_role("link", name="Refund", exact=True)).to_have_count(0)
    sound(shop)


def find(page, number: str) -> None:
    """By its number the order opens itself."""
    page.get_by_label("Find an order").click()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=number)).to_be_visible()


def press_refund(page) -> None:
    """Once the button names the sum."""
    page.get_by_role("button", name=re.compile(r"^Refund ¥")).click()


def test_restock_one_sku(shop, desk):
    page = desk.page
    with desk.task(clicks=3, fields=1):
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Inventory").click()
        page.get_by_role("link", name="available, change").first.click()
        expect(page.get_by_label("Quantity", exact=True)).to_be_focused()
        page.keyboard.type("5")
        page.get_by_role("button", name="Book it").click()
        expect(page.get_by_text("on hand now.")).to_be_visible()
    sound(shop)


def test_count_with_a_scanner(shop, desk):
    page = desk.page
    with desk.task(clicks=3, scans=True):
        page.get_by_role("link", name="Count stock").click()
        for at, code in enumerate(CODES, start=1):
            field = page.get_by_label("Barcode or SKU")
            expect(field).to_be_focused()
            page.keyboard.insert_text(code)  # a scanner types, and ends with Enter
            page.keyboard.press("Enter")
            expect(page.locator(".page > .head .sub")).to_contain_text(f"{at} unit")
        page.get_by_role("link", name="Look at the differences").click()
        page.get_by_role("button", name=re.compile(r"^Apply \d+ differences?$")).click()
        expect(page.get_by_role("main")).to_contain_text("Applied")
    sound(shop)


def test_answer_and_approve_a_review(shop, desk):
    page = desk.page
    with desk.task(clicks=3, fields=1):
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Reviews").click()
        review = page.get_by_role("article").filter(
            has=page.get_by_role("button", name="Publish and reply")
        )
        if not review.count():
            page.get_by_text("Reply").first.click()
        review.first.get_by_label("Reply, shown under the review").click()
        page.keyboard.type("Thank you.")
        page.get_by_role("button", name="Publish and reply").first.click()
        expect(page.get_by_text("Reply saved and review published.")).to_be_visible()


def test_ship_many_orders_and_print_their_slips(shop, desk):
    page = desk.page
    to_ship = re.compile(r"^Ship \d+ orders?$")
    with desk.task(clicks=2):
        page.locator(".next a.key").first.click()
        with page.expect_download() as slip:
            page.get_by_role("link", name="Packing slip").first.click()
        assert slip.value.suggested_filename.endswith(".pdf")
    with desk.task(clicks=4):
        page.get_by_role("link", name=to_ship).click()
        picks = page.locator("#rows .pick, tbody .pick")
        picks.first.click()
        picks.last.click(modifiers=["Shift"])
        with page.expect_download() as slips:
            page.get_by_role("button", name="Packing slips").click()
        assert slips.value.suggested_filename.endswith(".pdf")
    with desk.task(clicks=5, fields=1):
        page.get_by_role("link", name=to_ship).click()
        rows = page.get_by_role("row").filter(has=page.get_by_role("button", name="Ship"))
        numbers = [row.get_by_role("rowheader").inner_text().strip() for row in rows.all()]
        assert numbers
        page.get_by_role("link", name="Ship many").click()
        lines = [f"{number}\tSF77889900{place:02}" for place, number in enumerate(numbers)]
        expect(page.get_by_label("Order and tracking numbers")).to_be_focused()
        page.keyboard.insert_text("\n".join(lines))  # pasted, as from a carrier's list
        page.get_by_role("button", name="Look at the list").click()
        page.get_by_role("button", name=to_ship).click()
        expect(page.get_by_role("main")).to_contain_text(f"{len(lines)} shipped")
    sound(shop)


def test_approve_a_return_restock_and_refund_it(shop, desk):
    page = desk.page
    with desk.task(clicks=4):
        page.get_by_role("link", name=re.compile(r"Returns to decide or inspect$")).click()
        asked = page.get_by_role("article").first
        asked.get_by_role("button", name="Approve").click()
        as_new = asked.get_by_role("radio", name="As new")
        expect(as_new).to_be_visible()
        if (
            not as_new.is_checked()
        ):  # what came damaged is written off unless somebody says otherwise
            as_new.check()
        asked.get_by_role("button", name="Received: refund").click()
        expect(asked).to_contain_text("Refunded")
        expect(asked).to_contain_text("Back to stock")
    sound(shop)
