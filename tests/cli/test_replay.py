"""A made-up file of sales, lived again: what is refused, what adds up, and going on after a stop."""

import gzip

import pytest
from sqlalchemy import select

from shop.core.db import db
from shop.demo.replay import living
from shop.order.models import Order, OrderLine
from shop.payment.models import Refund

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROWS = """\
536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,WHITE LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536365,71053,WHITE LANTERN,2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom
536366,85123A,WHITE HEART,3,2010-12-31 23:59:00,2.95,,EIRE
536367,22633,HAND WARMER,1200,2010-12-02 09:00:00,1.85,17850.0,United Kingdom
536368,22633,HAND WARMER,-4,2010-12-02 09:00:00,0.0,,United Kingdom
536369,22633,,5,2011-01-03 09:00:00,,17850.0,France
C536370,85123A,WHITE HEART,-2,2011-01-04 10:00:00,2.55,17850.0,United Kingdom
C536371,85123A,WHITE HEART,-9,2011-01-04 10:01:00,2.55,17850.0,United Kingdom
C536372,85123A,WHITE HEART,-1,2011-01-04 10:02:00,2.95,,EIRE
"""


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *args: runner.invoke(args=list(args))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(gzip.compress((HEAD + ROWS).encode()))
    return path


def test_it_is_lived_whole_and_adds_up(app, run, file):
    told = run("demo", "replay", str(file))
    assert told.exit_code == 0, told.output
    assert "5 lines as 2 orders and 1 credits" in told.output
    for many, why in (
        (1, "not goods (postage, fees, manual entries)"),
        (1, "no price (stock corrections)"),
        (1, "more than 999 of one thing"),
        (1, "a figure or a date that cannot be read"),
        (2, "taken back without a sale that it belongs to"),
    ):
        assert f"{many} refused: {why}" in told.output
    assert "2010-12          51.27          51.27" in told.output
    assert "2011-01          -5.10          -5.10" in told.output
    assert "doctor: 0 differences" in told.output
    rows = db.session.execute(select(OrderLine.quantity, OrderLine.returned).order_by(OrderLine.id))
    assert [tuple(row) for row in rows] == [(6, 2), (8, 0), (3, 0)]
    assert (
        f"{db.session.scalars(select(Order.placed_at).order_by(Order.id)).first():%Y-%m-%d %H:%M}"
        == ("2010-12-01 08:26")
    )


def test_what_was_stopped_goes_on_where_it_was(app, run, file, monkeypatch):
    real, lived = living.Replay._live_one, []

    def stop(self, invoice):
        if lived:
            raise KeyboardInterrupt
        lived.append(invoice.number)
        real(self, invoice)

    monkeypatch.setattr(living.Replay, "_live_one", stop)
    assert run("demo", "replay", str(file)).exit_code != 0
    monkeypatch.setattr(living.Replay, "_live_one", real)
    told = run("demo", "replay", str(file))
    assert told.exit_code == 0, told.output
    assert "2 lines as 1 orders and 1 credits" in told.output
    again = run("demo", "replay", str(file))
    assert "0 lines as 0 orders and 0 credits" in again.output
    assert again.exit_code == 0
    db.session.rollback()
    assert len(db.session.scalars(select(Refund.id)).all()) == 1


@pytest.mark.parametrize("content", (b"", b"a,b\n1,2\n", b"\x1f\x8bnot gzip", b"\xff\xfe\x00"))
def test_another_file_is_refused_in_a_sentence(app, run, tmp_path, content):
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    told = run("demo", "replay", str(path))
    assert told.exit_code == 1
    assert "cannot be read" in told.output
