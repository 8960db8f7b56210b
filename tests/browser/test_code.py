"""Paying by a code: the page with the code hears of the money by itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Shopper
from tests.support.arriving import arrived

pytestmark = pytest.mark.browser


def test_a_code_is_scanned_and_the_page_goes_on_by_itself(shop, opened):
    page = opened().new_page()
    shopper = Shopper(page, scripts=True)
    page.goto("/en/p/gaiwan-white")
    shopper.add(1)
    shopper.check_out()
    shopper.fill_in("code@guest.example")
    shopper.show_code()
    page.get_by_role("button", name="Pay with Alipay instead").click()
    page.get_by_role("link", name="Cancel and go back").click()
    arrived(page, "/pay/")
    page.get_by_role("button", name="Open WeChat Pay").click()
    phone = page.context.new_page()
    expect(page.get_by_role("link", name="Open the test cashier")).to_be_visible()
    phone.goto(page.get_by_role("link", name="Open the test cashier").get_attribute("href") or "")
    phone.get_by_role("button", name=re.compile(r"^Pay ¥")).first.click()
    arrived(page, "/checkout/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
