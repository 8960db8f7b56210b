"""Carts: adding, changing, limits, coupons, and a guest's cart joining a user's."""

import pytest

from shop.cart import queries, services
from shop.cart.owner import Owner
from shop.catalog import prices, products
from shop.catalog.data import VariantData
from shop.core import clock
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from tests.factories.catalog import options
from tests.factories.orders import (
    available,
    fill_cart,
    guest,
    place_order,
    restock,
    store_with_goods,
)
from tests.factories.users import make_user


def view(owner):
    return queries.view(owner, "en", clock.now())


def quantities(owner):
    return {
        line.info.variant_id: line.quantity for part in view(owner).parts for line in part.lines
    }


def line_of(owner):
    return view(owner).parts[0].lines[0]


def in_sizes(many):
    """One product in `many` sizes, of which no stock is kept."""
    sizes = [f"s{n}" for n in range(many)]
    made = [VariantData(price_minor=1000, values=[size], tracked=False) for size in sizes]
    return store_with_goods(stock=None, product={"options": options(Size=sizes), "variants": made})


def test_adding_the_same_thing_again_sums_up(app):
    goods, owner = store_with_goods(), guest()
    with transaction():
        first = services.add(owner, goods.variant, 2)
    with transaction():
        assert services.add(owner, goods.variant, 3) == first
    assert quantities(owner) == {goods.variant: 5}
    assert queries.count(owner) == 5
    assert view(owner).parts[0].quote.total_minor == 5000


@pytest.mark.parametrize("quantity", (0, -1, 1000, 2**31, 2**63))
def test_a_quantity_out_of_range_is_refused(app, quantity):
    goods, owner = store_with_goods(stock=None), guest()
    with pytest.raises(Invalid, match="quantity-out-of-range"), transaction():
        services.add(owner, goods.variant, quantity)
    fill_cart(owner, goods.variant)
    line = line_of(owner).public_id
    with pytest.raises(Invalid, match="quantity-out-of-range"), transaction():
        services.change(owner, line, quantity)
    assert quantities(owner) == {goods.variant: 1}


def test_a_line_stops_at_its_limit(app):
    goods, owner = store_with_goods(stock=None), guest()
    fill_cart(owner, {goods.variant: 990})
    fill_cart(owner, {goods.variant: 990})
    assert quantities(owner) == {goods.variant: 999}


def test_more_than_there_is_is_refused_with_what_is_left(app):
    goods, owner = store_with_goods(stock=4), guest()
    fill_cart(owner, {goods.variant: 3})
    with pytest.raises(Conflict, match="stock-short") as refused, transaction():
        services.add(owner, goods.variant, 2)
    assert refused.value.params == {"available": 4, "held": 3}
    with pytest.raises(Conflict, match="stock-short"), transaction():
        services.change(owner, line_of(owner).public_id, 5)
    with transaction():
        services.change(owner, line_of(owner).public_id, 4)
    assert quantities(owner) == {goods.variant: 4}


def test_a_line_that_others_bought_up_can_be_lessened(app):
    goods, owner = store_with_goods(stock=5), guest()
    fill_cart(owner, {goods.variant: 5})
    place_order({goods.variant: 4})
    line = line_of(owner)
    assert (line.problem, line.blocks, line.available) == ("stock-short", True, 1)
    assert not view(owner).parts[0].ready
    with transaction():
        services.change(owner, line.public_id, 1)
    assert view(owner).parts[0].ready


def test_a_sold_out_line_costs_nothing_and_says_so(app):
    goods, owner = store_with_goods(stock=1, products=2), guest()
    fill_cart(owner, {goods.variants[0]: 1, goods.variants[1]: 1})
    place_order(goods.variants[0])
    part = view(owner).parts[0]
    assert [line.problem for line in part.lines] == ["sold-out", ""]
    assert part.quote.total_minor == 1000


def test_a_cart_is_full_at_a_hundred_lines(app):
    goods, owner = in_sizes(101), guest()
    fill_cart(owner, dict.fromkeys(goods.variants[:100], 1))
    with pytest.raises(Conflict, match="cart-full"), transaction():
        services.add(owner, goods.variants[100], 1)
    fill_cart(owner, goods.variants[0])  # what is in it may still grow
    assert queries.count(owner) == 101


def test_what_is_not_on_sale_cannot_be_added(app):
    goods, owner = store_with_goods(), guest()
    with transaction():
        products.set_status(goods.products[0].id, "draft")
    for variant in (goods.variant, 2**31, 0):
        with pytest.raises(NotFound, match="variant-not-sold"), transaction():
            services.add(owner, variant, 1)
    assert view(owner).empty


