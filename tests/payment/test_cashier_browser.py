"""The cashier in Chromium: axe in both themes and languages, no wider than its window, CSP clean."""

import pytest
from playwright.sync_api import Browser

from tests.support import axe

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
            page.wait_for_url("**lang=**")
    # Chromium applies form-action to the redirect as well: this only works with the right CSP.
    page.locator("form[action*='/payment']").first.get_by_role("button").click()
    page.wait_for_url(f"{merchant.return_url}**")
    assert complaints == []
    context.close()


def test_without_scripts(browser: Browser, address, merchant):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(address()[1])
    page.get_by_role("button", name="Pay ¥88.80").click()
    page.wait_for_url(f"{merchant.return_url}**")
    context.close()
