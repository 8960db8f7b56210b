"""`flask doctor`: every planted difference is found, with its id, and the exit code says so."""

import pytest
from sqlalchemy import text

from shop.campaigns.models import Coupon
from shop.cart.owner import Owner
from shop.cli.doctor import CHECKS
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.membership import services as membership
from shop.order import adoption
from shop.payment import settlement
from shop.review import services as reviews
from tests.factories.campaigns import make_coupon
from tests.factories.orders import (
    begin_payment,
    lines_of,
    paid_order,
    place_order,
    received_order,
    ship,
    store_with_goods,
)
from tests.factories.users import make_user


@pytest.fixture
def run(app):
    def invoke(*arguments):
        result = app.test_cli_runner().invoke(args=arguments)
        db.session.rollback()
        return result

    return invoke


@pytest.fixture
def shop(app):
    """Something of everything; the ids that the sentences must name."""
    goods = store_with_goods(stock=50, flat_delivery_minor=300)
    with transaction():
        for rank, (spend, name) in enumerate(((0, "Leaf"), (10**9, "Tree"))):
            membership.create_level(
                goods.store_id, {"en": name}, rank=rank, spend_from_minor=spend, discount_bp=rank
            )
        inventory.set_threshold(goods.variant, goods.location_id, 2)
    coupon = make_coupon(goods.store_id, value=100, total_limit=5, per_user_limit=None)
    buyer = Owner(user_id=make_user().id)
    code = db.session.get_one(Coupon, coupon).code
    received = received_order({goods.variant: 2}, owner=buyer, coupon=code)
    line = lines_of(received.order)[0].public_id
    with transaction():
        review = reviews.post(
            received.order,
            line,
            stars=4,
            title="",
            text="",
            locale="en",
            author="Lin",
            user_id=buyer.user_id,
        )
    with transaction():
        reviews.set_state(review, "published", store_ids=[goods.store_id])
    unpaid = place_order({goods.variant: 3}, coupon=code)
    begin_payment(unpaid)
    cancelled = paid_order(goods.variant)
    with transaction():
        settlement.cancel_order(cancelled.order, reason="x", actor="u:1")
    return {
        "received": received,
        "unpaid": unpaid,
        "cancelled": cancelled,
        "goods": goods,
        "level": one("SELECT id FROM stock_level"),
        "line": lines_of(received.order)[0].id,
        "open_line": lines_of(unpaid.order)[0].id,
        "coupon": coupon,
        "membership": one("SELECT id FROM membership"),
        "tree": one("SELECT id FROM level WHERE rank = 1"),
        "attempt": one("SELECT id FROM payment WHERE state = 'pending'"),
        "allocation": one(
            "SELECT id FROM payment_allocation WHERE order_id = :order", order=received.order
        ),
        "redemption": one("SELECT min(id) FROM redemption"),
        "now": clock.now().strftime("%Y-%m-%d %H:%M:%S"),
    }


def one(statement, **values):
    found = db.session.execute(text(statement), values).scalar_one()
    db.session.rollback()
    return found


def plant(*statements):
    """As a hand in the database would; constraints and triggers hold for it, too."""
    with transaction():
        for statement in statements:
            db.session.execute(text(statement))


def test_a_sound_shop(shop, run):
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert result.output.count("✓") == len(CHECKS)
    assert run("doctor", "--quiet").output == ""
    assert run("stock", "verify").output == "Every level equals its ledger.\n"


def test_an_empty_shop(app, run):
    assert run("doctor").exit_code == 0


