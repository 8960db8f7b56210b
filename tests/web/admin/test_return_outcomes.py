"""The desk of returns beyond refunds: soonest answers first, money alone, exchanges, repairs, photos."""

import re
from datetime import timedelta

from shop.catalog.photos import Photo
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import return_queries, return_terms
from tests.factories.orders import (
    approve,
    assert_sound,
    lines_of,
    order,
    received_order,
    request_return,
    send_back,
    shipped_order,
)

AT = "/en/admin/returns"


def text(response) -> str:
    return response.get_data(as_text=True)


def state_of(return_id: str) -> str:
    db.session.rollback()
    return return_queries.one(return_id, "en").state


def test_what_is_due_first_stands_first_and_late_answers_are_marked(merchant, goods):
    placed = received_order({goods.variant: 2})
    first = request_return(placed.order)
    with transaction():
        return_terms.change(goods.store_id, return_terms.Terms(answer_hours=24))
    with clock.at(clock.now() - timedelta(hours=25)):
        second = request_return(placed.order, pictures=[Photo("private/returns/a/b", 4, 3, (4,))])
    page = text(merchant.get(AT))
    assert page.index(second) < page.index(first)
    assert len(re.findall(r'class="badge bad">Answer by', page)) == 1
    photo = re.search(rf"{AT}/{second}/photos/\w+", page)[0]
    assert merchant.get(photo).status_code == 404  # its file was never stored
    assert merchant.get(photo.replace(second, first)).status_code == 404


def test_money_alone_is_agreed_to_and_given_back_with_one_button(merchant, goods):
    placed = shipped_order({goods.variant: 2})
    asked = request_return(placed.order, reason="not-received", outcome="money")
    queue = text(merchant.get(AT))
    assert "Refund only, nothing goes back" in queue
    assert merchant.post(f"{AT}/{asked}/receipt", data={"pay": "goods:1000"}).status_code == 409
    form = text(merchant.get(f"{AT}/{asked}"))
    assert re.search(r'name="pay" value="1000"', form)
    stale = merchant.post(f"{AT}/{asked}/payment", data={"pay": "999"})
    assert (stale.status_code, state_of(asked)) == (409, "requested")
    assert merchant.post(f"{AT}/{asked}/payment", data={"pay": "1000"}).status_code == 303
    assert state_of(asked) == "refunded"
    assert_sound()


def test_an_exchange_is_sent_or_refunded_instead(merchant, goods):
    placed = received_order({goods.variant: 2})
    asked = request_return(placed.order, outcome="exchange")
    approve(asked)
    send_back(placed.order, asked)
    form = text(merchant.get(f"{AT}/{asked}"))
    assert "Received: send the exchange" in form
    assert re.search(r'name="pay" value="goods:1000"', form)
    line = lines_of(placed.order)[0].public_id
    data = {f"goods-{line}": "write-off", "pay": "exchange"}
    assert merchant.post(f"{AT}/{asked}/receipt", data=data).status_code == 303
    db.session.rollback()
    number = return_queries.one(asked, "en").replacement
    assert number in text(merchant.get(f"{AT}/{asked}"))
    assert placed.number in text(merchant.get(f"/en/admin/orders/{number}"))
    assert number in text(merchant.get("/en/admin/orders?view=to-ship"))
    again = merchant.post(f"{AT}/{asked}/receipt", data=data)
    assert again.status_code == 409
    assert order(placed.order).payment_state == "paid"
    assert_sound()


def test_a_repair_wants_the_new_parcel(merchant, goods):
    placed = received_order(goods.variant)
    asked = request_return(placed.order, outcome="repair")
    approve(asked)
    send_back(placed.order, asked)
    data = {"carrier": "SF", "tracking_number": " "}
    refused = merchant.post(f"{AT}/{asked}/repair", data=data)
    assert refused.status_code == 422
    assert "Write the tracking number" in text(refused)
    data["tracking_number"] = "SF1000088"
    assert merchant.post(f"{AT}/{asked}/repair", data=data).status_code == 303
    assert "SF1000088" in text(merchant.get(f"{AT}/{asked}"))
    assert "SF1000088" in text(merchant.get(f"/en/admin/orders/{placed.number}"))
    assert state_of(asked) == "repaired"
    assert_sound()
