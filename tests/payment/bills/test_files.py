"""Bills of both providers: real ones to their own totals, rows through a file and back, bad ones refused."""

import hashlib
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.core.errors import Invalid
from shop.payment.bills import alipay, wechat
from shop.payment.bills.base import BillKind, BillRow, totals
from shop.sandbox.alipay.bills import write_csv, write_zip
from tests.payment.bills.writing import wechat_file
from tests.support.machine import cannot

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("XIAOPU_SHARED_DATA", ROOT.parent / "shared" / "data")) / "payments"
DAY = date(2026, 11, 27)
_ids = st.text("ABCDEF0123456789", min_size=6, max_size=32)
_titles = st.text("茶壶 Tea,pot'\"（）", max_size=12)


@st.composite
def bill_rows(draw):
    rows, seen = [], set()
    for _ in range(draw(st.integers(0, 12))):
        no, paid = draw(_ids), draw(st.booleans())
        back = "" if paid else draw(_ids)
        if (no, back) in seen:
            continue
        seen.add((no, back))
        amount = draw(st.integers(1, 10**9))
        fee = draw(st.integers(0, 10**6))
        second = draw(st.integers(0, 86_399))
        at = datetime(2026, 11, 26, 16, second % 60, tzinfo=UTC)
        rows.append(
            BillRow(
                kind=BillKind.PAYMENT if paid else BillKind.REFUND,
                no=no,
                refund_no=back,
                provider_id="20" + no,
                provider_refund_id="",
                amount_minor=amount if paid else 0,
                fee_minor=fee if paid else -fee,
                refunded_minor=0 if paid else amount,
                at=at,
                status="",
            )
        )
    return rows


def _alipay_rows(rows, title):
    return [
        {
            "kind": "交易" if row.kind == BillKind.PAYMENT else "退款",
            "provider": row.provider_id,
            "no": row.no,
            "title": title.replace('"', ""),
            "created": row.at.timestamp(),
            "at": row.at.timestamp(),
            "fen": row.amount_minor or -row.refunded_minor,
            "refund": row.refund_no,
            "fee": -row.fee_minor,
        }
        for row in rows
    ]


@settings(max_examples=60, deadline=None)
@given(bill_rows(), _titles)
def test_rows_through_a_file_and_back(rows, title):
    written = _alipay_rows(rows, title)
    assert alipay.read(write_zip("2088", DAY, written)) == rows
    assert alipay.read(write_csv("2088", DAY, written).encode()) == rows
    content, sha1, kept = wechat_file(rows, title)
    assert wechat.read(content, sha1) == kept


@pytest.mark.parametrize("coding", ("gbk", "utf8"))
def test_the_real_bill_of_alipay_comes_to_its_own_totals(coding):
    rows = alipay.read(_real(f"alipay_trade_bill_20190916.{coding}.csv"))
    found = totals(rows)
    assert (found.payments, found.paid_minor) == (6, 6)
    assert (found.refunds, found.refunded_minor, found.fee_minor) == (4, 4, 0)
    assert rows[0].no == "service_1568601259302"
    assert rows[0].at == datetime(2019, 9, 16, 2, 55, 23, tzinfo=UTC)
    assert rows[1].refund_no == "re_test_1568602607356"


def test_the_real_bill_of_wechat_comes_to_its_own_totals():
    content = _real("wechatpay_v3_trade_bill_20210128.csv")
    rows = wechat.read(content, hashlib.sha1(content, usedforsecurity=False).hexdigest())
    found = totals(rows)
    assert (found.payments, found.paid_minor, found.refunds) == (3, 3, 0)
    assert rows[0].provider_id == "4200000925202101284997714292"
    with pytest.raises(Invalid) as refusal:
        wechat.read(content, "0" * 40)
    assert refusal.value.reason == "bill-hash"


def test_a_bad_file_is_refused_and_the_line_named():
    good = write_csv("2088", DAY, _alipay_rows([_paid()], "Tea"))
    wechat_good = wechat_file([_paid()], "Tea")[0].decode()
    for read, text, line in (
        (alipay.read, good.replace("88.80", "88.8O", 1), 6),
        (alipay.read, good.replace("交易\t", "转账\t"), 6),
        (alipay.read, good.replace("共88.80元", "共88.81元"), 8),
        (alipay.read, "hello", 1),
        (alipay.read, "", 1),
        (wechat.read, wechat_good.replace("`88.80,", "`88.801,"), 2),
        (wechat.read, wechat_good.replace("`1,`", "`2,`"), 4),
        (wechat.read, "{}", 1),
    ):
        with pytest.raises(Invalid) as refusal:
            read(text.encode())
        assert (refusal.value.reason, refusal.value.params["line"]) == ("bill-unreadable", line)
    with pytest.raises(Invalid):
        alipay.read(b"PK\x03\x04 no zip")


def _paid() -> BillRow:
    at = datetime(2026, 11, 27, 4, tzinfo=UTC)
    return BillRow(BillKind.PAYMENT, "PAY000001", "", "2026112722", "", 8880, 53, 0, at, "")


def _real(name: str) -> bytes:
    path = DATA / name
    if not path.is_file():
        cannot("the providers' real bill files (set XIAOPU_SHARED_DATA)")
    return path.read_bytes()
