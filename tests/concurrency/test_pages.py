"""Races of real processes at the shop's own door: the checkout form, sent by many browsers at once.

`test_services.py` names the guards and takes the same races to the services, more often in a short run.
"""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.db import db
from shop.order.models import Order
from shop.web.ui import visitor
from tests.concurrency.herd import Act, Herd
from tests.concurrency.test_services import few
from tests.factories.orders import Goods, assert_sound, available, restock, store_with_goods
from tests.support.sizes import Sizes
from tests.web.order.conftest import ENGLISH, checkout, put
from tests.web.order.markup import form_of

pytestmark = pytest.mark.soak


def at_the_checkout(app: Flask, goods: Goods) -> Act:
    """A browser with one thing in its cart and the form filled in, about to be sent."""
    browser = app.test_client()
    put(browser, goods.variant)
    form = form_of(checkout(browser)) | ENGLISH
    names = (app.config["SESSION_COOKIE_NAME"], visitor.cookie_name())
    found = [cookie for cookie in map(browser.get_cookie, names) if cookie is not None]
    cookies = {cookie.key: cookie.value for cookie in found}
    return {"name": "post", "path": "/en/checkout", "data": form, "cookies": cookies}


def answers(herd: Herd, acts: list[Act]) -> list[tuple[int, str]]:
    """Send them all at once; an exception of the shop fails here."""
    reports = herd.run(acts)
    assert {report["outcome"] for report in reports} == {"ok"}, reports
    return [tuple(report["result"]) for report in reports]


def orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def test_32_browsers_race_for_the_last_10_units(app: Flask, herd: Herd, sizes: Sizes) -> None:
    """Ten are led on to their order; the others read what has changed, and keep what they typed."""
    goods = store_with_goods(stock=10)
    for _ in range(few(sizes)):
        before = orders()
        told = answers(herd, [at_the_checkout(app, goods) for _ in range(32)])
        placed = [where for status, where in told if status == 303 and "/checkout/" in where]
        assert len(set(placed)) == 10
        assert Counter(status for status, _ in told) == {303: 10, 409: 22}
        assert orders() - before == 10
        assert available(goods.variant) == 0
        assert_sound()
        restock(goods, goods.variant, 10)


def test_a_form_sent_8_times_at_once_is_one_order(app: Flask, herd: Herd, sizes: Sizes) -> None:
    """Whoever pressed again and again is led to the same confirmation by every answer."""
    goods = store_with_goods(stock=100)
    for number in range(few(sizes)):
        told = answers(herd, [at_the_checkout(app, goods)] * 8)
        assert Counter(status for status, _ in told) == {303: 8}
        assert len({where for _, where in told}) == 1
        assert orders() == number + 1
    assert_sound()
