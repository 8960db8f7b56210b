"""The desk of returns: decided in the queue, taken in with the sum that the button named."""

import re

from sqlalchemy import select, update

from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.inventory.models import Location
from shop.order import return_queries
from shop.payment import queries as payments
from shop.payment.models import Refund
from tests.factories.orders import (
    assert_sound,
    available,
    contact,
    lines_of,
    received_order,
    request_return,
    restock,
    send_back,
)

AT = "/en/admin/returns"


def text(response) -> str:
    return response.get_data(as_text=True)


def state_of(return_id: str) -> str:
    db.session.rollback()
    return return_queries.one(return_id, "en").state


def test_from_the_request_to_the_money(merchant, goods):
    with transaction():
        db.session.execute(
            update(Location)
            .where(Location.id == goods.location_id)
            .values(street="1 Wensan Road", city="Hangzhou")
        )
    placed = received_order({goods.variant: 2})
    asked = request_return(placed.order, 2)
    assert available(goods.variant) == 8
    assert "view=requested" in text(merchant.get("/en/admin"))
    queue = text(merchant.get(AT))
    assert placed.number in queue
    assert "1 Wensan Road" in queue
    refused = merchant.post(f"{AT}/{asked}/approval", data={"instructions": " "})
    assert refused.status_code == 422
    assert "Write where the goods are to be sent." in text(refused)
    there = merchant.post(
        f"{AT}/{asked}/approval", data={"instructions": "To us"}, follow_redirects=True
    )
    assert "pay" in text(there)
    send_back(placed.order, asked)
    assert "SF77" in text(merchant.get(AT, query_string={"view": "in_transit"}))
    form = text(merchant.get(f"{AT}/{asked}"))
    whole = re.search(r'value="(delivery:\d+)"', form)[1]
    assert re.search(r'value="goods:2000"', form)
    assert whole == "delivery:2800"
    line = lines_of(placed.order)[0].public_id
    data = {f"goods-{line}": "write-off", "note": "Torn <seam>", "pay": "delivery:2799"}
    stale = merchant.post(f"{AT}/{asked}/receipt", data=data)
    assert stale.status_code == 409
    assert "has changed meanwhile" in text(stale)
    assert "Torn &lt;seam&gt;" in text(stale)
    assert re.search(r'value="write-off" checked', text(stale))
    assert state_of(asked) == "in_transit"
    data |= {f"goods-{line}": "restock", "pay": whole}
    assert merchant.post(f"{AT}/{asked}/receipt", data=data).status_code == 303
    assert state_of(asked) == "refunded"
    assert available(goods.variant) == 10
    (refund,) = payments.of_order(placed.order).refunds
    assert (refund.amount_minor, refund.delivery_minor) == (2800, 800)
    assert refund.note == f"return {asked}: Torn <seam>"
    again = merchant.post(f"{AT}/{asked}/receipt", data=data)
    assert again.status_code == 409
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in actions if one.startswith("return.")] == [
        "return.approve",
        "return.receive",
    ]
    assert f"{AT}/{asked}" in text(merchant.get(f"/en/admin/orders/{placed.number}"))
    assert_sound()


def test_a_refusal_wants_words_and_keeps_what_was_typed(merchant, goods):
    placed = received_order(goods.variant)
    asked = request_return(placed.order)
    assert merchant.post(f"{AT}/{asked}/refusal", data={"reason": " "}).status_code == 422
    long = merchant.post(f"{AT}/{asked}/refusal", data={"reason": "worn " * 101})
    assert long.status_code == 422
    assert "worn worn" in text(long)
    assert merchant.post(f"{AT}/{asked}/refusal", data={"reason": "It was worn"}).status_code == 303
    assert state_of(asked) == "refused"
    late = merchant.post(f"{AT}/{asked}/approval", data={"instructions": "To us"})
    assert late.status_code == 409
    assert "has moved on" in text(late)
    assert "It was worn" in text(merchant.get(AT, query_string={"view": "done"}))


def test_a_refund_that_failed_is_work_until_it_is_made_up_for(merchant, goods):
    placed = received_order({goods.variant: 2})
    asked = request_return(placed.order)
    merchant.post(f"{AT}/{asked}/approval", data={"instructions": "To us"})
    merchant.post(f"{AT}/{asked}/receipt", data={"pay": "goods:1000"})
    with transaction():
        db.session.execute(update(Refund).values(state="failed"))
    assert "view=failed" in text(merchant.get("/en/admin"))
    assert "The money did not arrive." in text(merchant.get(AT, query_string={"view": "failed"}))


def test_the_queue_pages_on_and_finds_by_name_or_number(merchant, goods, statements):
    restock(goods, goods.variant, 20)
    placed = received_order({goods.variant: 21}, contact=contact(name="Gao Peng"))
    asked = [request_return(placed.order) for _ in range(21)]
    statements.clear()
    first = text(merchant.get(AT))
    assert len(statements) <= 17, list(statements)  # eleven of them for the frame
    assert [one in first for one in (asked[0], asked[19], asked[20])] == [True, True, False]
    after = re.search(r"after=(\d+)", first)[1]
    rest = text(merchant.get(AT, query_string={"after": after}))
    assert [one in rest for one in (asked[19], asked[20])] == [False, True]
    merchant.post(f"{AT}/{asked[0]}/refusal", data={"reason": "It was worn"})
    assert "It was worn" not in first
    for q, found in (("gao", True), (placed.number.lower(), True), ("nobody", False)):
        page = text(merchant.get(AT, query_string={"q": q, "view": "done"}))
        assert (asked[0] in page) is found, q
