"""The bill of a day against our books: each kind of difference, console refunds, running twice."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order.models import Order, TimelineEntry
from shop.payment import checks, intake, reconciliation, refund_answers, refunds
from shop.payment.accounts.opening import Account, Opened
from shop.payment.bills.base import BEIJING, BillKind, BillRow, day_of
from shop.payment.gateways.base import Capabilities
from shop.payment.models import Payment, PaymentEvent, Refund
from shop.payment.reconcile_models import BillDay, Difference
from shop.payment.states import RefundState
from tests.factories.orders import available, begin_payment, place_order, store_with_goods
from tests.payment.bills.writing import wechat_file
from tests.web.payment.fake import FakeAlipay, at_the_provider

DAY = day_of(clock.now()) - timedelta(days=1)
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=BEIJING)


@pytest.fixture
def bill(app):
    """The fake provider has a bill, whose rows the test sets."""
    for fake in at_the_provider(app):
        rows: list[BillRow] = []
        fake.capabilities = Capabilities(bill=True, currencies=frozenset({"CNY"}))
        fake.fetch_bill = lambda day, rows=rows: list(rows)
        yield rows


@pytest.fixture
def reconcile(app):
    def run(fails=False, **options):
        args = [f"--{name}={value}" for name, value in ({"date": DAY} | options).items()]
        result = app.test_cli_runner().invoke(args=["payments", "reconcile", *args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert (result.exit_code != 0) is fails, result.output
        return result.output

    return run


@pytest.fixture
def goods(app):
    return store_with_goods(price_minor=10000)


def _paid(goods, at=NOON):
    placed = place_order(goods.variant)
    placed = replace(placed, payment=begin_payment(placed))
    payment = db.session.get_one(Payment, placed.payment)
    no, amount = payment.attempt_no, payment.amount_minor
    with transaction():
        intake.paid(
            intake.Paid("alipay", no, amount, "20" + no, f"paid:{no}", paid_at=at), actor="test"
        )
    row = BillRow(BillKind.PAYMENT, no, "", "20" + no, "", amount, 60, 0, NOON, "")
    return placed, row


def _back(row, number, amount):
    return replace(
        row,
        kind=BillKind.REFUND,
        refund_no=number,
        amount_minor=0,
        refunded_minor=amount,
        fee_minor=0,
    )


def _open():
    db.session.rollback()
    rows = db.session.scalars(select(Difference).where(Difference.state == "open"))
    return sorted((row.kind, row.here_minor, row.there_minor) for row in rows)


def test_every_kind_of_difference_is_found_once_and_closes_when_it_is_gone(
    app, bill, goods, reconcile
):
    app.config["PAYMENT_FEE_RATES"] = {"alipay": 60}
    good, other, gone, dear = (_paid(goods)[1] for _ in range(4))
    stranger = replace(good, no="STRANGER0001", provider_id="x")
    bill += [good, replace(other, amount_minor=9999), replace(dear, fee_minor=80), stranger]
    bill += [_back(stranger, "back1", 100)]
    said = reconcile(fails=True)
    assert "5 new differences" in said
    assert "missing there" in said
    expected = [
        ("amount", 10000, 9999),
        ("fee", 60, 80),
        ("missing_here", 0, 100),
        ("missing_here", 0, 10000),
        ("missing_there", 10000, 0),
    ]
    assert _open() == expected
    assert checks.differences() == []
    before = db.session.scalars(select(BillDay.digest)).all()
    assert "new differences" not in reconcile(fails=True)
    assert _open() == expected
    assert db.session.scalars(select(BillDay.digest)).all() == before
    bill[:] = [good, other, gone, dear]
    assert "5 differences closed by themselves" in reconcile()
    assert _open() == []
    bill[:] = [good, other, dear]
    reconcile(fails=True)
    assert _open() == [("missing_there", 10000, 0)]


def test_what_somebody_resolved_stays_resolved(bill, goods, reconcile):
    _paid(goods)
    reconcile(fails=True)
    (one,) = db.session.scalars(select(Difference.public_id)).all()
    with transaction():
        reconciliation.resolve(one, "Seen in the next bill", actor="staff:li")
    reconcile()
    row = db.session.scalars(select(Difference)).one()
    assert (row.note, row.resolved_by) == ("Seen in the next bill", "staff:li")


def test_a_refund_of_the_console_is_taken_over_once_and_moves_no_stock(bill, goods, reconcile):
    placed, row = _paid(goods)
    before = available(goods.variant)
    bill += [row, _back(row, "console77", 2500)]
    assert "1 refunds of the provider's console taken over" in reconcile()
    assert "taken over" not in reconcile()
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.state, refund.amount_minor, refund.reference) == ("done", 2500, "console77")
    assert db.session.get_one(Order, placed.order).payment_state == "partly_refunded"
    kinds = db.session.scalars(
        select(TimelineEntry.kind).where(TimelineEntry.order_id == placed.order)
    ).all()
    assert kinds.count("refund_imported") == kinds.count("refunded") == 1
    assert available(goods.variant) == before
    assert _open() == []
    assert checks.differences() == []
    bill.append(_back(row, "console78", 9000))  # more than is left: a person has to look
    reconcile(fails=True)
    assert _open() == [("refund", 0, 9000)]
    assert (
        db.session.scalar(
            select(func.count(PaymentEvent.id)).where(PaymentEvent.kind == "refunded")
        )
        == 1
    )


def test_a_day_with_two_accounts_is_matched_with_both_bills(app, bill, goods, reconcile):
    """The account was changed at noon: what the old one took stands in its bill alone."""
    (placed, row), (later, other) = _paid(goods), _paid(goods)
    with transaction():
        for one, merchant in ((placed, "old"), (later, "new")):
            db.session.get_one(Payment, one.payment).merchant = merchant
    now, before, unused = app.extensions["gateways"]["alipay"], FakeAlipay(), FakeAlipay()
    before.capabilities = unused.capabilities = now.capabilities
    before.fetch_bill = lambda day: [row]
    bill.append(other)
    new = Account(now, "new")
    app.extensions["gateways"] = Opened(
        {"alipay": new}, (Account(unused, "unused"), Account(before, "old"), new)
    )
    assert "everything agrees" in reconcile()
    assert _open() == []


def test_lost_news_is_made_good_by_the_bill(app, bill, goods, reconcile):
    fake = app.extensions["gateways"]["alipay"]
    placed, row = _paid(goods)
    with transaction():
        number = refunds.whole(placed.payment, placed.order, reason="damaged", actor="test")
        refund = db.session.scalars(select(Refund)).one()
        refund_id = refund.id
        assert refund_answers.claim(refund_id)
    with transaction():
        refund_answers.answered(refund_id, RefundState.UNKNOWN)
    late = begin_payment(place_order(goods.variant))
    no = db.session.get_one(Payment, late).attempt_no
    fake.opened[no] = 10000
    fake.paid.add(no)
    bill += [row, _back(row, number, 10000), replace(row, no=no, provider_id="trade-1")]
    said = reconcile()
    assert "1 found paid after asking again" in said
    assert "1 refunds on their way were done" in said
    assert db.session.get_one(Payment, late).state == "paid"
    assert db.session.get_one(Refund, refund_id).state == "done"


def test_a_file_of_wechat_is_read_and_a_bad_or_foreign_one_refused(bill, reconcile, tmp_path):
    row = BillRow(BillKind.PAYMENT, "WX0000001", "", "42", "", 500, 3, 0, NOON, "")
    path = tmp_path / "bill.csv"
    path.write_bytes(wechat_file([row])[0])
    assert "missing here" in reconcile(fails=True, gateway="wechatpay", file=path)
    assert "is of another day" in reconcile(
        fails=True, gateway="wechatpay", file=path, date=DAY - timedelta(days=1)
    )
    path.write_bytes(wechat_file([row])[0].replace(b"`5.00", b"`5.0x"))
    assert "Line 2 of the bill cannot be read" in reconcile(
        fails=True, gateway="wechatpay", file=path
    )
    assert "is not over" in reconcile(fails=True, date=day_of(clock.now()))


def test_the_doctor_sees_kept_sums_that_are_not_those_of_the_rows(bill, goods, reconcile):
    bill.append(_paid(goods)[1])
    reconcile()
    with transaction():
        day = db.session.scalars(select(BillDay)).one()
        day.fee_minor += 1
        day_id = day.id
    (sentence,) = checks.differences()
    assert f"bill_day {day_id}" in sentence
    assert json.dumps(61) in sentence
