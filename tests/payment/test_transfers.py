"""Money by bank transfer: parts add up, nothing counts twice, what is too much or too late goes back."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.core.transaction import transaction
from shop.jobs import payments as payment_jobs
from shop.jobs import transfers as transfer_jobs
from shop.order import cancellation
from shop.order.models import Order
from shop.payment import checks, settlement, stuck_refunds, transfers
from shop.payment.models import Payment, Refund
from shop.payment.transfer_models import BankReceiptShare
from tests.factories import orders as made
from tests.factories.orders import assert_sound, order, store_with_goods
from tests.factories.transfers import WAIT, book, offer_transfers, transfer_order


@pytest.fixture
def goods(app):
    offer_transfers(app)
    return store_with_goods(price_minor=10000, stock=5)


def state(order_id):
    db.session.rollback()
    row = order(order_id)
    return row.state, row.payment_state


def refunds_of(order_id):
    return db.session.execute(
        select(Refund.amount_minor, Refund.state, Refund.reason, Refund.refund_no)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id)
    ).all()


def late(order_id, days=4):
    """Its time was over some days ago."""
    with transaction():
        then = clock.now() - timedelta(days=days)
        db.session.execute(update(Order).where(Order.id == order_id).values(expires_at=then))
        db.session.execute(update(Payment).values(expires_at=then, next_query_at=then))


def test_exact_money_pays_and_the_same_bank_number_pays_once(goods):
    placed, reference = transfer_order(goods.variant)
    assert order(placed.order).expires_at > clock.now() + WAIT - timedelta(minutes=1)
    key = ids.token()
    # As banks and people write it: other case, spaces.
    typed = f" {reference[:4].lower()} {reference[4:]}"
    for _ in range(2):
        done = book(typed, placed.total_minor, "20261128-0001", key=key)
        assert (done.taken_minor, done.lacking_minor, done.surplus_minor) == (10000, 0, 0)
    assert state(placed.order) == ("open", "paid")
    other, second = transfer_order(goods.variant)
    with pytest.raises(Conflict, match="bank-reference-used"):
        book(second, other.total_minor, "２０２６１１２８ 0001")
    assert state(other.order) == ("open", "unpaid")
    with pytest.raises(NotFound):
        book("XP000000", 10000)
    assert_sound()


def test_parts_add_up_and_what_is_too_much_goes_back_by_hand(goods):
    placed, reference = transfer_order(goods.variant)
    assert book(reference, 4000).lacking_minor == 6000
    assert state(placed.order) == ("open", "partly_paid")
    assert_sound()
    with pytest.raises(Conflict):  # no second way beside a part
        made.begin_payment(placed)
    done = book(reference, 6500)
    assert (done.taken_minor, done.surplus_minor) == (6000, 500)
    assert state(placed.order) == ("open", "paid")
    [(amount, where, reason, number)] = refunds_of(placed.order)
    assert (amount, where, reason) == (500, "created", "surplus")
    assert payment_jobs.submit_refunds() == 0  # nobody to send it to
    assert [row.refund_no for row in stuck_refunds.listed([goods.store_id])] == [number]
    with transaction(), pytest.raises(Conflict):
        stuck_refunds.again(number, store_ids=[goods.store_id], actor="u:1")
    with transaction():
        stuck_refunds.by_hand(number, "OUT-77", store_ids=[goods.store_id], actor="u:1")
    assert refunds_of(placed.order)[0].state == "manual"
    assert state(placed.order) == ("open", "paid")  # what was too much never counted
    assert_sound()


def test_a_part_that_is_not_completed_in_time_goes_back_with_the_stock(goods):
    placed, reference = transfer_order({goods.variant: 5})
    book(reference, 1000)
    assert transfer_jobs.end_short_transfers() == 0
    assert made.available(goods.variant) == 0
    late(placed.order)
    assert payment_jobs.expire_orders() == 0  # it is not unpaid
    assert transfer_jobs.end_short_transfers() == 1
    assert state(placed.order) == ("cancelled", "partly_paid")
    assert made.available(goods.variant) == 5
    assert [row[:2] for row in refunds_of(placed.order)] == [(1000, "created")]
    # The rest comes after all: nobody owes it.
    done = book(reference, 49000)
    assert (done.taken_minor, done.surplus_minor) == (0, 49000)
    for row in stuck_refunds.listed([goods.store_id]):
        with transaction():
            stuck_refunds.by_hand(row.refund_no, "OUT", store_ids=[goods.store_id], actor="u:1")
    assert state(placed.order) == ("cancelled", "refunded")
    assert_sound()


@pytest.mark.parametrize("there", (True, False))
def test_late_money_takes_the_stock_again_or_goes_back_whole(goods, there):
    placed, reference = transfer_order({goods.variant: 5})
    late(placed.order)
    assert payment_jobs.expire_orders() == 1
    payment_jobs.poll()
    attempt = db.session.scalars(select(Payment.state)).one()
    assert (state(placed.order)[0], attempt) == ("cancelled", "closed")
    if not there:
        made.paid_order({goods.variant: 1})
    assert book(reference, 300).surplus_minor == 300  # a part of it opens nothing
    book(reference, placed.total_minor)
    if there:
        assert state(placed.order) == ("open", "paid")
    else:
        assert state(placed.order) == ("cancelled", "paid")
        assert [row[:3] for row in refunds_of(placed.order)] == [
            (300, "created", "surplus"),
            (placed.total_minor, "created", "paid-too-late"),
        ]
    assert_sound()


def test_what_was_paid_another_way_meanwhile_goes_back(goods):
    placed, reference = transfer_order(goods.variant)
    made.pay(placed)
    assert order(placed.order).method == "alipay"
    assert book(reference, placed.total_minor).surplus_minor == placed.total_minor
    assert state(placed.order) == ("open", "paid")
    assert_sound()


def test_two_stores_are_filled_one_after_the_other_and_only_the_platform_books(goods):
    others = store_with_goods(price_minor=2000)
    placed, reference = transfer_order({goods.variant: 1, others.variant: 1})
    for store in (goods.store_id, others.store_id):
        with pytest.raises(NotFound):
            book(reference, 12000, store_ids=[store])
    assert book(reference, 11000).lacking_minor == 1000
    assert [state(one)[1] for one in placed.orders] == ["paid", "partly_paid"]
    with transaction():
        settlement.cancel_order(placed.orders[1], reason="customer", actor="guest")
    assert [row[:2] for row in refunds_of(placed.orders[1])] == [(1000, "created")]
    assert state(placed.orders[0]) == ("open", "paid")
    assert_sound()


def test_a_reminder_is_sent_once_and_not_to_who_has_shown_a_proof(goods):
    placed, _reference = transfer_order(goods.variant)
    assert transfer_jobs.remind_transfers() == 0
    with transaction():
        soon = clock.now() + timedelta(hours=5)
        db.session.execute(update(Order).where(Order.id == placed.order).values(expires_at=soon))
    assert [transfer_jobs.remind_transfers() for _ in range(2)] == [1, 0]


def test_asking_again_gives_the_same_reference_and_no_more_time(goods):
    placed, reference = transfer_order(goods.variant)
    before = order(placed.order).expires_at
    with transaction():
        assert transfers.begin(placed.checkout_id, hold=WAIT) == reference
    assert order(placed.order).expires_at == before
    with transaction():
        cancellation.cancel(placed.order, reason="customer", actor="guest")
    with transaction(), pytest.raises(Conflict):
        transfers.begin(placed.checkout_id, hold=WAIT)


def test_doctor_finds_receipts_that_are_not_shared_out_and_goods_that_left_unpaid(app, goods):
    placed, reference = transfer_order(goods.variant)
    book(reference, placed.total_minor)
    sent = made.shipped_order(goods.variant)
    with transaction():
        db.session.execute(
            update(Order).where(Order.id == sent.order).values(payment_state="unpaid")
        )
        share = db.session.scalars(select(BankReceiptShare)).one()
        for name in ("tr_bank_receipt_share_no_delete", "tr_bank_receipt_share_append_only"):
            on = " ON bank_receipt_share" if db.engine.dialect.name == "postgresql" else ""
            if (name.endswith("append_only")) == bool(on):
                db.session.connection().exec_driver_sql(f"DROP TRIGGER {name}{on}")
        db.session.execute(delete(BankReceiptShare).where(BankReceiptShare.id == share.id))
        found = "\n".join(checks.differences())
        db.session.rollback()
    assert "10000 came, shares sum to 0" in found
    assert "paid over 10000 by transfer, receipts sum to 0" in found
    assert "goods were sent, yet it is unpaid" in found
