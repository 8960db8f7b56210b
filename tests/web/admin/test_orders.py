"""A merchant's day with orders, through the pages."""

import re

import pytest
from sqlalchemy import select

from shop.core.db import db
from shop.core.models import AuditEntry
from shop.order.models import Shipment, TimelineEntry
from shop.order.states import OrderState, PaymentState, ShippingState
from shop.payment.models import Refund
from tests.factories.orders import (
    assert_sound,
    available,
    contact,
    lines_of,
    order,
    paid_order,
    place_order,
    received_order,
    restock,
    ship,
    shipped_order,
    store_with_goods,
)
from tests.factories.stores import make_store
from tests.web.admin.conftest import staff_of

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def key() -> dict[str, str]:
    from shop.core import ids

    return {"key": ids.token()}


def audited(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_an_empty_store_shows_what_to_do_first(app, sign_in):
    merchant = sign_in(staff_of(make_store()))
    page = merchant.get("/en/admin").get_data(as_text=True)
    assert "Your shop opens after four steps" in page
    assert "Orders will stand here" in merchant.get("/en/admin/orders").get_data(as_text=True)


def test_the_queue_counts_and_links_to_lists(goods, merchant):
    paid_order(goods.variant)
    place_order(goods.variant)
    page = merchant.get("/en/admin").get_data(as_text=True)
    assert re.search(r'view=to-ship"><span class="v">1</span> <span class="k">To ship', page)
    assert re.search(r'view=unpaid"><span class="v">1</span> <span class="k">Unpaid', page)
    assert "Show as table" in page


@pytest.mark.parametrize("chosen", ("today", "7-days", "30-days", "90-days", "nonsense"))
def test_figures_of_a_period(goods, merchant, chosen):
    placed = paid_order({goods.variant: 2})
    page = merchant.get(f"/zh/admin?range={chosen}").get_data(as_text=True)
    assert f"{placed.total_minor / 100:.2f}"[:-3] in page.replace('<span class="cur">¥</span>', "")


def test_the_list_is_cut_and_goes_on(goods, merchant):
    restock(goods, goods.variant, 50)
    numbers = [place_order(goods.variant).number for _ in range(42)]
    first = merchant.get("/en/admin/orders").get_data(as_text=True)
    shown = [number for number in numbers if number in first]
    assert len(shown) == 40
    more = re.search(r'id="load-more" href="([^"]+)"', first)
    assert more is not None
    rest = merchant.get(more[1].replace("&amp;", "&"), headers=PARTIAL).get_data(as_text=True)
    assert {number for number in numbers if number in rest} == set(numbers) - set(shown)
    assert "<html" not in rest


def test_orders_are_found_by_number_phone_name_and_tracking(goods, merchant):
    placed = shipped_order(goods.variant, contact=contact(name="Wang Hao", phone="13912345678"))
    place_order(goods.variant)
    answer = merchant.get(f"/en/admin/orders?q={placed.number.lower()}")
    assert answer.status_code == 303
    assert placed.number in answer.location
    for q in ("5678", "wang", "SF1234567"):
        page = merchant.get(f"/en/admin/orders?q={q}").get_data(as_text=True)
        assert page.count('id="o-') == 1, q
        assert placed.number in page


def test_ship_from_the_row(goods, merchant):
    placed = paid_order(goods.variant)
    data = {"carrier": "ZTO", "tracking_number": "ZT1", "at": "row"} | key()
    answer = merchant.post(
        f"/en/admin/orders/{placed.number}/shipments", data=data, headers=PARTIAL
    )
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).lstrip().startswith("<tr")
    assert "ZTO ZT1" in answer.get_data(as_text=True)
    assert order(placed.order).shipping_state == ShippingState.SHIPPED
    assert audited("order.ship")[0].store_id == goods.store_id


def test_a_ship_form_sent_twice_ships_once(goods, merchant):
    placed = paid_order({goods.variant: 2})
    data = {"carrier": "SF", "tracking_number": "1"} | key()
    for _ in range(2):
        answer = merchant.post(f"/en/admin/orders/{placed.number}/shipments", data=data)
        assert answer.status_code == 303
    assert len(list(db.session.scalars(select(Shipment)))) == 1


