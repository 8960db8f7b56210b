"""Gift cards and balances pay their share, and have it back: exactly, and exactly once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shop.cart.owner import Owner
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.documents import services as documents
from shop.payment import card_checks, cards, offline, refund_answers, refunds, settlement
from shop.payment import queries as payments
from shop.payment.card_models import GiftCard
from shop.payment.models import Payment, Refund
from shop.payment.states import RefundState
from tests.factories.cards import card, entries, give_balance, kept_as, make_card
from tests.factories.orders import (
    approve,
    assert_sound,
    begin_payment,
    inspect,
    lines_of,
    order,
    pay,
    place_order,
    received_order,
    request_return,
    send_back,
    store_with_goods,
    tell_paid,
)
from tests.factories.taxes import make_taxes
from tests.factories.users import make_user


def refunds_of(order_id):
    """Gateway, amount and state of each refund of an order."""
    db.session.rollback()
    found = db.session.execute(
        select(Payment.gateway, Refund.amount_minor, Refund.state)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id)
    )
    return [tuple(row) for row in found]


def ask(placed, units, **given):
    """A refund of units of the lines, in their order."""
    names = [line.public_id for line in lines_of(placed.order)]
    with transaction():
        return refunds.request(
            placed.order,
            dict(zip(names, units, strict=False)),
            **{
                "include_delivery": False,
                "restock": (),
                "reason": "damaged",
                "note": "",
                "actor": "u:1",
                "key": ids.token(),
            }
            | given,
        )


def answer(refund_no, state):
    refund_id = payments.refund_id(refund_no)
    with transaction():
        refund_answers.claim(refund_id)
    with transaction():
        refund_answers.answered(refund_id, RefundState(state))


def test_a_card_pays_its_share_and_a_gateway_what_remains(app):
    goods = store_with_goods(price_minor=8000)
    name = make_card(goods.store_id, 5000)
    placed = place_order(goods.variant, cards=kept_as(name), expected_due_minor=3000)
    row = order(placed.order)
    assert (row.payment_state, row.due_minor, row.method) == ("partly_paid", 3000, "alipay")
    assert entries(name) == [("issued", 5000), ("paid", -5000)]
    pay(placed)
    row = order(placed.order)
    assert row.payment_state == "paid"
    paid = select(Payment.gateway, Payment.amount_minor).order_by(Payment.id)
    assert db.session.execute(paid).all() == [("gift_card", 5000), ("alipay", 3000)]
    assert_sound()


def test_card_and_balance_that_cover_everything_need_no_gateway(app):
    goods = store_with_goods(price_minor=8000)
    member = make_user().id
    name, balance = make_card(goods.store_id, 5000), give_balance(goods.store_id, member, 9000)
    placed = place_order(
        goods.variant, owner=Owner(user_id=member), cards=kept_as(name), use_balance=True
    )
    row = order(placed.order)
    assert (row.payment_state, row.method, row.expires_at) == ("paid", "gift_card", None)
    assert (card(name).balance_minor, card(balance).balance_minor) == (0, 6000)
    assert_sound()


def test_cash_on_delivery_is_what_the_card_leaves(app):
    goods = store_with_goods(price_minor=8000)
    placed = place_order(
        goods.variant, cards=kept_as(make_card(goods.store_id, 5000)), method="cod"
    )
    with transaction():
        offline.confirm(placed.order, amount_minor=3000, reference="", actor="u:1", key=ids.token())
    assert order(placed.order).payment_state == "paid"
    assert_sound()


@pytest.mark.parametrize("problem", ("unknown", "used-up", "ended", "store", "currency"))
def test_a_code_that_does_not_pay_says_why_and_keeps_nothing(app, problem):
    goods, other = store_with_goods(price_minor=8000), store_with_goods()
    soon = clock.now() + timedelta(days=1)
    name = {
        "unknown": lambda: make_card(goods.store_id),
        "used-up": lambda: make_card(goods.store_id),
        "ended": lambda: make_card(goods.store_id, expires_at=soon),
        "store": lambda: make_card(other.store_id),
        "currency": lambda: make_card(goods.store_id, currency="USD"),
    }[problem]()
    codes = kept_as(name) if problem != "unknown" else []
    if problem == "used-up":
        place_order(goods.variant, cards=codes)
    with clock.at(soon + timedelta(hours=1)):
        before = card(name).balance_minor
        with pytest.raises(Invalid, match=f"card-{problem}"):
            place_order(goods.variant, cards=codes)
        assert card(name).balance_minor == before


def test_another_amount_than_the_button_said_is_not_placed(app):
    goods = store_with_goods(price_minor=8000)
    name = make_card(goods.store_id, 5000)
    with pytest.raises(Conflict, match="total-changed"):
        place_order(goods.variant, cards=kept_as(name), expected_due_minor=2000)
    assert card(name).balance_minor == 5000


def test_an_order_that_ends_before_the_rest_came_gives_the_card_back_once(app):
    goods = store_with_goods(price_minor=8000)
    first, second = make_card(goods.store_id, 5000), make_card(goods.store_id, 6000)
    expired = place_order(goods.variant, cards=kept_as(first))
    cancelled = place_order(goods.variant, cards=kept_as(second))
    with clock.at(clock.now() + timedelta(hours=1)), transaction():
        assert settlement.expire(expired.order)
        assert not settlement.expire(expired.order)
    with transaction():
        settlement.cancel_order(cancelled.order, reason="by-customer", actor="guest")
    assert entries(first) == [("issued", 5000), ("paid", -5000), ("returned", 5000)]
    assert entries(second) == [("issued", 6000), ("paid", -6000), ("returned", 6000)]
    assert order(expired.order).payment_state == "unpaid"
    assert_sound()


@pytest.mark.parametrize("spent", (False, True))
def test_late_money_takes_the_card_again_or_goes_back_whole(app, spent):
    goods = store_with_goods(price_minor=8000)
    name = make_card(goods.store_id, 5000)
    placed = place_order(goods.variant, cards=kept_as(name))
    payment = begin_payment(placed)
    with clock.at(clock.now() + timedelta(hours=1)), transaction():
        settlement.expire(placed.order)
    if spent:
        place_order(goods.variant, cards=kept_as(name))
    tell_paid(payment)
    row = order(placed.order)
    if spent:
        assert (row.state, row.payment_state) == ("cancelled", "partly_paid")
        assert refunds_of(placed.order)[1:] == [("alipay", 3000, "created")]
    else:
        assert (row.state, row.payment_state) == ("open", "paid")
        assert card(name).balance_minor == 0
    assert_sound()


def test_money_goes_back_to_the_provider_first_and_the_rest_to_the_card(app):
    """Three of 33.33 with tax on top, in three parts: no fen lost, papers and taxes with them."""
    goods = store_with_goods(price_minor=3333, flat_delivery_minor=700)
    make_taxes(goods.store_id, included=False)
    name = make_card(goods.store_id, 6000)
    placed = place_order({goods.variant: 3}, cards=kept_as(name))
    pay(placed)
    with transaction():
        documents.issue(placed.order, actor="u:1")
    total = order(placed.order).total_minor
    for step in range(3):
        answer(ask(placed, [1], include_delivery=step == 2), "done") if step == 0 else None
        if step:
            number = ask(placed, [1], include_delivery=step == 2)
            if payments.refund_state(payments.refund_id(number)) == "created":
                answer(number, "done")
        assert_sound()
    back = refunds_of(placed.order)
    assert sum(amount for _, amount, _ in back) == total
    assert sum(amount for gateway, amount, _ in back if gateway == "gift_card") == 6000
    assert [gateway for gateway, _, _ in back][:1] == ["alipay"]
    assert card(name).balance_minor == 6000
    assert order(placed.order).payment_state == "refunded"
    with transaction():
        documents.issue(placed.order, actor="u:1")
    assert_sound()


def test_what_the_provider_refused_can_be_asked_for_again_to_the_fen(app):
    goods = store_with_goods(price_minor=8000)
    placed = place_order(goods.variant, cards=kept_as(make_card(goods.store_id, 5000)))
    pay(placed)
    answer(ask(placed, [1]), "failed")
    assert_sound()
    answer(ask(placed, [1]), "done")
    assert [(gateway, amount, state) for gateway, amount, state in refunds_of(placed.order)] == [
        ("alipay", 3000, "failed"),
        ("gift_card", 5000, "done"),
        ("alipay", 3000, "done"),
    ]
    assert_sound()


def test_a_return_counts_both_refunds(app):
    goods = store_with_goods(price_minor=8000)
    placed = received_order(goods.variant, cards=kept_as(make_card(goods.store_id, 5000)))
    return_id = request_return(placed.order)
    approve(return_id)
    send_back(placed.order, return_id)
    inspect(return_id)
    assert [amount for _, amount, _ in refunds_of(placed.order)] == [3000, 5000]
    assert_sound()


def test_what_comes_back_to_a_card_that_is_over_gets_a_new_place(app):
    """A member's balance; for a guest a new card, whose code a job writes and mails."""
    goods = store_with_goods(price_minor=4000)
    member = make_user().id
    soon = clock.now() + timedelta(days=1)
    ended, void = make_card(goods.store_id, expires_at=soon), make_card(goods.store_id)
    theirs = place_order(goods.variant, owner=Owner(user_id=member), cards=kept_as(ended))
    guests = place_order(goods.variant, cards=kept_as(void))
    with transaction():
        cards.void(void, store_id=goods.store_id, reason="Stolen", actor="u:1")
    assert entries(void)[-1] == ("voided", -1000)
    with clock.at(soon + timedelta(hours=1)):
        for card_id in cards.due():
            with transaction():
                assert cards.expire(card_id)
        for placed in (theirs, guests):
            with transaction():
                settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    db.session.rollback()
    found = db.session.scalars(select(GiftCard).order_by(GiftCard.id)).all()
    assert [(one.user_id, one.balance_minor) for one in found[2:]] == [(member, 4000), (None, 4000)]
    assert db.session.scalars(
        select(Outbox.payload).where(Outbox.name == "giftcard.uncoded")
    ).all() == [{"card_id": found[3].id}]
    assert_sound()


def test_the_doctor_finds_what_does_not_agree(app):
    goods = store_with_goods(price_minor=8000)
    name = make_card(goods.store_id, 5000)
    placed = place_order(goods.variant, cards=kept_as(name))
    with transaction():
        db.session.execute(update(GiftCard).values(balance_minor=7))
        db.session.execute(update(Payment).values(gateway="alipay"))
    found = card_checks.differences()
    assert any("balance 7, entries sum to 0" in one for one in found)
    assert any(f"({placed.number}): 5000 by gift cards, payments say 0" in one for one in found)
    assert any("5000 by gift card, its entry took 5000" in one for one in found)
