"""Being where a click leads."""

import re

from playwright.sync_api import Page, expect

PATIENCE = 20_000
"""Milliseconds that a page may take: the machine has two cores and runs other tests meanwhile."""


def arrived(page: Page, address: str) -> None:
    """Wait until the page is loaded whose path begins with the pattern `address`, its language set aside.

    Not `Page.wait_for_url`: when the page changes its address by itself while the new document loads (a
    live part, a form that is kept), that goes on waiting for an answer that has long come.
    """
    expect(page).to_have_url(re.compile(rf"^\w+://[^/]+(/en|/zh)?{address}"), timeout=PATIENCE)
    page.wait_for_load_state()
