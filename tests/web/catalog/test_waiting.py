"""To be told when it is back: asked for, served in the order of asking, withdrawn, forgotten."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from shop.catalog import products
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import waiting_queries
from shop.inventory.models import StockWait
from shop.jobs import housekeeping, inline, waiting
from shop.notifications import senders
from shop.order import cancellation
from tests.factories.orders import available, place_order, restock, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, code_of, page, pot, shop, signed_in, words


@pytest.fixture
def goods(app):
    """A store whose only product is sold out; no mail has been sent."""
    senders.memory().clear()
    return store_with_goods(stock=0)


def ask(client, goods, email: str = "", **kwargs):
    data = {"variant": code_of(goods.variant), "email": email}
    return client.post(f"/en/p/{goods.products[0].slug}/wait", data=data, **kwargs)


def told() -> list[str]:
    """To whom a mail about what is back was sent, in the order of sending; the box is emptied."""
    inline.run_all()
    box = senders.memory()
    found = [mail["To"] for mail in box if mail["Subject"].startswith("Back in stock")]
    box.clear()
    return found


def test_units_are_offered_in_the_order_of_asking_once(client, goods):
    for name in ("ann", "ben", "cai"):
        answer = ask(client, goods, f"{name}@example.com")
        assert answer.status_code == 303
    ask(client, goods, "ANN@example.com")  # again, and louder: still one mail
    restock(goods, goods.variant, 2)
    assert told() == ["ann@example.com", "ben@example.com"]
    restock(goods, goods.variant, 1)
    assert told() == ["cai@example.com"]
    restock(goods, goods.variant, 5)
    assert told() == []


def test_a_delivery_made_twice_tells_nobody_twice(client, goods):
    for name in ("ann", "ben", "cai"):
        ask(client, goods, f"{name}@example.com")
    restock(goods, goods.variant, 1)
    assert told() == ["ann@example.com"]
    delivery = 10**9  # no real one's number
    waiting.serve({"variant_id": goods.variant, "units": 1}, delivery)
    waiting.serve({"variant_id": goods.variant, "units": 1}, delivery)
    assert told() == ["ben@example.com"]


def test_what_was_sold_again_by_then_is_offered_to_nobody(client, goods):
    ask(client, goods, "ann@example.com")
    restock(goods, goods.variant, 1)
    placed = place_order(goods.variant)
    assert available(goods.variant) == 0
    assert told() == []
    with transaction():
        cancellation.cancel(placed.order, reason="changed-mind", actor="test")
    assert told() == ["ann@example.com"]


def test_what_is_left_on_the_shelf_is_offered_to_the_next_a_day_later(client, goods):
    for name in ("ann", "ben", "cai"):
        ask(client, goods, f"{name}@example.com")
    restock(goods, goods.variant, 1)
    assert told() == ["ann@example.com"]
    waiting.serve_due()
    assert told() == []
    with transaction():
        db.session.execute(
            update(StockWait)
            .where(StockWait.told_at.is_not(None))
            .values(told_at=clock.now() - timedelta(days=1))
        )
    waiting.serve_due()
    assert told() == ["ben@example.com"]


def test_the_mail_leads_to_the_variant_and_out_of_waiting(client, goods):
    second = store_with_goods(stock=0)
    for one in (goods, second):
        client.post(
            f"/zh/p/{one.products[0].slug}/wait",
            data={"variant": code_of(one.variant), "email": "ann@example.com"},
        )
    restock(goods, goods.variant, 3)
    inline.run_all()
    (mail,) = senders.memory()
    assert mail["Subject"].startswith("到货了：")
    text = mail.get_body(("plain",)).get_content()
    assert f"/zh/p/{goods.products[0].slug}?sku={code_of(goods.variant)}" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
    assert leave in mail.get_body(("html",)).get_content()
    assert f"/zh/p/{second.products[0].slug}" in page(client, leave)
    answer = client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert "您没有在等任何商品" in words(page(client, leave))
    senders.memory().clear()
    restock(second, second.variant, 1)
    assert told() == []
    assert client.get(leave[:-1] + ("A" if leave[-1] != "A" else "B")).status_code == 410


def test_a_member_asks_with_one_press_and_withdraws(app, goods):
    person = make_user()
    member = signed_in(app, person)
    address = f"/en/p/{goods.products[0].slug}"
    assert f"One mail to {person.email}" in words(page(member, address))
    assert ask(member, goods).location.startswith(address)
    assert f"We write to {person.email} when it is back." in words(page(member, address))
    answer = member.post(f"{address}/wait/withdrawal", data={"variant": code_of(goods.variant)})
    assert answer.status_code == 303
    assert "Tell me when it is back" in words(page(member, address))
    restock(goods, goods.variant, 1)
    assert told() == []


def test_a_wrong_address_is_refused_and_kept(client, goods):
    for headers, whole in (({}, True), (PARTIAL, False)):
        answer = ask(client, goods, "ann at example", headers=headers)
        assert answer.status_code == 422
        assert 'value="ann at example"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert ("<html" in answer.text) is whole


def test_with_htmx_the_form_says_that_one_waits(client, goods):
    answer = ask(client, goods, "ann@example.com", headers=PARTIAL)
    assert "We write to ann@example.com when it is back." in words(answer.text)
    assert (
        "I no longer wait" not in answer.text
    )  # whoever typed an address does not end its waiting


def test_what_is_there_is_not_waited_for(client, goods):
    html = page(client, f"/en/p/{goods.products[0].slug}")
    assert 'id="wait-form"' in html
    restock(goods, goods.variant, 1)
    answer = ask(client, goods, "ann@example.com")
    assert answer.status_code == 303
    html = page(client, f"/en/p/{goods.products[0].slug}")
    assert "It is back already" in words(html)
    assert 'id="wait-form"' not in html
    other = store_with_goods(stock=0)
    slug = goods.products[0].slug
    foreign = {"variant": code_of(other.variant), "email": "ann@example.com"}
    assert client.post(f"/en/p/{slug}/wait", data=foreign).status_code == 404


def test_each_version_has_its_own_queue(client, app):
    made = pot(shop(), {"CE-S": 3, "CE-L": 0, "MO-S": 3})
    assert "wait-form" not in page(client, f"/en/p/{made.slug}?sku=CE-S")
    html = page(client, f"/en/p/{made.slug}?sku=CE-L", headers=PARTIAL)
    assert 'id="wait-form"' in html
    assert re.search(r'href="#wait">Tell me when it is back', html)


def test_nobody_waits_for_what_is_archived(client, goods):
    ask(client, goods, "ann@example.com")
    with transaction():
        products.set_status(goods.products[0].id, "archived")
    inline.run_all()
    assert waiting_queries.per_variant([goods.variant]) == {}


def test_old_requests_are_forgotten(client, goods):
    ask(client, goods, "ann@example.com")
    housekeeping.tidy()
    assert waiting_queries.per_variant([goods.variant]) == {goods.variant: 1}
    with transaction():
        db.session.execute(update(StockWait).values(created_at=clock.now() - timedelta(days=366)))
    housekeeping.tidy()
    assert waiting_queries.per_variant([goods.variant]) == {}
