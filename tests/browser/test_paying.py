"""Every way to pay, on a phone and at a computer: to the till, back, there again, paid, and back once more.

A way is a row of ``WAYS``; what is walked is the same for all of them.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD
from tests.browser.running import RunningShop
from tests.browser.test_story import sound
from tests.support.arriving import arrived

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36",
}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
GOODS = "/en/p/eraser-block"  # there are a hundred of them
PAY = re.compile(r"^Pay ¥")


@dataclass(frozen=True)
class Way:
    """A way to pay: its name, and how the shopper gets to the till, leaves it, and pays there."""

    name: str
    open: Callable[[Page], None] | None = None
    leave: Callable[[Page], None] | None = None
    pay: Callable[[Page], None] | None = None
    """None throughout: nothing is paid now, so the order is placed at once."""


def open_till(name: str) -> Callable[[Page], None]:
    """The provider's own page, by the button that names it."""

    def act(page: Page) -> None:
        page.get_by_role("button", name=f"Open {name}").click()
        expect(page.get_by_role("button", name=PAY).first).to_be_visible()

    return act


def step_back(name: str) -> Callable[[Page], None]:
    """The browser's back button leads to the waiting page, which says where one has been."""

    def act(page: Page) -> None:
        page.go_back()
        expect(page.get_by_text(f"You have opened {name}")).to_be_visible()
        expect(
            page.get_by_role("status").filter(has_text="Waiting for your payment")
        ).to_be_visible()

    return act


def pay_at_till(page: Page) -> None:
    """The provider leads back by itself."""
    page.get_by_role("button", name=PAY).first.click()


def show_code(page: Page) -> None:
    """The page shows a code; one that shows it already is as good."""
    code = page.get_by_role("img", name="Payment code")
    if not code.count():
        page.get_by_role("button", name="Open WeChat Pay").click()
    expect(code).to_be_visible()


def look_elsewhere(page: Page) -> None:
    """Back from the code to where it was asked for, and forward: it is still the same code."""
    drawn = page.locator(".pay__qr path").first.get_attribute("d")
    page.go_back()
    page.go_forward()
    expect(page.locator(".pay__qr path").first).to_have_attribute("d", str(drawn))


def scan(page: Page) -> None:
    """Another device pays; this page goes on by itself."""
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Open the test cashier").click()
    other = opening.value
    other.get_by_role("button", name=PAY).first.click()
    expect(other.get_by_role("button", name=PAY)).to_have_count(0)
    other.close()


def open_card_page(page: Page) -> None:
    """The page that takes the card's number."""
    page.get_by_role("button", name="Pay by card").click()
    expect(page.get_by_label("Card number")).to_be_visible()


def back_from_card(page: Page) -> None:
    """The waiting page says where one has been."""
    page.go_back()
    expect(page.get_by_text("You have opened the card page")).to_be_visible()


def pay_by_card(page: Page) -> None:
    """A card that is refused first, then one that pays."""
    for number in ("4000 0000 0000 0002", "4242 4242 4242 4242"):
        page.get_by_label("Card number").fill(number)
        page.get_by_label("Expires").fill("12 / 39")
        page.get_by_label("Security code").fill("123")
        page.get_by_role("button", name=PAY).first.click()
        if number.startswith("4000"):
            expect(page.get_by_role("alert")).to_be_visible()


ALIPAY = Way("Alipay", open_till("Alipay"), step_back("Alipay"), pay_at_till)
WECHAT_APP = Way("WeChat Pay", open_till("WeChat Pay"), step_back("WeChat Pay"), pay_at_till)
WECHAT_CODE = Way("WeChat Pay", show_code, look_elsewhere, scan)
CARD = Way("Card", open_card_page, back_from_card, pay_by_card)
CASH = Way("Cash on delivery")
WAYS = {
    "desktop": (DESKTOP, (ALIPAY, WECHAT_CODE, CARD, CASH)),
    "phone": (PHONE, (ALIPAY, WECHAT_APP, CARD, CASH)),
}


@pytest.fixture(scope="module", autouse=True)
def _sound_after_all(shop: RunningShop) -> Iterator[None]:
    yield
    sound(shop)


@pytest.mark.parametrize("device", WAYS)
def test_every_way_there_and_back(opened, device):
    options, ways = WAYS[device]
    page = opened((402,), **options).new_page()  # a card that is declined
    sign_in(page)
    for way in ways:
        order(page, way.name)
        if way.open and way.leave and way.pay:
            waiting = page.url
            way.open(page)
            way.leave(page)
            way.open(page)
            way.pay(page)
            number = confirmed(page)
            page.goto(waiting)
            assert confirmed(page) == number, "the waiting page of what is paid leads on"
        else:
            number = confirmed(page)
        page.go_back()
        expect(page.get_by_role("button", name=re.compile(r"^(Pay|Place order)"))).to_have_count(0)
        page.goto(f"/en/orders/{number}")
        expect(page.get_by_role("link", name=re.compile(r"^Pay"))).to_have_count(0)


@pytest.mark.parametrize("device", WAYS)
def test_another_way_in_the_middle(opened, device):
    """Alipay is opened and left for WeChat Pay; who then pays the old page all the same pays once."""
    options, ways = WAYS[device]
    page = opened(**options).new_page()
    sign_in(page)
    order(page, "Alipay")
    ALIPAY.open(page)
    old = page.url
    page.go_back()
    other = next(way for way in ways if way.name == "WeChat Pay")
    other.open(page)
    other.pay(page)
    number = confirmed(page)
    page.goto(old)
    page.get_by_role("button", name=PAY).first.click()
    assert confirmed(page) == number
    page.goto(f"/en/orders/{number}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paid")


@pytest.mark.parametrize("device", WAYS)
def test_a_transfer_with_its_proof(opened, shop, device):
    """The page says where to; a proof alone pays nothing; once the shop has the money, it says so."""
    page = opened(**WAYS[device][0]).new_page()
    sign_in(page)
    order(page, "Bank transfer")
    waiting = page.url
    reference = page.locator(".wire__ref b").inner_text()
    amount = page.locator(".wire .money").first.inner_text().strip("¥ \u202f\xa0")
    page.get_by_role("link", name="Send a proof").click()
    page.go_back()
    page.get_by_role("link", name="Send a proof").click()
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(picture, "PNG")
    proof = {"name": "receipt.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.locator("#proofs-file").set_input_files(proof)
    page.get_by_role("button", name="Send the proof").click()
    expect(page.get_by_role("link", name="Your proof 1")).to_be_visible()
    page.goto(waiting)
    expect(page.get_by_role("status").filter(has_text="has your proof")).to_be_visible()
    shop.flask("payments", "confirm", reference, amount, "--bank-reference", f"IN-{device}")
    page.goto(waiting)
    confirmed(page)


def sign_in(page: Page) -> None:
    """As a shopper whose orders no other test looks at."""
    page.goto("/en/sign-in?next=/en/account")
    page.get_by_label("User name or e-mail").fill("tomh")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    arrived(page, "/account$")


def order(page: Page, name: str) -> None:
    """Buy one thing, to be paid this way; what was placed before cannot be placed again by going back."""
    page.goto(GOODS)
    page.get_by_role("button", name="Buy now").last.click()
    page.get_by_role("radio", name=re.compile(f"^{name}")).check()
    page.locator("#place").click()
    arrived(page, r"/(pay|checkout)/")


def confirmed(page: Page) -> str:
    """The order's number, once the shop thanks for it."""
    arrived(page, "/checkout/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    return page.locator(".order-number b").first.inner_text()