def test_part_of_an_order_leaves_and_the_carrier_is_remembered(goods, merchant):
    placed = paid_order({goods.variants[0]: 2, goods.variants[1]: 1})
    first, second = lines_of(placed.order)
    data = {
        "lines": "chosen",
        "line": first.public_id,
        f"quantity-{first.public_id}": "1",
        f"quantity-{second.public_id}": "1",
        "carrier": "JD",
        "tracking_number": "J1",
    }
    merchant.post(f"/en/admin/orders/{placed.number}/shipments", data=data | key())
    assert order(placed.order).shipping_state == ShippingState.PARTLY_SHIPPED
    assert [line.shipped for line in lines_of(placed.order)] == [1, 0]
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert "2 items to ship" in page
    assert re.search(r'<option selected value="JD">', page)


@pytest.mark.parametrize(
    ("fields", "said"),
    (
        ({"tracking_number": "x" * 61}, "at most 60 characters"),
        ({"carrier": "PIGEON"}, "carrier"),
        ({"quantity": "7"}, "from 0 to 1"),
        ({"quantity": "one"}, "Write a whole number"),
    ),
)
def test_a_wrong_shipment_comes_back_as_typed(goods, merchant, fields, said):
    placed = paid_order(goods.variant)
    line = lines_of(placed.order)[0]
    quantity = fields.get("quantity", "1")
    data = {
        "lines": "chosen",
        "line": line.public_id,
        f"quantity-{line.public_id}": quantity,
        "carrier": "SF",
        "tracking_number": "KEEP-ME",
    } | fields
    answer = merchant.post(f"/en/admin/orders/{placed.number}/shipments", data=data | key())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert data["tracking_number"] in page
    assert f'value="{quantity}"' in page
    assert order(placed.order).shipping_state == ShippingState.UNSHIPPED


def test_what_was_cancelled_meanwhile_is_409_with_the_present_state(goods, merchant):
    placed = paid_order(goods.variant)
    url = f"/en/admin/orders/{placed.number}"
    merchant.post(f"{url}/cancellation", data={"reason": "customer"} | key())
    data = {"carrier": "SF", "tracking_number": "1", "at": "row"} | key()
    answer = merchant.post(f"{url}/shipments", data=data, headers=PARTIAL)
    assert answer.status_code == 409
    assert "Cancelled" in answer.get_data(as_text=True)
    assert "problem" in answer.headers["HX-Trigger"]
    assert merchant.post(f"{url}/shipments", data=data | key()).status_code == 409
    again = merchant.post(f"{url}/cancellation", data={"reason": "customer"} | key())
    assert again.status_code == 409


def test_cancelling_gives_back_money_and_stock(goods, merchant):
    before = available(goods.variant)
    placed = paid_order({goods.variant: 3})
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert "goes back to the customer" in page
    assert "3 items are free to be sold again" in page
    answer = merchant.post(
        f"/en/admin/orders/{placed.number}/cancellation",
        data={"reason": "out-of-stock"} | key(),
    )
    assert answer.status_code == 303
    assert order(placed.order).state == OrderState.CANCELLED
    assert available(goods.variant) == before
    refund = db.session.scalars(select(Refund)).one()
    assert refund.amount_minor == placed.total_minor
    assert audited("order.cancel")
    assert_sound()


def refund_form(page: str) -> dict[str, str]:
    found = dict(re.findall(r'<input name="(key|expected)" type="hidden" value="([^"]*)">', page))
    assert {"key", "expected"} <= set(found)
    return found


def test_nothing_can_be_given_back_of_what_was_not_paid(goods, merchant):
    placed = place_order(goods.variant)
    url = f"/en/admin/orders/{placed.number}"
    answer = merchant.get(f"{url}/refund?all=1")
    assert (answer.status_code, answer.location) == (303, url)
    assert "There is nothing to give back." in merchant.get(url).get_data(as_text=True)


def test_a_refund_names_its_exact_sum_before_it_is_sent(goods, merchant):
    placed = received_order({goods.variants[0]: 2, goods.variants[1]: 1})
    line = lines_of(placed.order)[0]
    url = f"/en/admin/orders/{placed.number}/refund"
    page = merchant.get(url).get_data(as_text=True)
    data = refund_form(page) | {f"quantity-{line.public_id}": "1", "reason": "damaged"}
    assert data["expected"] == "0"
    # Without scripts the first press only learns the sum: nothing moves.
    answer = merchant.post(url, data=data)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Refund ¥10" in page
    assert list(db.session.scalars(select(Refund))) == []
    sent = data | refund_form(page) | {"restock": line.public_id}
    for _ in range(2):
        assert merchant.post(url, data=sent).status_code in {303, 409}
    refund = db.session.scalars(select(Refund)).one()
    assert refund.amount_minor == 1000
    assert lines_of(placed.order)[0].returned == 1
    assert audited("order.refund")
    assert_sound()


