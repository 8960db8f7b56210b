"""Invoices and credit notes: numbered without gaps, never changed, corrected to the cent."""

import pytest
from sqlalchemy import delete, select, update

from shop.campaigns.models import Coupon
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.documents import checks, queries, services, settings
from shop.documents.bill_data import read
from shop.documents.models import Invoice
from shop.jobs import actions
from shop.order.models import OrderLine, TimelineEntry
from shop.payment import refund_answers, refunds
from shop.payment.models import Refund
from shop.payment.states import RefundState
from shop.store import services as stores
from shop.store.data import StoreText
from tests.factories.campaigns import make_coupon
from tests.factories.orders import lines_of, paid_order, place_order, store_with_goods
from tests.factories.taxes import make_taxes


@pytest.fixture
def goods(app):
    return store_with_goods(price_minor=1000, stock=50, flat_delivery_minor=300)


def issue(placed) -> str:
    with transaction():
        return services.issue(placed.order, actor="u:1").label


def give_back(placed, units: int) -> int:
    """A refund of some units that the provider has made."""
    line = lines_of(placed.order)[0].public_id
    with transaction():
        number = refunds.request(
            placed.order, {line: units}, include_delivery=False, restock=[], reason="other",
            note="", actor="u:1", key=f"refund-{placed.order}-{units}-key",
        )  # fmt: skip
    refund = db.session.execute(select(Refund.id).where(Refund.refund_no == number)).scalar_one()
    with transaction():
        refund_answers.claim(refund)
    with transaction():
        refund_answers.answered(refund, RefundState.DONE)
    return refund


def kinds(placed) -> list[str]:
    return list(
        db.session.scalars(
            select(TimelineEntry.kind)
            .where(TimelineEntry.order_id == placed.order)
            .order_by(TimelineEntry.id)
        )
    )


def test_an_invoice_keeps_what_was_printed_whatever_changes_later(goods):
    placed = paid_order({goods.variant: 3})
    chosen = settings.DocumentSettings(
        legal_name="Songjian Ltd", address="1 Road\nHangzhou", tax_number="T-1",
        invoice_prefix="SJ/", with_year=False,
    )  # fmt: skip
    with transaction():
        stores.update(goods.store_id, settings=chosen.kept())
    assert issue(placed) == "SJ/000001"
    before = queries.bills_of(placed.order)
    with transaction():
        stores.update(
            goods.store_id,
            texts={"en": StoreText("Another name")},
            settings=settings.DocumentSettings(legal_name="Other", invoice_prefix="X-").kept(),
        )
        db.session.execute(
            update(OrderLine).where(OrderLine.order_id == placed.order).values(titles={"en": "?"})
        )
    assert issue(placed) == "SJ/000001"  # asked again, it is the same paper
    assert queries.bills_of(placed.order) == before
    (bill,) = before
    assert (bill.seller.name, bill.seller.lines) == ("Songjian Ltd", ("1 Road", "Hangzhou"))
    assert bill.sum_minor() == bill.total_minor == 3300
    assert kinds(placed).count("invoiced") == 1
    assert checks.differences() == []


def test_discounts_stand_on_the_bill_exactly_as_they_were_given(goods):
    code = db.session.get_one(Coupon, make_coupon(goods.store_id, value=101)).code
    placed = paid_order({goods.variant: 3}, coupon=code)
    issue(placed)
    (bill,) = queries.bills_of(placed.order)
    line = lines_of(placed.order)[0]
    assert sum(minor for _, minor in bill.lines[0].discounts) == line.discount_minor < 0
    assert bill.sum_minor() == bill.total_minor


def test_what_is_not_paid_is_not_billed_and_takes_no_number(goods):
    unpaid = place_order(goods.variant)
    with pytest.raises(Conflict, match="invoice-too-early"):
        issue(unpaid)
    assert issue(paid_order(goods.variant)).endswith("-000001")
    assert issue(paid_order(goods.variant)).endswith("-000002")
    other = store_with_goods()
    assert issue(paid_order(other.variant)).endswith("-000001")  # each store counts for itself


def test_a_refund_that_is_done_gets_one_credit_note_in_a_series_of_its_own(goods):
    placed = paid_order({goods.variant: 3})
    actions.run("paper.invoice", {"order_id": placed.order}, 1)
    actions.run("paper.invoice", {"order_id": placed.order}, 1)
    refund = give_back(placed, 2)
    for _ in range(2):  # a delivery that comes twice
        actions.run("paper.credit_note", {"order_id": placed.order, "refund_id": refund}, 2)
    papers = queries.papers_of(placed.order)
    assert [(paper.series, paper.total_minor) for paper in papers] == [
        ("invoice", 3300),
        ("credit", 2000),
    ]
    (note,) = queries.bills_of(placed.order, papers[1].label)
    assert note.corrects == papers[0].label
    assert note.lines[0].quantity == 2
    assert "credited" in kinds(placed)
    assert checks.differences() == []


def test_a_store_that_bills_when_asked_credits_what_went_back_before(goods):
    with transaction():
        stores.update(goods.store_id, settings=settings.DocumentSettings(automatic=False).kept())
    placed = paid_order({goods.variant: 2})
    actions.run("paper.invoice", {"order_id": placed.order}, 1)
    refund = give_back(placed, 1)
    actions.run("paper.credit_note", {"order_id": placed.order, "refund_id": refund}, 2)
    assert queries.papers_of(placed.order) == []
    issue(placed)
    assert [paper.series for paper in queries.papers_of(placed.order)] == ["invoice", "credit"]


def test_doctor_finds_a_gap_a_wrong_sum_and_a_wrong_credit(app, goods):
    orders = [paid_order({goods.variant: 2}) for _ in range(3)]
    for placed in orders:
        issue(placed)
    refund = give_back(orders[2], 1)
    actions.run("paper.credit_note", {"order_id": orders[2].order, "refund_id": refund}, 1)
    with transaction():
        db.session.execute(delete(Invoice).where(Invoice.order_id == orders[1].order))
        db.session.execute(
            update(Invoice).where(Invoice.order_id == orders[0].order).values(total_minor=1)
        )
        db.session.execute(
            update(Invoice).where(Invoice.refund_id == refund).values(total_minor=9999)
        )
    said = app.test_cli_runner().invoke(args=["doctor", "--quiet"]).output
    assert f"store {goods.store_id}: 2 papers of series invoice up to number 3" in said
    assert "total 1, its parts sum to 2300" in said
    assert "credits 9999, its refund gave back 1000" in said
    assert f"order {orders[2].order}: credited 9999, billed 2300" in said


@pytest.mark.parametrize("included", (True, False))
def test_taxes_are_told_by_rate_and_go_back_with_the_units(goods, included):
    make_taxes(
        goods.store_id,
        ("standard", "CN", "", "VAT", 13_000),
        ("standard", "CN", "", "Levy", 1_250),
        included=included,
    )
    placed = paid_order({goods.variant: 3})
    issue(placed)
    give_back(placed, 1)
    issue(placed)
    bill, note = (
        read(row.snapshot, row.buyer)
        for row in db.session.scalars(select(Invoice).order_by(Invoice.id))
    )
    assert [(share.name, share.rate) for share in bill.taxes] == [("Levy", 1_250), ("VAT", 13_000)]
    assert bill.tax_added is note.tax_added is not included
    assert bill.sum_minor() == bill.total_minor == (3300 if included else 3771)
    assert note.sum_minor() == note.total_minor == (1000 if included else 1143)
    assert [line.total_minor for line in note.lines] == [1000]
    assert checks.differences() == []