def test_goods_withdrawn_from_a_cart_block_it(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    with transaction():
        products.set_status(goods.products[0].id, "archived")
    assert line_of(owner).problem == "gone"
    assert view(owner).parts[0].quote.total_minor == 0


def test_a_changed_price_is_said_until_it_is_seen(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant)
    with transaction():
        prices.set_price(goods.variant, 1200, None)
    assert line_of(owner).problem == "price-changed"
    assert view(owner).parts[0].quote.total_minor == 1200
    with transaction():
        services.accept_prices(owner)
    assert line_of(owner).problem == ""


def test_a_line_left_in_the_cart_is_not_priced(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, {goods.variant: 2})
    line = line_of(owner).public_id
    with transaction():
        services.select_line(owner, line, False)
    part = view(owner).parts[0]
    assert part.quote.total_minor == 0
    assert not part.ready


def test_a_removed_line_can_be_put_back(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, {goods.variant: 2})
    with transaction():
        removed = services.remove(owner, line_of(owner).public_id)
    assert removed == (goods.variant, 2)
    assert view(owner).empty


def test_nobody_changes_anothers_line(app):
    goods, owner, other = store_with_goods(), guest(), guest()
    fill_cart(owner, goods.variant)
    fill_cart(other, goods.variant)
    line = line_of(owner).public_id
    for stranger in (other, guest(), Owner()):
        for act in (
            lambda who: services.change(who, line, 3),
            lambda who: services.remove(who, line),
            lambda who: services.select_line(who, line, False),
        ):
            with pytest.raises(NotFound, match="cart-line-missing"), transaction():
                act(stranger)
    assert quantities(owner) == {goods.variant: 1}


def test_nobody_has_no_cart(app):
    goods = store_with_goods()
    with pytest.raises(Invalid, match="cart-owner-missing"), transaction():
        services.add(Owner(), goods.variant, 1)
    assert queries.count(Owner()) == 0
    assert view(Owner()).empty


def test_at_sign_in_the_larger_quantity_stays(app):
    goods, token = store_with_goods(products=3), guest()
    both, only_guest, only_user = goods.variants
    user = Owner(user_id=make_user().id)
    fill_cart(token, {both: 2, only_guest: 1}, coupon="WELCOME")
    fill_cart(user, {both: 3, only_user: 1})
    for _ in range(2):  # a second sign-in finds nothing to join
        with transaction():
            services.merge(token.token, user.user_id)
    assert quantities(user) == {both: 3, only_guest: 1, only_user: 1}
    assert view(user).coupon_code == "WELCOME"
    assert view(token).empty


def test_a_users_own_coupon_outlives_the_guests(app):
    goods, token = store_with_goods(), guest()
    user = Owner(user_id=make_user().id)
    fill_cart(token, goods.variant, coupon="GUEST")
    fill_cart(user, goods.variant, coupon="MINE")
    with transaction():
        services.merge(token.token, user.user_id)
    assert view(user).coupon_code == "MINE"


def test_a_merged_cart_stays_within_its_lines(app):
    goods, token = in_sizes(101), guest()
    user = Owner(user_id=make_user().id)
    fill_cart(user, dict.fromkeys(goods.variants[:100], 1))
    fill_cart(token, {goods.variants[0]: 5, goods.variants[100]: 1})
    with transaction():
        services.merge(token.token, user.user_id)
    assert len(quantities(user)) == 100
    assert quantities(user)[goods.variants[0]] == 5


def test_two_stores_and_two_currencies(app):
    tea, paper = store_with_goods(), store_with_goods(price_minor=500)
    dollars = store_with_goods(currency="USD", price_minor=300)
    owner = guest()
    fill_cart(owner, {tea.variant: 1, paper.variant: 2, dollars.variant: 1})
    parts = view(owner).parts
    assert [part.currency for part in parts] == ["CNY", "USD"]
    assert [store.store.id for store in parts[0].stores] == [tea.store_id, paper.store_id]
    assert [part.quote.total_minor for part in parts] == [2000, 300]


def test_a_coupon_is_remembered_and_forgotten(app):
    goods, owner = store_with_goods(), guest()
    fill_cart(owner, goods.variant, coupon="  SPRING  ")
    assert view(owner).coupon_code == "SPRING"
    assert view(owner).parts[0].quote.coupon.problem.code == "coupon-unknown"
    with transaction():
        services.set_coupon(owner, None)
    assert view(owner).coupon_code == ""
    with pytest.raises(Invalid, match="coupon-unknown"), transaction():
        services.set_coupon(owner, "X" * 41)


def test_a_cart_runs_a_fixed_number_of_statements(app, statements):
    small, large = guest(), guest()
    one, many = store_with_goods(), store_with_goods(products=12)
    fill_cart(small, one.variant)
    fill_cart(large, dict.fromkeys(many.variants, 1))
    counted = []
    for owner in (small, large):
        statements.clear()
        view(owner)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 14


def test_restocked_goods_can_be_added_again(app):
    goods = store_with_goods(stock=1)
    place_order(goods.variant)
    assert available(goods.variant) == 0
    with pytest.raises(Conflict, match="stock-short"), transaction():
        services.add(guest(), goods.variant, 1)
    restock(goods, goods.variant, 2)
    fill_cart(guest(), {goods.variant: 2})


def test_goods_without_stock_keeping_have_no_limit_but_the_lines(app):
    goods, owner = store_with_goods(stock=None, kind="service"), guest()
    fill_cart(owner, {goods.variant: 999})
    assert line_of(owner).available is None
    assert not view(owner).parts[0].needs_delivery
