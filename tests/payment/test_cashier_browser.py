"""The cashier in Chromium: axe in both themes and languages, no wider than its window, CSP clean."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from shop.core import clock
from shop.payment.gateways.base import Scene
from shop.payment.gateways.registry import build_gateways
from tests.support import axe
from tests.support.arriving import arrived

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("locale", ("en-GB", "zh-CN"))
def test_accessible_and_narrow(browser: Browser, address, merchant, scheme, locale):
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, locale=locale
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address(amount=123456789)[1])
    for step in ("open", "signed in"):
        assert page.evaluate("document.documentElement.scrollWidth") == 320, step
        assert axe.violations(page) == [], step
        if step == "open":
            page.locator("form[action*='/scan']").get_by_role("button").click()
            arrived(page, r".*[?&]lang=")
    # Chromium applies form-action to the redirect as well: this only works with the right CSP.
    page.locator("form[action*='/payment']").first.get_by_role("button").click()
    arrived(page, "/pay/token/return")
    assert complaints == []
    context.close()


def test_without_scripts(browser: Browser, address, merchant):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(address()[1])
    page.get_by_role("button", name="Pay ¥88.80").click()
    arrived(page, "/pay/token/return")
    context.close()


@pytest.mark.parametrize(("scheme", "locale"), (("light", "en-GB"), ("dark", "zh-CN")))
def test_the_page_for_cards(browser: Browser, provider, merchant, number, scheme, locale):
    gateway = build_gateways(provider.settings())["stripe"]
    until = clock.now() + timedelta(minutes=30)
    back = merchant.return_url
    action = gateway.create(number(), 123456789 // 2, "Tea 茶", until, "", back, "", Scene.PAGE)
    context = browser.new_context(
        viewport={"width": 320, "height": 640},
        color_scheme=scheme,
        locale=locale,
        java_script_enabled=scheme == "dark",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(action.redirect_url or "")
    for card in ("4000000000000002", "4242424242424242"):
        if scheme == "dark":  # both need scripts
            assert page.evaluate("document.documentElement.scrollWidth") == 320
            assert axe.violations(page) == []
        for name, value in (("number", card), ("expiry", "12/49"), ("cvc", "123")):
            page.locator(f"#{name}").fill(value)
        page.locator("button[type=submit]").click()
        if card.startswith("4000"):
            page.get_by_role("alert").wait_for()
            assert page.locator("#number").input_value() == card
    arrived(page, "/pay/token/return")
    assert [one for one in complaints if "402" not in one] == []
    context.close()
