"""Codes of services: part of their visits, taking back, extension, reminders, refunds of what is unused."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from shop.catalog import terms
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.jobs import inline
from shop.jobs.codes import remind_codes
from shop.notifications import senders
from shop.order import codes, queries
from shop.order.handover_models import RedemptionUse
from tests.factories.orders import assert_sound, paid_order, store_with_goods
from tests.factories.users import make_user


@pytest.fixture
def card(app):
    """A store, and the code of a ten-visit card that is good for 30 days."""
    goods = store_with_goods(stock=None, kind="service", product={"validity_days": 30})
    with transaction():
        terms.change(goods.products[0].id, terms.Terms(uses=10, remind_days=5))
    placed = paid_order(goods.variant)
    return goods, placed, queries.order_page(placed.number, "en").lines[0].codes[0].code


@pytest.fixture
def use(card):
    goods, _, code = card
    staff = make_user()

    def redeem(uses=1, store_id=None):
        with transaction():
            return codes.redeem(
                code,
                [store_id or goods.store_id],
                user_id=staff.id,
                actor=f"u:{staff.id}",
                uses=uses,
                note="West Lake",
            )

    return redeem


def view(placed):
    db.session.rollback()
    return queries.order_page(placed.number, "en").lines[0].codes[0]


def test_a_card_is_used_visit_by_visit_and_never_beyond(card, use):
    _, placed, _ = card
    assert use(4).left == 6
    for wrong in (0, -1, 7):
        with pytest.raises(Invalid, match="uses-out-of-range"):
            use(wrong)
    assert (view(placed).left, view(placed).state) == (6, "open")
    assert use(6).left == 0
    assert view(placed).state == "redeemed"
    with pytest.raises(Conflict, match="code-redeemed"):
        use()
    assert_sound()


def test_a_use_is_taken_back_once_within_a_day(card, use):
    goods, placed, _ = card
    booked, late = use(9), use(1)

    def undo(entry, store_id=goods.store_id):
        with transaction():
            return codes.undo(entry, [store_id], actor="u:1").left

    for entry, store_id in ((booked.use, store_with_goods().store_id), ("nothing", goods.store_id)):
        with pytest.raises(NotFound, match="use-unknown"):
            undo(entry, store_id)
    assert undo(booked.use) == 9
    assert (view(placed).state, view(placed).left) == ("open", 9)
    with pytest.raises(Conflict, match="use-reversed"):
        undo(booked.use)
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(Conflict, match="use-too-old"):
        undo(late.use)
    assert_sound()


def test_the_ledger_of_uses_is_append_only(card, use):
    use()
    with pytest.raises(Exception, match="append-only"), transaction():
        db.session.execute(text("UPDATE redemption_use SET uses = 2"))
    db.session.rollback()
    assert db.session.scalars(select(RedemptionUse.uses)).all() == [1]


def test_an_ended_code_is_good_again_once_extended(card, use):
    goods, _, code = card
    later = clock.now() + timedelta(days=31)

    def extend(until, reason="Was ill"):
        with transaction():
            codes.extend(code, [goods.store_id], until, reason=reason, actor="u:1")

    with clock.at(later):
        with pytest.raises(Conflict, match="code-expired"):
            use()
        for until, reason, refusal in (
            (later + timedelta(days=9), " ", "extension-reason"),
            (later - timedelta(hours=1), "x", "extension-past"),
            (later + timedelta(days=9999), "x", "extension-far"),
        ):
            with pytest.raises(Invalid, match=refusal):
                extend(until, reason)
        extend(later + timedelta(days=9))
        assert use().left == 9


def test_a_buyer_is_reminded_once_when_the_end_is_near(card):
    _, placed, code = card
    inline.run_all()
    senders.memory().clear()
    for days, mails in ((6, 0), (4, 1), (4, 1)):
        moment = view(placed).expires_at - timedelta(days=days)
        with clock.at(moment):
            remind_codes()
        db.session.rollback()  # the job has a session of its own
        with clock.at(moment + timedelta(seconds=1)):
            inline.run_all()
        assert len(senders.memory()) == mails
    (mail,) = senders.memory()
    assert code in mail.get_body(("plain",)).get_content()
    page = mail.get_body(("html",)).get_content()
    assert code in page
    assert 'bgcolor="#000000"' in page
