"""Those who work behind the crowd: at each store one who ships and one who fills up, all over HTTP."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException

from bench.load.browser import Browser, form
from bench.load.crowd import PASSWORD, Notes, somewhere

STORES = {"songjian": "Songjian", "harrow-pine": "Harrow &amp; Pine"}
_DELIVERY = 30
"""Units that come at a time: two stores of ten goods each sell some twelve a second."""


def threads(
    address: str,
    skus: Mapping[str, Sequence[str]],
    ends: float,
    notes: Notes,
    patient: bool = False,
    until: threading.Event | None = None,
) -> list[threading.Thread]:
    """Two of the staff of every store that sells what the crowd buys, signed in, until ``ends`` (monotonic).

    ``patient``: errors while a part of the shop is being killed are waited out. ``until``: ends it earlier.
    """
    over = until or threading.Event()
    found = []
    for number, (slug, name) in enumerate(STORES.items()):
        if skus.get(slug):
            shipper, filler = (Staff(address, name, 2 * number + one) for one in (0, 1))
            shelves = _in_turns(skus[slug])
            tasks = (
                (shipper, lambda one=shipper: one.ship(ends, notes)),
                (filler, lambda one=filler, sku=shelves: one.fill_up(sku(), notes)),
            )
            found += [
                threading.Thread(target=one.work, args=(task, ends, notes, patient, over))
                for one, task in tasks
            ]
    return found


def _in_turns(skus: Sequence[str]) -> Callable[[], str]:
    turn = [0]

    def following() -> str:
        turn[0] += 1
        return skus[turn[0] % len(skus)]

    return following


class Staff:
    """Somebody at a store's desk."""

    def __init__(self, address: str, store: str, number: int) -> None:
        self.browser = Browser(address, somewhere(random.Random(1000 + number)))
        page = self.browser.get("/en/admin", "sign in")
        action, fields = form(page.text, 'class="stack" action')
        given = {**fields, "login": "linwei", "password": PASSWORD}
        page = self.browser.post(action, given, "sign in")
        action, fields = form(page.text, "store-switch")
        chosen = re.search(rf'<option value="([^"]+)"[^>]*>{re.escape(store)}<', page.text)
        if chosen is None:
            raise LookupError(f"no store {store}")
        self.browser.post(action, {**fields, "store": chosen[1]}, "choose store")

    def work(
        self,
        task: Callable[[], None],
        ends: float,
        notes: Notes,
        patient: bool,
        over: threading.Event,
    ) -> None:
        """Do ``task`` again and again, until ``ends`` (monotonic) or ``over``."""
        while time.monotonic() < ends and not over.is_set():
            try:
                task()
            except (LookupError, RuntimeError, OSError, HTTPException) as error:
                if not patient:
                    notes.trouble(f"staff: {type(error).__name__}: {error}")
                time.sleep(0.5)
        notes.add(self.browser)

    def ship(self, ends: float, notes: Notes) -> None:
        """Everything on the first page of what is to be shipped, as far as the time goes."""
        page = self.browser.get("/en/admin/orders?view=to-ship", "admin orders")
        _good(page.status, page.url)
        rows = re.findall(r'<form class="ship".*?</form>', page.text, re.DOTALL)
        for row in rows:
            if time.monotonic() > ends:
                return
            action, fields = form(row, 'class="ship"')
            number = f"SF{time.monotonic_ns() % 10**12:012}"
            answer = self.browser.post(action, {**fields, "tracking_number": number}, "ship")
            if answer.status not in {200, 409, 422}:  # cancelled meanwhile: said so
                _good(answer.status, answer.url)
            with notes.lock:
                notes.ends["shipped" if answer.status == 200 else "could not be shipped"] += 1
        if not rows:
            time.sleep(0.5)

    def fill_up(self, sku: str, notes: Notes) -> None:
        """A delivery of something, and one less: it was broken."""
        page = self.browser.get(f"/en/admin/inventory?q={sku}", "inventory")
        _good(page.status, page.url)
        cell = re.search(r'href="([^"]*edit=[^"#]*)', page.text)
        if cell is None:
            raise LookupError(f"no level of {sku}")
        where = cell[1].replace("&amp;", "&")
        for quantity, reason in ((str(_DELIVERY), "received"), ("-1", "damaged")):
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
