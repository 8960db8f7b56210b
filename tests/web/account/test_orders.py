"""A shopper's orders in their account."""

import pytest

from shop.cart.owner import Owner
from tests.factories.orders import (
    paid_order,
    place_order,
    received_order,
    shipped_order,
    store_with_goods,
)
from tests.factories.users import make_user
from tests.web.account.conftest import page

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def goods(app):
    return store_with_goods(stock=40)


@pytest.fixture
def owner(person):
    return Owner(user_id=person.id)


def numbers(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('id="order-')[1:]]


def test_each_tab_holds_what_waits_there(mine, goods, owner):
    made = {
        "to-pay": place_order(goods.variant, owner=owner),
        "to-ship": paid_order(goods.variant, owner=owner),
        "to-receive": shipped_order(goods.variant, owner=owner),
        "to-review": received_order(goods.variant, owner=owner),
    }
    for tab, placed in made.items():
        text = page(mine, f"/en/account/orders?tab={tab}")
        assert numbers(text) == [placed.number]
        assert f'tab={tab}" aria-current="page"' in text
    everything = page(mine, "/en/account/orders")
    assert set(numbers(everything)) == {placed.number for placed in made.values()}
    assert numbers(page(mine, "/en/account/orders?tab=refunds")) == []
    assert set(numbers(page(mine, "/en/account/orders?tab=garbage"))) == set(numbers(everything))
    for tab in made:
        assert f'tab={tab}"' in page(mine, "/en/account")


@pytest.mark.parametrize(
    ("make", "said", "action"),
    (
        (place_order, "Kept for you", "/pay/"),
        (paid_order, "The shop is packing it.", "/orders/"),
        (shipped_order, "SF1234567", "#track"),
        (received_order, "How is it?", "#items"),
    ),
)
def test_a_card_says_the_state_and_the_next_step(mine, goods, owner, make, said, action):
    placed = make(goods.variant, owner=owner)
    card = page(mine, "/en/account/orders").split(f'id="order-{placed.number}"')[1]
    card = card.split("</article>")[0]
    assert said in card
    assert f"/orders/{placed.number}" in card
    [button] = [part for part in card.split("<") if 'class="btn' in part]
    assert action in button


def test_they_are_found_by_number_name_and_tracking(mine, goods, owner):
    sent = shipped_order(goods.variant, owner=owner)
    other = place_order(goods.variant, owner=owner)
    assert numbers(page(mine, f"/en/account/orders?q={other.number}")) == [other.number]
    assert numbers(page(mine, f"/en/account/orders?q={other.number.lower()}")) == [other.number]
    assert numbers(page(mine, "/en/account/orders?q=SF1234567")) == [sent.number]
    assert len(numbers(page(mine, "/en/account/orders?q=lin+wan"))) == 2
    for nothing in ("zzz", "%25", "_", "'; drop", "x" * 5000):
        assert numbers(page(mine, f"/en/account/orders?q={nothing}")) == []


def test_anothers_orders_are_not_here(mine, goods):
    theirs = place_order(goods.variant, owner=Owner(user_id=make_user().id))
    assert theirs.number not in page(mine, "/en/account/orders")
    assert numbers(page(mine, f"/en/account/orders?q={theirs.number}")) == []


def test_older_ones_are_appended(mine, goods, owner):
    made = [place_order(goods.variant, owner=owner).number for _ in range(12)]
    first = page(mine, "/en/account/orders")
    assert numbers(first) == made[::-1][:10]
    more = first.split('id="load-more" href="')[1].split('"')[0].replace("&amp;", "&")
    whole = page(mine, more)
    assert numbers(whole) == made[::-1][10:]
    assert "<html" in whole
    part = mine.get(more, headers=HTMX).get_data(as_text=True)
    assert numbers(part) == made[::-1][10:]
    assert "<html" not in part
    assert 'id="more" hx-swap-oob="true"' in part
    assert "load-more" not in part
    assert numbers(page(mine, "/en/account/orders?after=garbage")) == made[::-1][:10]


def test_the_pages_cost_a_bounded_number_of_statements(mine, goods, owner, statements):
    counts = []
    for _ in range(2):
        for _ in range(3):
            place_order(goods.variant, owner=owner)
        page(mine, "/en/account/orders")  # reads what is kept for those who follow
        statements.clear()
        page(mine, "/en/account/orders")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20