PLANTED = {
    "on hand": (
        "UPDATE stock_level SET on_hand = on_hand + 1",
        "stock_level {level}: on hand 49, movements of variant {goods.variant}",
    ),
    "reserved": (
        "UPDATE stock_level SET reserved = reserved + 1",
        "stock_level {level}: reserved 4, open reservations",
    ),
    "a movement": (
        "INSERT INTO stock_movement (at, variant_id, location_id, kind, quantity, balance, reason, "
        "source, actor) SELECT at, variant_id, location_id, 'received', 5, 55, '', '', '' "
        "FROM stock_movement ORDER BY id LIMIT 1",
        "stock_level {level}: on hand 48, movements",
    ),
    "a reservation": (
        "UPDATE reservation SET quantity = quantity + 1 WHERE state = 'open'",
        "order_line {open_line}: 4 units reserved, 3 still to be shipped",
    ),
    "items": (
        'UPDATE "order" SET items_minor = items_minor + 1, delivery_minor = delivery_minor - 1 '
        "WHERE id = {unpaid.order}",
        "order {unpaid.order} ({unpaid.number}): items 3001, lines sum to 3000",
    ),
    "a discount": (
        'UPDATE "order" SET discount_minor = discount_minor - 1, delivery_minor = delivery_minor + 1 '
        "WHERE id = {unpaid.order}",
        "order {unpaid.order} ({unpaid.number}): discount -101, adjustments sum to -100",
    ),
    "a line's discount": (
        "UPDATE order_line SET discount_minor = -7 WHERE id = {line}",
        "order_line {line}: discount -7, adjustments sum to -100",
    ),
    "a checkout": (
        "UPDATE checkout SET total_minor = 1 WHERE id = {unpaid.checkout_id}",
        "checkout {unpaid.checkout_id}: total 1, orders sum to 3200",
    ),
    "a parcel": (
        "UPDATE shipment_line SET quantity = 1",
        "order_line {line}: shipped 2, shipments sum to 1",
    ),
    "a shipping state": (
        "UPDATE \"order\" SET shipping_state = 'shipped' WHERE id = {unpaid.order}",
        "order {unpaid.order} ({unpaid.number}): shipped, yet 3 units are still to be shipped",
    ),
    "a cancelled order": (
        "UPDATE order_line SET cancelled = 0 WHERE order_id = {cancelled.order}",
        "order {cancelled.order} ({cancelled.number}): cancelled, yet 1 units are not",
    ),
    "a payment": (
        "UPDATE payment SET amount_minor = amount_minor + 1 WHERE id = {attempt}",
        "payment {attempt}: amount 3201, shares sum to 3200",
    ),
    "a share": (
        "UPDATE payment_allocation SET refunded_minor = 5 WHERE id = {allocation}",
        "payment_allocation {allocation}: refunded 5, refunds sum to 0",
    ),
    "a payment without an event": (
        "UPDATE payment SET state = 'paid' WHERE id = {attempt}",
        "payment {attempt}: paid, yet no event says so",
    ),
    "a payment state": (
        "UPDATE \"order\" SET payment_state = 'paid' WHERE id = {unpaid.order}",
        "order {unpaid.order} ({unpaid.number}): payment state paid, but paid 0",
    ),
    "a refund": (
        "UPDATE refund SET state = 'done' WHERE order_id = {cancelled.order}",
        "order {cancelled.order} ({cancelled.number}): payment state paid, but paid 1300 and "
        "refunded 1300",
    ),
    "what a member spent": (
        "UPDATE membership SET spent_minor = spent_minor + 1",
        "membership {membership}: spent 2201, orders say 2200",
    ),
    "a member's level": (
        "UPDATE membership SET level_id = {tree}",
        "membership {membership}: level {tree}, but",
    ),
    "a coupon": (
        "UPDATE coupon SET used = used + 1",
        "coupon {coupon}: counts 3 uses, but 2 redemptions stand",
    ),
    "a coupon's customer": (
        "UPDATE coupon_use SET used = used + 1 WHERE customer_key LIKE 'u:%'",
        "coupon {coupon}: counts 2 uses of customer u:",
    ),
    "a redemption": (
        "UPDATE redemption SET amount_minor = 99 WHERE id = {redemption}",
        "redemption {redemption}: 99, but its shares sum to 100",
    ),
    "a share of a redemption": (
        "UPDATE redemption_share SET released_at = '{now}' WHERE redemption_id = {redemption}",
        "redemption {redemption}: 0 orders hold it, but its use was not given back",
    ),
    "a rating": (
        "UPDATE listing_row SET rating_sum = 5",
        "listing_row of product {goods.products[0].id}: 1 ratings summing to 5, published reviews "
        "are 1 summing to 4",
    ),
    "a tracked parcel": (
        "UPDATE shipment SET state = 'in_transit'",
        ": in_transit, but its events mean sent",
    ),
    "a date of receipt": (
        'UPDATE "order" SET auto_receive_at = placed_at WHERE id = {unpaid.order}',
        "order {unpaid.order} ({unpaid.number}): has a date of receipt, yet is not shipped whole",
    ),
    "a review": (
        "UPDATE review SET state = 'hidden'",
        "listing_row of product {goods.products[0].id}: 1 ratings",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_difference(shop, run, what):
    statement, sentence = PLANTED[what]
    plant(statement.format(**shop))
    result = run("doctor")
    assert result.exit_code == 1
    assert sentence.format(**shop) in result.output
    quiet = run("doctor", "--quiet")
    assert quiet.exit_code == 1
    assert "✓" not in quiet.output


@pytest.mark.parametrize("what", ("on hand", "reserved", "a movement"))
def test_stock_verify_finds_the_same(shop, run, what):
    statement, sentence = PLANTED[what]
    plant(statement.format(**shop))
    result = run("stock", "verify")
    assert result.exit_code == 1
    assert sentence.format(**shop) in result.output


def test_an_adopted_order_counts_for_its_buyers_membership(app, run):
    goods = store_with_goods()
    placed = paid_order({goods.variant: 2})
    ship(placed.order)
    buyer = make_user()
    with transaction():
        assert adoption.adopt(placed.token, buyer.id) == 1
    other = make_user()
    with transaction():
        assert adoption.adopt(placed.token, other.id) == 0
    assert one("SELECT spent_minor FROM membership") == 2000
    assert run("doctor").exit_code == 0


def test_counters_are_set_to_their_ledgers_and_nothing_else(shop, run):
    plant(
        "UPDATE stock_level SET on_hand = on_hand + 1, reserved = reserved + 2",
        "UPDATE coupon SET used = used + 1",
        "UPDATE listing_row SET sales = sales + 3, rating_sum = rating_sum + 1",
        "UPDATE review SET helpful = 4",
        "UPDATE payment_allocation SET refunded_minor = refunded_minor + 1 "
        f"WHERE id = {shop['allocation']}",
        f"UPDATE \"order\" SET payment_state = 'partly_paid' WHERE id = {shop['received'].order}",
        f"UPDATE membership SET spent_minor = spent_minor + 5, level_id = {shop['tree']}",
    )
    said = run("doctor", "--repair")
    assert said.exit_code == 1
    assert f"would set stock_level id={shop['level']}: on_hand" in said.output
    assert one("SELECT used FROM coupon") == 3
    said = run("doctor", "--repair", "--yes")
    assert said.exit_code == 0, said.output
    assert said.output.count("    set: ") == 10
    assert one("SELECT count(*) FROM audit_entry WHERE action = 'doctor.repair'") == 10
    assert "0 counters set." in run("doctor", "--repair", "--yes").output
    assert run("doctor", "--yes").exit_code == 2


def test_what_no_ledger_decides_stays(shop, run):
    plant("UPDATE checkout SET total_minor = total_minor + 1")
    said = run("doctor", "--repair", "--yes")
    assert said.exit_code == 1
    assert "checkout" in said.output