def test_everything_is_one_link_away(goods, merchant):
    placed = received_order({goods.variant: 2})
    url = f"/en/admin/orders/{placed.number}/refund?all=1"
    page = merchant.get(url).get_data(as_text=True)
    assert f"Refund ¥{placed.total_minor // 100}" in page
    assert refund_form(page)["expected"] == str(placed.total_minor)


def test_the_sum_is_worked_out_while_typing(goods, merchant):
    placed = received_order({goods.variant: 2})
    line = lines_of(placed.order)[0]
    url = f"/en/admin/orders/{placed.number}/refund?part=sum&quantity-{line.public_id}=2&delivery=y"
    answer = merchant.get(url, headers=PARTIAL)
    page = answer.get_data(as_text=True)
    assert "<html" not in page
    assert f"Refund ¥{placed.total_minor // 100}" in page


def test_a_delivery_that_stays_behind_is_pointed_at(app, sign_in):
    """Nothing was sent and every unit goes back: who keeps the delivery shall know that they do."""
    goods = store_with_goods(price_minor=1000, flat_delivery_minor=800)
    merchant = sign_in(staff_of(goods.store_id))
    word = "Its delivery stays with you"

    def page(placed, units, delivery=""):
        asked = f"?part=sum&quantity-{lines_of(placed.order)[0].public_id}={units}{delivery}"
        url = f"/en/admin/orders/{placed.number}/refund{asked}"
        return merchant.get(url, headers=PARTIAL).get_data(as_text=True)

    placed = paid_order({goods.variant: 2})
    assert word in page(placed, 2)
    assert word not in page(placed, 2, "&delivery=y")
    assert word not in page(placed, 1)
    assert word not in page(placed, 0)
    ship(placed.order)
    assert word not in page(placed, 2)


def test_too_much_is_refused_and_kept_as_typed(goods, merchant):
    placed = received_order(goods.variant)
    line = lines_of(placed.order)[0]
    url = f"/en/admin/orders/{placed.number}/refund"
    data = refund_form(merchant.get(url).get_data(as_text=True))
    data |= {f"quantity-{line.public_id}": "9", "reason": "damaged", "note": "torn"}
    answer = merchant.post(url, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "At most 1 can still be refunded" in page
    assert 'value="9"' in page
    assert 'value="torn"' in page


def test_cash_is_booked_when_it_is_in_hand(goods, merchant):
    placed = place_order(goods.variant, method="cod")
    url = f"/en/admin/orders/{placed.number}/payment"
    wrong = merchant.post(url, data={"amount": "1.00", "reference": "slip 7"} | key())
    assert wrong.status_code == 422
    assert "exactly what is due" in wrong.get_data(as_text=True)
    assert 'value="slip 7"' in wrong.get_data(as_text=True)
    right = {"amount": f"{placed.total_minor / 100:.2f}", "reference": "slip 7"} | key()
    assert merchant.post(url, data=right).status_code == 303
    assert order(placed.order).payment_state == PaymentState.PAID
    assert merchant.post(url, data=right | key()).status_code == 409


def test_notes_stay_among_colleagues(goods, merchant):
    placed = paid_order(goods.variant)
    url = f"/en/admin/orders/{placed.number}/notes"
    assert merchant.post(url, data={"text": "  "} | key()).status_code == 422
    data = {"text": "No <b>plastic</b>, please"} | key()
    for _ in range(2):
        assert merchant.post(url, data=data).status_code == 303
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert "No &lt;b&gt;plastic&lt;/b&gt;, please" in page
    notes = db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "note"))
    assert len(list(notes)) == 1


def test_a_customers_name_cannot_bring_markup(goods, merchant):
    paid_order(goods.variant, contact=contact(name="<script>alert(1)</script>"))
    for url in ("/en/admin", "/en/admin/orders"):
        assert "<script>alert" not in merchant.get(url).get_data(as_text=True)
