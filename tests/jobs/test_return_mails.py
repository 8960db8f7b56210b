"""Mails about returns: what the store and the shopper read at each step, and what time does."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.jobs import inline, parcels
from shop.jobs import returns as jobs
from shop.notifications import senders
from shop.order import asking, queries, return_queries, return_terms, returnable, returns
from shop.payment import settlement
from shop.store import services as stores
from shop.store.models import Store
from tests.factories.orders import (
    approve,
    assert_sound,
    exchange,
    give_back,
    inspect,
    order,
    paid_order,
    received_order,
    repair,
    request_return,
    send_back,
    shipped_order,
    store_with_goods,
)

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NASTY = "<img src=x>"


@pytest.fixture
def read():
    """The mails since the last time, as (recipient, subject, text), their HTML looked at."""
    senders.memory().clear()

    def since():
        db.session.rollback()  # jobs write in sessions of their own
        inline.run_all()
        mails = list(senders.memory())
        senders.memory().clear()
        for mail in mails:
            assert "<img" not in mail.get_body(("html",)).get_content()
        return [
            (mail["To"], mail["Subject"], mail.get_body(("plain",)).get_content()) for mail in mails
        ]

    return since


def bought(make=received_order, **given):
    goods = store_with_goods(price_minor=1000, **given)
    with transaction():
        stores.update(goods.store_id, contact_email="desk@example.com")
    return make(goods.variant), goods.store_id


def of(return_id):
    db.session.rollback()
    return return_queries.one(return_id, "en")


def test_each_step_is_told_to_whom_it_concerns(read):
    placed, _ = bought()
    read()
    asked = request_return(placed.order)
    ((to, subject, text),) = read()
    assert to == "desk@example.com"
    assert subject == f"Return asked for: order {placed.number}"
    assert "¥10.00" in text
    assert "The size does not fit" in text
    assert "counts as approved" in text
    with transaction():
        returns.approve(asked, instructions=f"Desk 7 {NASTY}", actor="u:1")
    ((to, subject, text),) = read()
    assert to != "desk@example.com"
    assert subject == f"Please send it back: order {placed.number}"
    assert f"Desk 7 {NASTY}" in text
    assert f"/en/orders/{placed.number}/returns?key=" in text
    send_back(placed.order, asked)
    ((to, subject, text),) = read()
    assert (to, subject) == ("desk@example.com", f"Coming back to you: order {placed.number}")
    assert "SF77" in text
    inspect(asked)
    subjects = [(subject, text) for _, subject, text in read()]
    assert any(s.startswith("Return received") and "¥10.00" in t for s, t in subjects)


def test_a_refusal_gives_its_reason_in_the_language_of_the_order(read):
    goods = store_with_goods()
    placed = received_order(goods.variant)
    with transaction():
        order(placed.order).locale = "zh"
    asked = request_return(placed.order)
    read()
    with transaction():
        returns.refuse(asked, reason="有使用痕迹", actor="u:1")
    ((_, subject, text),) = read()
    assert subject == f"退货未获同意：订单 {placed.number}"
    assert "有使用痕迹" in text
    assert "未同意" in text


def test_what_comes_of_a_return_is_told_too(read):
    placed, _ = bought()
    asked = request_return(placed.order)
    with transaction():
        returns.withdraw(placed.order, asked, actor="guest")
    read()
    asked = request_return(placed.order)
    read()
    with transaction():
        returns.withdraw(placed.order, asked, actor="guest")
    ((to, subject, text),) = read()
    assert (to, subject) == ("desk@example.com", f"Return withdrawn: order {placed.number}")
    assert "Nothing is left to do." in text
    mended = request_return(placed.order, reason="quality", outcome="repair", note=NASTY)
    ((_, _, text),) = read()
    assert "wants goods repaired" in text
    assert NASTY in text
    approve(mended)
    repair(mended)
    texts = {subject: text for _, subject, text in read()}
    assert "SF1000088" in texts[f"Mended and on its way back: order {placed.number}"]
    swapped = request_return(placed.order, outcome="exchange")
    approve(swapped)
    read()
    number = order(exchange(swapped)).number
    ((_, subject, text),) = read()
    assert subject == f"Your exchange is on order: order {placed.number}"
    assert f"/en/orders/{number}?key=" in text
    other, _ = bought(shipped_order)
    lost = request_return(other.order, reason="not-received", outcome="money")
    with transaction():
        order(other.order).locale = "zh"
    read()
    give_back(lost)
    subjects = [subject for _, subject, _ in read()]
    assert f"钱款将退回：订单 {other.number}" in subjects


def test_a_buyer_hears_that_it_was_too_late_to_cancel(read):
    placed, _ = bought(paid_order)
    with transaction():
        asking.begin_packing(placed.order, actor="u:1")
        settlement.cancel_for_shopper(placed.order, reason="by-customer-mind", actor="guest")
    read()
    with transaction():
        asking.decline_cancellation(placed.order, actor="u:1")
    ((to, subject, text),) = read()
    assert to != "desk@example.com"
    assert subject == f"It is being sent: order {placed.number}"
    assert "had packed it by then" in text


def test_silence_reminds_then_approves_and_never_pays(read):
    placed, store_id = bought()
    with transaction():
        return_terms.change(
            store_id, return_terms.Terms(answer_hours=24, instructions="Gate 3, Hangzhou")
        )
    asked = request_return(placed.order)
    start = of(asked).created_at
    assert abs(of(asked).answer_by - start - 24 * HOUR) < HOUR
    read()
    assert jobs.return_dates() == 0
    with clock.at(start + 13 * HOUR):
        assert (jobs.return_dates(), jobs.return_dates()) == (1, 0)
        ((to, subject, _),) = read()
        assert (to, subject) == (
            "desk@example.com",
            f"Please decide about the return of order {placed.number}",
        )
    with clock.at(start + 25 * HOUR):
        assert (jobs.return_dates(), jobs.return_dates()) == (1, 0)
        told = read()
        assert len(told) == 2
        assert any("Gate 3, Hangzhou" in text for _, _, text in told)
        assert any(subject.startswith("Approved by time") for _, subject, _ in told)
    assert of(asked).state == "approved"
    entries = queries.order_page(placed.number, "en").timeline
    (entry,) = [one for one in entries if one.kind == "return_approved"]
    assert (entry.actor, entry.detail["reason"]) == ("system", "in-time")
    with clock.at(start + 16 * DAY):
        assert (jobs.return_dates(), jobs.return_dates()) == (1, 0)
        ((_, subject, _),) = read()
        assert subject == f"Return closed: order {placed.number}"
    assert (of(asked).state, of(asked).lapsed) == ("withdrawn", True)
    assert_sound()


def test_an_answer_in_time_is_left_alone(read):
    placed, _ = bought()
    asked = request_return(placed.order)
    approve(asked)
    send_back(placed.order, asked)
    with clock.at(clock.now() + 60 * DAY):
        assert jobs.return_dates() == 0
    assert of(asked).state == "in_transit"


def test_an_order_does_not_count_as_received_while_a_return_is_open():
    placed, _ = bought(shipped_order)
    asked = request_return(placed.order)
    with clock.at(clock.now() + 16 * DAY):
        assert parcels.receive_due() == 0
        with transaction():
            returns.withdraw(placed.order, asked, actor="guest")
        assert parcels.receive_due() == 1


def test_a_refusal_may_be_asked_about_once_more_within_the_stores_window():
    placed, store_id = bought()
    with transaction():
        return_terms.change(store_id, return_terms.Terms(window_days=30))
    with clock.at(clock.now() + 29 * DAY):
        for _ in range(2):
            asked = request_return(placed.order)
            with transaction():
                returns.refuse(asked, reason="Worn", actor="u:1")
        with pytest.raises(Invalid):
            request_return(placed.order)
    with clock.at(clock.now() + 31 * DAY):
        assert returnable.of_order(placed.order).units == {}
    with pytest.raises(Invalid), transaction():
        return_terms.change(store_id, return_terms.Terms(answer_hours=2))
    assert db.session.get_one(Store, store_id).settings["returns"]["window_days"] == 30
