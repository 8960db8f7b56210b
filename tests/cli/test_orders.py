"""`flask orders`: look, cancel, expire, ship, track, receive."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.core.db import db
from tests.factories.orders import (
    available,
    order,
    paid_order,
    place_order,
    shipped_order,
    store_with_goods,
)


@pytest.fixture
def run(app):
    def invoke(*arguments):
        result = app.test_cli_runner().invoke(args=("orders", *arguments))
        db.session.rollback()
        return result

    return invoke


def test_the_newest_orders_one_a_line(run):
    tea, paper = store_with_goods(slug="tea"), store_with_goods(slug="paper", price_minor=250)
    first, second = place_order(tea.variant), paid_order({paper.variant: 2})
    lines = run("list").output.splitlines()
    assert [line.split()[0] for line in lines] == [second.number, first.number]
    assert "5.00 CNY  Lin Wan" in lines[0]
    assert run("list", "--store", "tea").output.startswith(first.number)
    assert second.number not in run("list", "--view", "unpaid").output
    assert len(run("list", "--limit", "1").output.splitlines()) == 1
    assert run("list", "--view", "shipped").output == "No orders.\n"
    assert run("list", "--store", "nowhere").output == "Error: There is no store nowhere.\n"


def test_everything_of_one_order(run):
    placed = shipped_order({store_with_goods(flat_delivery_minor=700).variant: 2})
    shown = run("show", placed.number).output
    for part in (placed.number, "state open, payment paid, shipping shipped, by alipay", "2 x Thing",
                 "shipped 2, cancelled 0", "delivery 7.00", "total 27.00 CNY"):  # fmt: skip
        assert part in shown
    kinds = [line.split()[2] for line in shown.splitlines() if line.startswith("  20")]
    assert kinds == ["placed", "paid", "shipped"]
    missing = run("show", "260101-AAAAAA")
    assert (missing.exit_code, missing.output) == (1, "Error: There is no order 260101-AAAAAA.\n")


def test_cancel(run):
    goods = store_with_goods()
    placed, shipped = paid_order(goods.variant), shipped_order(goods.variant)
    assert run("cancel", placed.number).exit_code == 2  # without a reason
    done = run("cancel", placed.number, "--reason", "sold twice")
    assert done.output == f"{placed.number} is cancelled.\n"
    assert order(placed.order).cancel_reason == "sold twice"
    assert available(goods.variant) == 9
    for number in (placed.number, shipped.number, "260101-AAAAAA"):
        refused = run("cancel", number, "--reason", "x")
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ")
        assert "Traceback" not in refused.output


def test_expire(run):
    goods = store_with_goods()
    due = [place_order(goods.variant) for _ in range(3)]
    paid_order(goods.variant)
    assert run("expire").output == "0 of 0 due orders expired.\n"
    with clock.at(clock.now() + timedelta(hours=1)):
        assert run("expire", "--limit", "2").output == "2 of 2 due orders expired.\n"
        assert run("expire").output == "1 of 1 due orders expired.\n"
    assert {order(placed.order).state for placed in due} == {"cancelled"}
    assert available(goods.variant) == 9


def test_ship_track_and_receive_what_is_due(app, run):
    placed = paid_order(store_with_goods().variant)
    assert run("ship", placed.number, "nobody", "1").exit_code == 2
    assert run("ship", placed.number, "sf", "SF123").output == f"{placed.number} is on its way.\n"
    assert run("ship", placed.number, "SF", "SF123").exit_code == 1
    tracked = run("track", "SF123").output
    assert tracked.startswith("SF SF123\n  this carrier cannot be asked")
    app.config["CARRIER_ACCOUNTS"] = {"SF": ("http://127.0.0.1:9", "k" * 40)}
    assert "the carrier does not answer" in run("track", placed.number).output
    assert run("track", "nothing").exit_code == 1
    assert run("receive-due").output == "0 of 0 due orders received.\n"
    with clock.at(clock.now() + timedelta(days=16)):
        assert run("receive-due").output == "1 of 1 due orders received.\n"
    assert order(placed.order).state == "completed"


def test_papers_become_a_file(run, tmp_path):
    goods = store_with_goods()
    placed = paid_order(goods.variant)
    for kind in ("slip", "invoice"):
        file = tmp_path / f"{kind}.pdf"
        said = run("paper", placed.number, "--kind", kind, "--out", str(file))
        assert said.exit_code == 0, said.output
        assert file.read_bytes().startswith(b"%PDF-")
    nobody = run("paper", "260101-00000", "--out", str(tmp_path / "none.pdf"))
    assert "There is no order 260101-00000." in nobody.output
    unpaid = place_order(goods.variant)
    refused = run("paper", unpaid.number, "--kind", "invoice", "--out", str(tmp_path / "no.pdf"))
    assert "invoice-too-early" in refused.output
