"""Two of the staff, who ship what is paid and fill up what runs out, all over HTTP."""

import re
import time

from bench.load.browser import Browser, form
from bench.load.crowd import PASSWORD, Notes


class Staff:
    """Somebody at a store's desk."""

    def __init__(self, address: str, username: str, store: str) -> None:
        self.browser = Browser(address)
        page = self.browser.get("/en/admin", "sign in")
        action, fields = form(page.text, 'class="stack" action')
        page = self.browser.post(action, {**fields, "login": username, "password": PASSWORD})
        action, fields = form(page.text, "store-switch")
        chosen = re.search(rf'<option value="([^"]+)"[^>]*>{re.escape(store)}<', page.text)
        if chosen is None:
            raise LookupError(f"no store {store}")
        self.browser.post(action, {**fields, "store": chosen[1]})

    def work(self, skus: list[str], ends: float, notes: Notes, *, patient: bool = False) -> None:
        """Ship and fill up in turns, until ``ends`` (monotonic)."""
        turn = 0
        while time.monotonic() < ends:
            try:
                self.ship(notes)
                self.fill_up(skus[turn % len(skus)], notes)
            except (LookupError, RuntimeError, OSError) as error:
                if not patient:
                    notes.trouble(f"staff: {type(error).__name__}: {error}")
                time.sleep(0.5)
            turn += 1
        notes.add(self.browser)

    def ship(self, notes: Notes) -> None:
        """Everything on the first page of what is to be shipped."""
        page = self.browser.get("/en/admin/orders?view=to-ship", "admin orders")
        _good(page.status, page.url)
        for row in re.findall(r'<form class="ship".*?</form>', page.text, re.DOTALL):
            action, fields = form(row, 'class="ship"')
            number = f"SF{time.monotonic_ns() % 10**12:012}"
            answer = self.browser.post(action, {**fields, "tracking_number": number}, "ship")
            if answer.status not in {200, 409, 422}:  # cancelled meanwhile: said so
                _good(answer.status, answer.url)
            with notes.lock:
                notes.ends["shipped" if answer.status == 200 else "could not be shipped"] += 1

    def fill_up(self, sku: str, notes: Notes) -> None:
        """Five more of something, and one less: it was broken."""
        page = self.browser.get(f"/en/admin/inventory?q={sku}", "inventory")
        _good(page.status, page.url)
        cell = re.search(r'href="([^"]*edit=[^"#]*)', page.text)
        if cell is None:
            raise LookupError(f"no level of {sku}")
        where = cell[1].replace("&amp;", "&")
        for quantity, reason in (("5", "received"), ("-1", "damaged")):
            page = self.browser.get(where, "inventory")
            action, fields = form(page.text, r"/variants/\w+/stock")
            fields |= {"quantity": quantity, "mode": "add", "reason": reason}
            answer = self.browser.post(action, fields, "stock")
            if answer.status not in {200, 409}:
                _good(answer.status, answer.url)
            with notes.lock:
                notes.ends["stock changed"] += answer.status == 200


def _good(status: int, url: str) -> None:
    if status != 200:
        raise RuntimeError(f"{status} at {url}")
