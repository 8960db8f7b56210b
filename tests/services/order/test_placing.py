"""Placing a cart: what the orders come to, what is taken, and what is refused whole."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.campaigns.models import Coupon, Redemption
from shop.cart import queries as carts
from shop.cart import services as cart
from shop.cart.owner import Owner
from shop.catalog import prices, products
from shop.catalog.data import VariantData
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.core.idempotency import KeyReused
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.membership import services as membership
from shop.order import queries
from shop.order.checkout import placed_before
from shop.order.models import Adjustment, Checkout, Order
from tests.factories.campaigns import make_coupon, make_promotion, used
from tests.factories.orders import (
    assert_sound,
    available,
    contact,
    fill_cart,
    guest,
    lines_of,
    order,
    place_order,
    send,
    store_with_goods,
    submission,
    total_of,
)
from tests.factories.users import make_user

EVERYWHERE = {"country": "", "province": "", "city": "", "district": "", "street": ""}


def how_many(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def coupon_code(coupon_id):
    return db.session.get_one(Coupon, coupon_id).code


def refused(owner, form, code, kind=Conflict):
    """Placing is refused with `code`, and nothing of it stays."""
    before = [how_many(model) for model in (Checkout, Order, Outbox, Redemption)]
    with pytest.raises(kind) as caught:
        send(owner, form, "a-key-of-this-form")
    assert caught.value.reason == code
    assert [how_many(model) for model in (Checkout, Order, Outbox, Redemption)] == before
    assert_sound()
    return caught.value


def test_one_order_for_each_store(app):
    tea, paper = store_with_goods(products=2), store_with_goods(price_minor=2500)
    placed = place_order({tea.variants[0]: 2, paper.variant: 1, tea.variants[1]: 1})
    first, second = (order(order_id) for order_id in placed.orders)
    assert (first.store_id, second.store_id) == (tea.store_id, paper.store_id)
    assert (first.total_minor, second.total_minor) == (3000, 2500)
    assert (first.state, first.payment_state, first.shipping_state) == (
        "open",
        "unpaid",
        "unshipped",
    )
    assert [line.quantity for line in lines_of(first.id)] == [2, 1]
    assert [available(v) for v in (*tea.variants, paper.variant)] == [8, 9, 9]
    assert queries.of_checkout(placed.token) == placed.numbers
    assert all(ids.is_order_number(number) for number in placed.numbers)
    assert carts.count(placed.owner) == 0
    assert_sound()


def test_totals_are_exact_with_tiers_coupon_member_price_and_delivery(app):
    """Ten yuan from sixty, 7 % for members, a platform coupon over both stores, delivery each."""
    tea = store_with_goods(price_minor=1999, products=3, flat_delivery_minor=800)
    paper = store_with_goods(price_minor=3333, flat_delivery_minor=1200)
    make_promotion(tea.store_id, tiers=((6000, 1000),))
    with transaction():
        membership.create_level(
            tea.store_id, {"en": "Leaf", "zh": "叶"}, rank=1, spend_from_minor=0, discount_bp=700
        )
    buyer = make_user()
    with transaction():
        membership.join(tea.store_id, buyer.id)
    coupon = make_coupon(value=700, total_limit=5)
    owner = Owner(user_id=buyer.id)
    lines = {tea.variants[0]: 2, tea.variants[1]: 1, tea.variants[2]: 1, paper.variant: 1}
    placed = place_order(lines, owner=owner, coupon=coupon_code(coupon))

    orders = [order(order_id) for order_id in placed.orders]
    assert sum(row.total_minor for row in orders) == placed.total_minor
    assert placed.total_minor == db.session.get_one(Checkout, placed.checkout_id).total_minor
    by_source = dict(
        db.session.execute(
            select(Adjustment.source, func.sum(Adjustment.amount_minor)).group_by(Adjustment.source)
        ).all()
    )
    assert by_source["coupon"] == -700
    assert by_source["promotion"] == -1000
    assert by_source["member"] < 0
    assert sum(row.discount_minor for row in orders) == sum(by_source.values())
    assert orders[0].items_minor == 4 * 1999
    assert [row.delivery_minor for row in orders] == [800, 1200]
    for row in orders:
        shares = [line.discount_minor for line in lines_of(row.id)]
        assert row.total_minor == row.items_minor + sum(shares) + row.delivery_minor
    assert used(coupon) == 1
    assert_sound()


def test_the_same_form_twice_is_one_order(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, {goods.variant: 2})
    form = submission(owner)
    first = send(owner, form, "the-key-of-this-form")
    again = send(owner, form, "the-key-of-this-form")
    assert again.token == first.token
    assert how_many(Order) == 1
    assert available(goods.variant) == 8
    assert placed_before(owner, "the-key-of-this-form") == first.token
    assert placed_before(guest(), "the-key-of-this-form") is None
    assert placed_before(owner, "another-key-of-a-form") is None
    assert placed_before(owner, None) is None


def test_the_same_key_with_other_content_is_refused(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    form = submission(owner)
    send(owner, form, "the-key-of-this-form")
    fill_cart(owner, goods.variant)
    with pytest.raises(KeyReused):
        send(
            owner, submission(owner, contact=contact(name="Somebody Else")), "the-key-of-this-form"
        )
    assert how_many(Order) == 1


def test_a_key_belongs_to_its_sender(app):
    goods = store_with_goods()
    for owner in (guest(), guest(), Owner(user_id=make_user().id)):
        fill_cart(owner, goods.variant)
        send(owner, submission(owner), "a-key-that-all-use")
    assert how_many(Order) == 3


def test_a_refused_form_may_be_sent_again_with_its_key(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    form = submission(owner)
    with transaction():
        prices.set_price(goods.variant, 1100)
    error = refused(owner, form, "total-changed")
    assert error.params == {"old_minor": 1000, "new_minor": 1100, "currency": "CNY"}
    assert total_of(owner) == 1100
    assert send(owner, submission(owner), "a-key-of-this-form").total_minor == 1100


@pytest.mark.parametrize("seen", (0, 999, -1, 10**12))
def test_the_total_is_the_servers(app, seen):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    refused(owner, submission(owner, expected_total_minor=seen), "total-changed")


def test_stock_that_went_meanwhile(app):
    goods, owner = store_with_goods(stock=3), guest()
    fill_cart(owner, {goods.variant: 3})
    form = submission(owner)
    place_order({goods.variant: 1})
    refused(owner, form, "cart-changed")
    assert carts.count(owner) == 3
    assert available(goods.variant) == 2


def test_an_empty_cart_another_currency_and_nothing_selected(app):
    goods, owner = store_with_goods(), guest()
    refused(owner, submission(owner), "cart-empty")
    fill_cart(owner, goods.variant)
    refused(owner, submission(owner, currency="USD"), "cart-empty")
    line = carts.view(owner, "en", clock.now()).parts[0].lines[0].public_id
    with transaction():
        cart.select_line(owner, line, False)
    refused(owner, submission(owner), "cart-empty")


def test_what_is_not_selected_stays_in_the_cart(app):
    goods, owner = store_with_goods(products=2), guest()
    fill_cart(owner, dict.fromkeys(goods.variants, 1))
    line = carts.view(owner, "en", clock.now()).parts[0].lines[0].public_id
    with transaction():
        cart.select_line(owner, line, False)
    placed = send(owner, submission(owner))
    assert [row.variant_id for row in lines_of(placed.order)] == [goods.variants[1]]
    assert carts.count(owner) == 1


def test_each_currency_is_a_checkout_of_its_own(app):
    tea, dollars = store_with_goods(), store_with_goods(currency="USD", price_minor=300)
    owner = guest()
    fill_cart(owner, {tea.variant: 1, dollars.variant: 1})
    assert send(owner, submission(owner, currency="USD")).total_minor == 300
    assert send(owner, submission(owner)).total_minor == 1000
    assert_sound()


@pytest.mark.parametrize(
    ("fields", "code"),
    (
        ({"contact": {"name": "  "}}, "name-missing"),
        ({"contact": {"email": "", "phone": " "}}, "contact-missing"),
        ({"contact": {"street": " "}}, "address-missing"),
        ({"method": "barter"}, "method-unknown"),
        ({"method": ""}, "method-unknown"),
    ),
)
def test_nobody_can_be_sent_goods_who_cannot_be_reached(app, fields, code):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    fields = fields | ({"contact": contact(**fields["contact"])} if "contact" in fields else {})
    refused(owner, submission(owner, **fields), code, Invalid)


@pytest.mark.parametrize("kind", ("service", "digital"))
def test_what_needs_no_parcel_needs_no_address_and_no_delivery(app, kind):
    goods = store_with_goods(
        stock=None, kind=kind, flat_delivery_minor=900, product={"digital_name": "a/b.pdf"}
    )
    placed = place_order(goods.variant, contact=contact(**EVERYWHERE))
    assert placed.total_minor == 1000


def test_a_coupon_used_up_meanwhile_is_refused(app):
    goods, owner = store_with_goods(), guest()
    coupon = make_coupon(goods.store_id, value=100, total_limit=1)
    fill_cart(owner, goods.variant, coupon=coupon_code(coupon))
    form = submission(owner)
    place_order(goods.variant, coupon=coupon_code(coupon))
    refused(owner, form, "coupon-used-up")
    assert used(coupon) == 1


def test_a_guest_known_by_mail_uses_a_coupon_once(app):
    goods = store_with_goods()
    coupon = make_coupon(goods.store_id, value=100, per_user_limit=1)
    code = coupon_code(coupon)
    place_order(goods.variant, coupon=code, contact=contact(email="Lin@Example.com"))
    owner = guest()
    fill_cart(owner, goods.variant, coupon=code)
    refused(
        owner, submission(owner, contact=contact(email="lin@example.com")), "coupon-limit-per-user"
    )
    assert used(coupon) == 1
    place_order(goods.variant, coupon=code, contact=contact(email="wang@example.com"))


def test_a_coupon_that_does_not_count_costs_nothing_and_stops_nobody(app):
    goods = store_with_goods()
    coupon = make_coupon(goods.store_id, value=100, threshold_minor=5000)
    placed = place_order(goods.variant, coupon=coupon_code(coupon))
    assert placed.total_minor == 1000
    assert used(coupon) == 0
    place_order(goods.variant, coupon="NO-SUCH-CODE")
    assert_sound()


def test_what_costs_nothing_is_paid_at_once(app):
    goods = store_with_goods()
    coupon = make_coupon(goods.store_id, kind="percentage", value=10_000)
    placed = place_order({goods.variant: 2}, coupon=coupon_code(coupon))
    row = order(placed.order)
    assert (row.total_minor, row.payment_state, row.expires_at) == (0, "paid", None)
    assert queries.due_for_expiry(at=clock.now() + timedelta(days=9)) == []
    assert_sound()


def test_cash_on_delivery_never_expires(app):
    goods = store_with_goods()
    placed = place_order(goods.variant, method="cod")
    assert order(placed.order).expires_at is None
    assert queries.due_for_expiry(at=clock.now() + timedelta(days=9)) == []
    assert not queries.awaits_payment(placed.token)


def test_an_order_keeps_what_was_bought_as_it_was(app):
    goods = store_with_goods(
        product={"variants": [VariantData(price_minor=1000, sku="GAIWAN-1")]},
    )
    placed = place_order(goods.variant)
    with transaction():
        prices.set_price(goods.variant, 9999)
        products.set_status(goods.products[0].id, "archived")
    view = queries.order_page(placed.number, "zh")
    assert view.lines[0].title.endswith("（中文）")
    assert (view.lines[0].sku, view.lines[0].total_minor) == ("GAIWAN-1", 1000)
    assert view.contact.city == "杭州市"
    assert [event.kind for event in view.timeline] == ["placed"]


def test_an_order_is_found_by_number_and_contact_only(app):
    goods = store_with_goods()
    who = contact(email="Lin@Example.com", phone="138 0013 8000")
    placed = place_order(goods.variant, contact=who)
    typed = placed.number.lower().replace("-", " ")
    for known in ("lin@example.com", " LIN@example.com ", "13800138000", "+86 138 0013 8000"):
        assert queries.find(typed, known) == placed.number, known
    for unknown in ("", " ", "other@example.com", "13800138001", "%"):
        assert queries.find(placed.number, unknown) is None, unknown
    assert queries.find("260101-AAAAAA", "lin@example.com") is None
    assert queries.find("", "") is None
