"""Guests who pay at all three providers, and whose notifies and answers go astray by shares."""

import json
import random
import re
import threading
import time
import urllib.request
from collections import Counter
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin

from bench.load.browser import Answer, Browser, form
from bench.load.crowd import buy, cancel, number_of, somewhere
from bench.load.house import House

EXPIRY_MINUTES = 1.0
WAYS = ("alipay", "wechatpay", "stripe")
_CARD = {"number": "4242424242424242", "expiry": "12 / 34", "cvc": "123"}
_SHARES = (
    ("notify lost", 10),
    ("notify twice", 10),
    ("notify after the order's time", 5),
    ("answer lost", 5),
    ("paid late", 3),
    ("cancelled", 8),
    ("console", 4),
    ("paid", 55),
)
_TIMEOUT = 12
"""Seconds that an answer is held: two more than the shop waits."""


def setting(house: House, name: str) -> str:
    """What the running shop was started with."""
    noted = (house.shop.folder / "run.env").read_text()
    found = re.search(rf"^export {name}=(\S+)$", noted, re.MULTILINE)
    if found is None:
        raise LookupError(f"{name} is not noted")
    return found[1].strip("'\"")


def control(house: House, verb: str, path: str, **body: Any) -> None:
    """Play the buyer, or let things go wrong."""
    request = urllib.request.Request(
        f"{setting(house, 'WECHATPAY_GATEWAY')}/_control{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=verb,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


class Payers:
    """As many orders as were wanted, shared by threads. ``errors``: answers of 500 and more."""

    def __init__(self, house: House, products: list[str], wanted: int) -> None:
        self.house, self.products, self.wanted = house, products, wanted
        self.many = 0
        self.ends: Counter[str] = Counter()
        self.errors: list[str] = []
        self.troubles: list[str] = []
        self.since = int(house.rows("SELECT coalesce(max(id), 0) FROM payment")[0][0])
        self._late: list[tuple[str, float]] = []
        self._lock = threading.Lock()

    def work(self, seed: int) -> None:
        """One guest after another, until there are enough orders."""
        chance = random.Random(seed)
        while True:
            with self._lock:
                if self.many >= self.wanted:
                    return
                self.many += 1
            guest = Browser(self.house.address, somewhere(chance))
            counted = False
            try:
                counted = self._journey(guest, chance)
            except (LookupError, RuntimeError, OSError, HTTPException) as error:
                with self._lock:
                    self.troubles.append(f"{type(error).__name__}: {error}"[:200])
            with self._lock:
                self.many -= not counted
                self.errors += [f"{s} {name}" for name, s, *_ in guest.seen if s >= 500]
            guest.close()
            if not counted and len(self.troubles) > 100:
                return

    def pay_late(self) -> None:
        """Those who pay after their order's time do so now; of every third nobody is told."""
        for at, (number, since) in enumerate(self._late):
            time.sleep(max(0.0, since + 60 * EXPIRY_MINUTES + 35 - time.monotonic()))
            if at % 3 == 0:
                self._fault("notify_lost", number)
            control(self.house, "POST", f"/pay/{number}", force=True)

    def _journey(self, guest: Browser, chance: random.Random) -> bool:
        way = chance.choice(WAYS)
        page = buy(guest, chance, self.products, way)
        if page is None:
            time.sleep(0.5)
            return False
        order = number_of(page)
        end = chance.choices([name for name, _ in _SHARES], [share for _, share in _SHARES])[0]
        if end == "answer lost" and way != "alipay":
            control(
                self.house, "POST", "/faults",
                fault="answer_timeout", method="create", seconds=_TIMEOUT,
            )  # fmt: skip
        cashier = self._open(guest, page, way)
        ((number,),) = self.house.rows(
            "SELECT p.attempt_no FROM payment p JOIN payment_allocation a ON a.payment_id = p.id "
            f"JOIN \"order\" o ON o.id = a.order_id WHERE o.number = '{order}' ORDER BY p.id LIMIT 1"
        )
        self._prepare(end, way, str(number))
        if end == "paid late":
            with self._lock:
                self._late.append((str(number), time.monotonic()))
        else:
            action, fields = form(cashier.text, "/payment")
            card = _CARD if way == "stripe" else {}
            back = guest.post(urljoin(cashier.url, action), fields | card, "cashier")
            if end == "cancelled":
                cancel(guest, self._confirmed(guest, page, back))
            elif end == "console":
                control(self.house, "POST", f"/refund/{number}", amount="1.00")
        with self._lock:
            self.ends[f"{end}, {way}"] += 1
        return True

    def _open(self, guest: Browser, page: Answer, way: str) -> Answer:
        """The provider's cashier; who is told that it does not answer presses again."""
        for _ in range(4):
            action, fields = form(page.text, 'class="pay__open"')
            page = guest.post(action, {**fields, "method": way}, "pay")
            if page.status == 200:
                break
        if way != "wechatpay":
            return page
        link = re.search(r'href="(http[^"]+/wechat/cashier/[^"]+)"', page.text)
        if link is None:
            raise LookupError(f"no code at {page.url}: {page.status}")
        return guest.get(link[1].replace("&amp;", "&"), "code")

    def _prepare(self, end: str, way: str, number: str) -> None:
        if end == "notify lost":
            self._fault("notify_lost", number)
        elif end == "notify twice":
            self._fault("notify_duplicate", number, count=2)
        elif end == "notify after the order's time":
            self._fault("notify_delayed", number, seconds=60 * EXPIRY_MINUTES + 20)
        elif end == "answer lost" and way == "alipay":
            self._fault("notify_lost", number)
            method = "alipay.trade.query"
            self._fault("answer_timeout", number, method=method, seconds=_TIMEOUT)
        elif end == "cancelled":
            method = "alipay.trade.refund" if way == "alipay" else "refund"
            self._fault("answer_timeout", number, method=method, seconds=_TIMEOUT)

    def _fault(self, name: str, number: str, **wish: Any) -> None:
        control(self.house, "POST", "/faults", fault=name, out_trade_no=number, **wish)

    def _confirmed(self, guest: Browser, page: Answer, back: Answer) -> Answer:
        """The page that says that it is paid: it leads to the order."""
        token = re.search(r"/en/pay/([\w-]+)", page.url)
        if token is None:
            raise LookupError(f"no waiting page at {page.url}")
        for _ in range(40):
            if 'href="/en/orders/' in back.text and "/checkout/" in back.url:
                return back
            time.sleep(0.25)
            back = guest.get(f"/en/pay/{token[1]}", "waiting")
        raise LookupError(f"not paid at {back.url}")
