"""Pages of money: differences, stuck refunds, settlement; the periodic job asks about unknown refunds."""

from datetime import timedelta

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import payments as jobs
from shop.order.models import Order
from shop.payment import checks, reconciliation, refunds
from shop.payment.bills.base import BillKind, BillRow, day_of
from shop.payment.gateways.base import RefundResult, RefundStatus, Unknown
from shop.payment.models import Payment, Refund
from shop.payment.states import RefundState
from tests.factories.money import make_difference, make_stuck_refund
from tests.factories.orders import paid_order
from tests.factories.users import make_user
from tests.web.payment.fake import at_the_provider


def test_operators_resolve_differences_and_staff_see_those_of_their_orders(
    goods, merchant, stranger, sign_in
):
    placed = paid_order(goods.variant)
    difference = make_difference(placed)
    make_difference(None, day_back=2)
    operator = sign_in(make_user(is_operator=True))
    page = operator.get("/en/admin/reconciliation").text
    assert placed.number in page
    assert page.count("Missing there") == 3  # two rows and the filter
    seen = merchant.get("/en/admin/reconciliation").text
    assert placed.number in seen
    assert "XPDIFF00020" not in seen
    assert "Nothing is open" in stranger.get("/en/admin/reconciliation").text
    path = f"/en/admin/reconciliation/{difference}/resolution"
    assert merchant.post(path, data={"note": "Mine"}).status_code == 404
    empty = operator.post(path, data={"note": " "})
    assert empty.status_code == 422
    assert "Write how the difference ended." in empty.text
    assert operator.post(path, data={"note": "In the next bill"}).status_code == 303
    assert operator.post(path, data={"note": "Again"}).status_code == 409
    assert "In the next bill" in operator.get("/en/admin/reconciliation?state=resolved").text


def test_a_refused_refund_is_done_by_hand_or_tried_again(goods, merchant, stranger):
    first, placed = make_stuck_refund(goods.variant)
    second, other = make_stuck_refund(goods.variant)
    third, _ = make_stuck_refund(goods.variant, RefundState.ABNORMAL)
    page = merchant.get("/en/admin/refunds").text
    assert all(number in page for number in (first, second, third))
    assert first not in stranger.get("/en/admin/refunds").text
    path = f"/en/admin/refunds/{first}/by-hand"
    assert merchant.post(path, data={}).status_code == 422
    assert stranger.post(path, data={"reference": "B1"}).status_code == 404
    assert merchant.post(path, data={"reference": "Bank 77"}).status_code == 303
    assert merchant.post(path, data={"reference": "Bank 77"}).status_code == 409
    assert merchant.post(f"/en/admin/refunds/{second}/again").status_code == 303
    assert merchant.post(f"/en/admin/refunds/{third}/again").status_code == 303
    db.session.rollback()
    rows = {row.order_id: row for row in db.session.scalars(select(Refund))}
    assert (rows[placed.order].state, rows[placed.order].reference) == ("manual", "Bank 77")
    assert db.session.get_one(Order, placed.order).payment_state == "refunded"
    assert rows[other.order].state == "created"
    assert rows[other.order].refund_no != second  # the old number is closed at the provider
    assert third in {row.refund_no for row in rows.values() if row.state == "processing"}
    assert checks.differences() == []
    assert "tried again" in merchant.get(f"/en/admin/orders/{other.number}").text


def test_the_settlement_of_a_month_and_its_file(goods, merchant, stranger):
    placed = paid_order(goods.variant)
    payment = db.session.get_one(Payment, placed.payment)
    no, amount, at = payment.attempt_no, payment.amount_minor, payment.paid_at
    with transaction():
        row = BillRow(BillKind.PAYMENT, no, "", "1", "", amount, 11, 0, at, "")
        reconciliation.settle("alipay", day_of(at), [row], None)
        refunds.whole(placed.payment, placed.order, reason="damaged", actor="test")
    month = day_of(at).strftime("%Y-%m")
    page = merchant.get(f"/en/admin/reports/settlement?month={month}")
    assert "0.11" in page.text
    file = merchant.get(f"/en/admin/reports/settlement?month={month}&format=csv").text
    expected = f"{day_of(at)},alipay,1,{amount / 100:.2f},0,0.00,0.11,{(amount - 11) / 100:.2f},CNY"
    assert expected in file
    assert "No money came" in stranger.get("/en/admin/reports/settlement").text
    assert merchant.get("/en/admin/reports/settlement?month=9999-99").status_code == 200


def test_the_periodic_job_asks_again_about_an_unknown_refund(app, goods):
    placed = paid_order(goods.variant)
    with transaction():
        refunds.whole(placed.payment, placed.order, reason="damaged", actor="test")
    sent = []
    for fake in at_the_provider(app):
        app.extensions["job_gateways"] = app.extensions["gateways"]

        def refund(no, refund_no, amount, total, reason):
            sent.append(refund_no)
            if len(sent) == 1:
                raise Unknown(gateway="alipay")
            return RefundResult(RefundStatus.DONE, "refund-1", amount, amount)

        fake.refund = refund
        assert jobs.submit_refunds() == 1
        db.session.rollback()
        assert db.session.scalars(select(Refund.state)).one() == "unknown"
        assert jobs.submit_refunds() == 0  # not before its time
        with clock.at(clock.now() + timedelta(hours=1)):
            assert jobs.submit_refunds() == 1
        db.session.rollback()
        assert db.session.scalars(select(Refund.state)).one() == "done"
        assert len(set(sent)) == 1  # the same number moves money once
        app.extensions.pop("job_gateways")
