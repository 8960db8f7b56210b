"""What shoppers and merchants do, by the names and roles that they see. English pages."""

import re
import secrets
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.arriving import arrived

PASSWORD = "songjian-pine-42"


def some_phone() -> str:
    """A number of the kind that no subscriber has: limits per person must not meet the last run's."""
    return f"1380000{secrets.randbelow(10_000):04}"


@dataclass
class Shopper:
    """Somebody at the storefront, with scripts or without."""

    page: Page
    scripts: bool

    def search(self, words: str) -> None:
        self.page.goto("/en/")
        box = self.page.get_by_role("combobox", name="Search the shop")
        box.fill(words)
        if self.scripts:
            expect(self.page.get_by_role("option").first).to_be_visible()
        box.press("Enter")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def browse(self, category: str, narrower: str) -> None:
        self.page.goto("/en/")
        self.page.get_by_role("navigation", name="Categories").get_by_role(
            "link", name=category
        ).click()
        self.page.get_by_role("navigation", name="Narrower categories").get_by_role(
            "link", name=narrower
        ).click()

    def open_product(self, title: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=title, exact=True).first.click()
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def pick(self, option: str, value: str) -> None:
        """Choose a value; the address then names the variant, and the price follows."""
        group = self.page.get_by_role("group", name=option)
        group.get_by_role("radio", name=value).click()
        if not self.scripts:
            self.page.get_by_role("button", name="Update", exact=True).click()
        arrived(self.page, r"/p/.*[?&]sku=")
        expect(self.page.get_by_role("radio", name=value)).to_be_checked()

    def add(self, quantity: int = 1) -> None:
        """Put it into the cart and look at the cart."""
        if quantity > 1:
            self.page.locator("#quantity").fill(str(quantity))
        self.page.locator("#add").click()
        if self.scripts:
            drawer = self.page.get_by_role("dialog", name="Added to your cart")
            drawer.get_by_role("link", name="View cart").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Your cart")

    def use_coupon(self, code: str) -> None:
        self.page.get_by_text("Use a coupon").click()
        self.page.get_by_label("Coupon code").fill(code)
        self.page.get_by_role("button", name="Apply").click()
        expect(self.page.locator("#coupon-remove")).to_be_visible()

    def to_pay(self) -> str:
        """What the cart's bill comes to."""
        return self.page.locator(".cart-sum .totals .sum dd").inner_text().strip()

    def check_out(self) -> None:
        self.page.get_by_role("main").get_by_role("link", name="Check out").click()
        expect(self.page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()

    def fill_in(self, email: str) -> None:
        """As a guest."""
        for label, value in (
            ("E-mail", email),
            ("Full name", "Grace Hopper"),
            ("Street address", "Wensan Road 1, Room 302"),
            ("Postcode", "310012"),
            ("City", "Hangzhou"),
            ("Mobile", some_phone()),
        ):
            self.page.get_by_label(label, exact=True).fill(value)

    def place(self) -> None:
        """Press the button and land on the page that leads to the cashier."""
        self.page.locator("#place").click()
        arrived(self.page, "/pay/")

    def show_code(self) -> None:
        """Place the order with WeChat Pay and let the page show its code."""
        self.page.get_by_role("radio", name="WeChat Pay").check()
        self.place()
        self.page.get_by_role("button", name="Open WeChat Pay").click()
        expect(self.page.get_by_role("img", name="Payment code")).to_be_visible()

    def pay(self) -> None:
        """At the provider's cashier; it leads back by itself."""
        self.page.get_by_role("button", name="Open Alipay").click()
        self.page.get_by_role("button", name=re.compile(r"^Pay ¥")).first.click()
        arrived(self.page, "/checkout/")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Thank you")

    def order_number(self) -> str:
        return self.page.locator(".order-number b").first.inner_text()

    def confirm_receipt(self) -> None:
        self.page.get_by_role("link", name="Confirm receipt").click()
        self.page.get_by_role("button", name="Yes, I have everything").click()
        expect(self.page.get_by_role("link", name="Confirm receipt")).to_have_count(0)

    def review(self, title: str, text: str) -> None:
        self.page.get_by_role(
            "link", name=re.compile(f"^Write a review.*{re.escape(title)}")
        ).click()
        self.page.get_by_role("radio", name="5 stars").check()
        self.page.get_by_label("What is it like?").fill(text)
        self.page.get_by_role("button", name="Post the review").click()
        expect(self.page.get_by_text("Your review is with the shop")).to_be_visible()

    def read_reviews(self) -> None:
        """They come by themselves; without scripts a link leads to them."""
        if not self.scripts:
            self.page.get_by_role("link", name="Read the reviews").click()


@dataclass
class Merchant:
    """Somebody in the admin."""

    page: Page
    scripts: bool

    def enter(self, username: str, path: str) -> None:
        """Sign in on the way to a page."""
        self.page.goto(path)
        self.page.get_by_label("User name or e-mail").fill(username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        arrived(self.page, f"{re.escape(path)}$")

    def sign_in(self, username: str, store: str) -> None:
        """Sign in and choose the store."""
        self.enter(username, "/en/admin")
        switch = self.page.get_by_label("Store", exact=True)
        expect(switch).to_be_visible()
        if switch.locator("option:checked").inner_text() != store:
            switch.select_option(store)
            if not self.scripts:
                self.page.get_by_role("button", name="Switch").click()
        expect(switch.locator("option:checked")).to_have_text(store)

    def open_order(self, number: str) -> None:
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Orders").click()
        self.page.get_by_role("main").get_by_role("link", name=number, exact=True).click()
        expect(self.page.get_by_role("heading", level=1, name=number)).to_be_visible()

    def ship(self, carrier: str, tracking_number: str) -> None:
        self.page.get_by_label("Carrier", exact=True).select_option(carrier)
        self.page.get_by_label("Tracking number", exact=True).fill(tracking_number)
        self.page.get_by_role("button", name=re.compile(r"^Ship \d+ item")).click()
        expect(self.page.get_by_role("heading", name="Parcels")).to_be_visible()

    def take_cash(self) -> None:
        """Book what the courier brought; the sum that is due stands in the field."""
        self.page.get_by_role("button", name="Cash received").click()
        expect(self.page.get_by_role("button", name="Cash received")).to_have_count(0)

    def publish_review(self, words: str) -> None:
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Reviews").click()
        review = self.page.get_by_role("article").filter(has_text=words)
        publish = review.get_by_role("button", name=re.compile("^Publish(?! and reply)"))
        publish.click()
        expect(publish).to_have_count(0)

    def refund(self, title: str, quantity: int) -> str:
        """Refund units of one line; returns the sum that the button named."""
        self.page.get_by_role("link", name="Refund", exact=True).first.click()
        self.page.get_by_label(f"Quantity of {title} to refund").fill(str(quantity))
        if self.scripts:
            self.page.keyboard.press("Tab")
        else:
            self.page.get_by_role("button", name="Work out the sum").click()
        button = self.page.get_by_role("button", name=re.compile(r"^Refund ¥"))
        sum_named = button.inner_text().removeprefix("Refund ")
        button.click()
        expect(self.page.get_by_text("Given back")).to_be_visible()
        return sum_named


class Mailbox:
    """`/dev/mail`, where the mails that the worker has sent can be read."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._page = context.new_page()
        self._to = address

    def find(self, subject: str | re.Pattern[str]) -> Locator:
        """Wait for a mail (a job brings it), open it and return its text part."""
        sent = self._page.get_by_role("row").filter(has_text=subject).filter(has_text="sent")
        for _ in range(60):
            self._page.goto(f"/dev/mail?to={self._to}")
            if sent.count():
                break
            self._page.wait_for_timeout(500)  # a worker's job is waited for, as a reader would
        sent.first.get_by_role("link").first.click()
        return self._page.locator(
            "section", has=self._page.get_by_role("heading", name="As plain text")
        )

    def follow(self, subject: str | re.Pattern[str]) -> Page:
        """Follow the link of a mail that leads to the order."""
        # By keyboard: for a moment after scrolling, Chromium gives clicks to the frame that was there.
        self.find(subject).get_by_role("link", name="/orders/").first.press("Enter")
        arrived(self._page, "/orders/")
        return self._page
