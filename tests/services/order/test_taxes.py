"""What orders are charged as tax, and what of it goes back."""

import pytest
from sqlalchemy import func, select, text

from shop.core import ids
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.order import tax_checks, taxes
from shop.order.tax_models import OrderTax
from shop.payment import refund_taxes, refunds, settlement
from shop.payment.models import Refund
from shop.payment.tax_models import RefundTax
from tests.factories.campaigns import make_coupon
from tests.factories.orders import (
    assert_sound,
    contact,
    fill_cart,
    guest,
    lines_of,
    order,
    paid_order,
    place_order,
    send,
    store_with_goods,
    submission,
)
from tests.factories.taxes import make_taxes

QUEBEC = {"country": "CA", "province": "QC"}
CANADA = (
    ("standard", "CA", "", "GST", 5_000),
    ("standard", "CA", "QC", "QST", 9_975),
    ("standard", "CA", "ON", "GST", 13_000),
)


def sale(number, **given):
    """An order for a contact abroad: the total is what the refusal of a wrong one names."""
    owner = guest()
    fill_cart(owner, number)
    form = submission(owner, contact=contact(**given), expected_total_minor=0)
    with pytest.raises(Conflict) as refused:
        send(owner, form)
    total = refused.value.params["new_minor"]
    return submission(owner, contact=form.contact, expected_total_minor=total), owner


def ask(placed, quantities, *, delivery=False):
    names = [line.public_id for line in lines_of(placed.order)]
    with transaction():
        number = refunds.request(
            placed.order,
            dict(zip(names, quantities, strict=True)),
            include_delivery=delivery,
            restock=(),
            reason="changed-mind",
            note="",
            actor="u:1",
            key=ids.token(),
        )
    return db.session.scalars(select(Refund).where(Refund.refund_no == number)).one()


def test_an_order_keeps_the_tax_that_its_prices_hold(app):
    goods = store_with_goods(price_minor=1130, flat_delivery_minor=800)
    make_taxes(goods.store_id)
    coupon = make_coupon(goods.store_id, code="LESS", value=130, per_user_limit=None)
    assert coupon
    placed = place_order({goods.variant: 2}, coupon="LESS")
    kept = order(placed.order)
    line = lines_of(placed.order)[0]
    assert (kept.total_minor, kept.prices_include_tax) == (2130 + 800, True)
    assert line.tax_minor == 245  # of 2130 after the coupon
    assert kept.tax_minor == 245 + 92
    assert [(tax.label, tax.net_minor) for tax in taxes.of_order(placed.order)] == [
        ("VAT 13%", 2130 - 245 + 800 - 92)
    ]
    assert_sound()


def test_rates_of_the_place_come_on_top_and_the_regions_stands_for_the_countrys(app):
    goods = store_with_goods(price_minor=10_000, flat_delivery_minor=1000)
    make_taxes(goods.store_id, *CANADA, included=False, home="CA", region="ON")
    form, owner = sale({goods.variant: 1}, **QUEBEC)
    placed = send(owner, form)
    kept = order(placed.order)
    assert (kept.tax_minor, kept.total_minor) == (550 + 1098, 11_000 + 550 + 1098)
    assert [(tax.name, tax.region, tax.tax_minor) for tax in taxes.of_order(placed.order)] == [
        ("GST", "", 550),
        ("QST", "QC", 1098),
    ]
    form, owner = sale({goods.variant: 1}, country="CA", province="on")
    assert form.expected_total_minor == 12_430
    form, owner = sale({goods.variant: 1}, country="CA", province="")  # home's region
    assert form.expected_total_minor == 12_430
    make_taxes(goods.store_id, ("standard", "CA", "", "GST", 50_000), included=True)
    assert order(placed.order).total_minor == 11_000 + 550 + 1098
    assert_sound()


def test_a_refund_by_parts_gives_back_every_cent_of_tax(app):
    goods = store_with_goods(price_minor=333, flat_delivery_minor=777)
    make_taxes(
        goods.store_id, ("standard", "CN", "", "A", 7_250), ("standard", "CN", "", "B", 1_375),
        included=False, rounding="order",
    )  # fmt: skip
    placed = paid_order({goods.variant: 3})
    kept = order(placed.order)
    amounts = [ask(placed, [1]).amount_minor, ask(placed, [1], delivery=True).amount_minor]
    amounts.append(ask(placed, [1]).amount_minor)
    assert sum(amounts) == kept.total_minor
    given = db.session.scalar(select(func.sum(RefundTax.tax_minor)))
    assert given == kept.tax_minor == db.session.scalar(select(func.sum(OrderTax.tax_minor)))
    assert_sound()


def test_a_cancelled_order_gives_back_what_is_left_of_its_tax(app):
    goods = store_with_goods(price_minor=1130, flat_delivery_minor=800)
    make_taxes(goods.store_id)
    placed = paid_order({goods.variant: 3})
    refund = ask(placed, [1])
    within = select(func.sum(RefundTax.tax_minor))
    assert db.session.scalar(within.where(RefundTax.refund_id == refund.id)) == 130
    with transaction():
        settlement.cancel_order(placed.order, reason="shop", actor="u:1")
    assert db.session.scalar(within) == order(placed.order).tax_minor
    assert_sound()


def test_the_doctor_finds_a_tax_that_does_not_add_up(app):
    goods = store_with_goods(price_minor=1130)
    make_taxes(goods.store_id)
    placed = paid_order(goods.variant)
    ask(placed, [1])
    line = lines_of(placed.order)[0]
    db.session.execute(text("UPDATE order_tax SET tax_minor = tax_minor - 1"))
    assert tax_checks.differences() == [
        f"order_line {line.id}: tax 130, its shares sum to 129",
        f"order {placed.order} ({placed.number}): tax 130, of lines and delivery 129",
    ]
    (found,) = refund_taxes.differences()
    assert found.endswith(f"of order {placed.order}: 129 charged, refunds give back 130")
    db.session.rollback()
