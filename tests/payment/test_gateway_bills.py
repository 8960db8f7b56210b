"""Alipay's bill over the wire: a link that a signed answer names, a zip in GBK, and its faults."""

from datetime import timedelta

from shop.core import clock
from shop.payment.bills.base import BillKind, day_of


def test_a_day_comes_with_its_payments_refunds_and_what_the_console_gave_back(
    gateway, provider, paid
):
    no, faulty, gone = paid(10000), paid(5000), paid(7000)
    gateway.refund(no, "RFBILL0001", 3000, 10000, "damaged")
    provider.control("POST", f"/refund/{no}", amount="10.00", number="console01")
    provider.fault("bill_wrong_amount", out_trade_no=faulty)
    provider.fault("bill_row_missing", out_trade_no=gone)
    today = day_of(clock.now())
    rows = gateway.fetch_bill(today)
    mine = [(r.kind, r.refund_no, r.amount_minor, r.refunded_minor) for r in rows if r.no == no]
    assert sorted(mine) == [
        (BillKind.PAYMENT, "", 10000, 0),
        (BillKind.REFUND, "RFBILL0001", 0, 3000),
        (BillKind.REFUND, "console01", 0, 1000),
    ]
    assert [row.amount_minor for row in rows if row.no == faulty] == [5001]
    assert [row for row in rows if row.no == gone] == []
    assert next(row.fee_minor for row in rows if row.no == no and row.amount_minor) == 60
    assert gateway.fetch_bill(today - timedelta(days=400)) == []
