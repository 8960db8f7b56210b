"""Sixty-four guests who buy, cancel and forget, while staff ship and count."""

import random
import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urljoin

from bench.load.browser import Answer, Browser, form

PASSWORD = "songjian-pine-42"
_ENDS = (("cash", 60), ("paid", 15), ("cancelled", 12), ("forgotten", 13))


@dataclass
class Notes:
    """What the crowd was told. ``told``: number → what its shopper meant to do with the order; ``done``:
    those who were told that they have done it."""

    told: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    ends: Counter[str] = field(default_factory=Counter)
    pages: list[tuple[str, int, float, float]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, browser: Browser) -> None:
        """A journey is over."""
        with self.lock:
            self.pages += browser.seen
        browser.close()

    def trouble(self, what: str) -> None:
        """Something that nobody may see."""
        with self.lock:
            self.troubles.append(what[:300])


def shop_for(
    address: str, products: list[str], ends: float, notes: Notes, seed: int, patient: bool = False
) -> None:
    """One guest after another, until ``ends`` (monotonic). ``patient``: errors while a part of the shop is
    being killed are waited out, and what was told counts all the same."""
    chance = random.Random(seed)
    while time.monotonic() < ends:
        guest = Browser(address, somewhere(chance))
        try:
            journey(guest, chance, products, notes)
        except (LookupError, RuntimeError, OSError, HTTPException) as error:
            if not patient:
                notes.trouble(f"{type(error).__name__}: {error}")
            else:
                time.sleep(0.5)
        finally:
            notes.add(guest)


def somewhere(chance: random.Random) -> str:
    """An address that nobody else has (RFC 1918)."""
    return f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def journey(
    guest: Browser,
    chance: random.Random,
    products: list[str],
    notes: Notes,
    ends: tuple[str, ...] = tuple(name for name, _ in _ENDS),
) -> str:
    """From the list to the order and its end, one of ``ends``; returns the end."""
    end = chance.choices(ends, [share for name, share in _ENDS if name in ends])[0]
    page = buy(guest, chance, products, "cod" if end == "cash" else "alipay")
    if page is None:
        notes.ends["sold out"] += 1
        return "sold out"
    number = number_of(page)
    with notes.lock:
        notes.told[number] = end
        notes.ends[end] += 1
    if (end == "cancelled" and cancel(guest, page)) or (end == "paid" and pay(guest, page)):
        with notes.lock:
            notes.done.add(number)
    return end


def buy(guest: Browser, chance: random.Random, products: list[str], method: str) -> Answer | None:
    """From the list to the placed order; None where it was sold out."""
    _good(guest.get("/en/c/all", "list"))
    page = _good(guest.get(f"/en/p/{chance.choice(products)}", "product"))
    if 'id="add"' not in page.text:
        return None
    action, fields = form(page.text, 'id="buy-form"')
    page = guest.post(action, {**fields, "quantity": str(chance.choice((1, 1, 1, 2)))}, "add")
    if page.status == 409:
        return None
    _good(page)
    page = _good(guest.get("/en/checkout", "checkout"))
    if 'id="place"' not in page.text:  # sold out meanwhile: it led back to the cart
        return None
    action, fields = form(page.text, 'id="checkout-form"')
    who = secrets.token_hex(5)
    fields |= {
        "email": f"{who}@guest.example",
        "name": "Grace Hopper",
        "street": "Wensan Road 1",
        "postcode": "310012",
        "city": "Hangzhou",
        "phone": f"138{chance.randrange(10**8):08}",
        "method": method,
    }
    page = guest.post(action, fields, "place")
    if page.status == 409 and 'id="place"' in page.text:
        # Totals or stock changed: a shopper looks at the new sum and presses again.
        action, again = form(page.text, 'id="checkout-form"')
        page = guest.post(action, {**fields, **again}, "place")
    if page.status in {409, 422} or "/cart" in page.url:
        return None
    return _good(page)


def cancel(guest: Browser, page: Answer) -> bool:
    """The order's page, its question, and yes; False when it is too late for that."""
    link = re.search(r'href="(/en/orders/[^"]+)"', page.text)
    if link is None:
        raise LookupError("no link to the order")
    where = link[1].replace("&amp;", "&")
    page = _good(guest.get(where, "order"))
    page = _good(guest.get(f"{where}{'&' if '?' in where else '?'}ask=cancellation", "order"))
    action, fields = form(page.text, "/cancellation")
    page = guest.post(action, fields, "cancel")
    if page.status == 409:
        return False
    _good(page)
    return True


def pay(guest: Browser, page: Answer) -> bool:
    """At the provider's cashier, whose own pages do not count; True when it leads back to the shop."""
    action, fields = form(page.text, 'class="pay__open"')
    page = _good(guest.post(action, fields, "pay"))
    action, fields = form(page.text, "/payment")
    return _good(guest.post(urljoin(page.url, action), fields, "cashier")).url.startswith(
        guest.base
    )


def number_of(page: Answer) -> str:
    """The order that a page names first."""
    found = re.search(r"\b(\d{6}-[0-9A-Z]{6,8})\b", page.text)
    if found is None:
        raise LookupError(f"no order number at {page.url}")
    return found[1]


def _good(page: Answer) -> Answer:
    if page.status != 200:
        raise RuntimeError(f"{page.status} at {page.url}")
    return page
