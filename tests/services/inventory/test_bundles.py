"""Bundles: composed of parts of one store, available as the scarcest allows, moving their parts' stock."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shop.catalog import listing
from shop.catalog.models import ListingRow, Variant
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.inventory import bundles
from shop.inventory import services as inventory
from shop.order import cancellation, queries
from shop.payment import refunds
from tests.factories.catalog import make_product
from tests.factories.orders import (
    assert_sound,
    available,
    lines_of,
    paid_order,
    place_order,
    restock,
    ship,
    store_with_goods,
)
from tests.support.sizes import SIZES


@pytest.fixture
def tea_set(app):
    """A store of a pot (4 of it), cups (10) and a set of one pot and two cups."""
    goods = store_with_goods(products=3, stock=None, price_minor=1000)
    pot, cup, bundle = goods.variants
    with transaction():
        for variant, units in ((pot, 4), (cup, 10)):
            db.session.get_one(Variant, variant).tracked = True
            db.session.flush()
            inventory.receive(variant, goods.location_id, units, actor="test")
    compose(bundle, pot, 1)
    compose(bundle, cup, 2)
    return goods


def compose(bundle, part, quantity):
    with transaction():
        bundles.set_part(bundle, part, quantity)


def listed(product):
    db.session.rollback()
    return db.session.scalar(select(ListingRow.available).where(ListingRow.product_id == product))


def refund(placed, units, restock_lines=()):
    line = lines_of(placed.order)[0].public_id
    with transaction():
        refunds.request(
            placed.order,
            {line: units},
            include_delivery=False,
            restock=[line] if restock_lines else [],
            reason="other",
            note="",
            actor="u:1",
            key=f"the-refund-{placed.number}-{units}-{bool(restock_lines)}",
        )


def test_a_bundle_moves_the_stock_of_its_parts(tea_set):
    pot, cup, bundle = tea_set.variants
    assert available(bundle) == 4
    placed = place_order({bundle: 3})
    assert (available(bundle), available(pot), available(cup)) == (1, 1, 4)
    (line,) = queries.order_page(placed.number, "en").lines
    assert [part.quantity for part in line.parts] == [1, 2]
    with pytest.raises(Conflict, match="stock-short"):
        place_order({bundle: 2})
    with transaction():
        cancellation.cancel(placed.order, reason="x", actor="u:1")
    assert (available(pot), available(cup)) == (4, 10)
    paid = paid_order({bundle: 3})
    compose(bundle, cup, 5)  # what was bought stays what it was
    refund(paid, 1)
    assert (available(pot), available(cup)) == (2, 6)
    ship(paid.order)
    refund(paid, 1, restock_lines=True)
    assert (available(pot), available(cup)) == (3, 8)
    assert_sound()


def test_the_listing_follows_the_parts_in_the_same_transaction(tea_set):
    pot, cup, bundle = tea_set.variants
    product = tea_set.products[2].id
    assert listed(product) is True
    placed = place_order({cup: 9})
    assert listed(product) is False
    with transaction():
        listing.refresh_listing(product)
    assert listed(product) is False
    with transaction():
        cancellation.cancel(placed.order, reason="x", actor="u:1")
    assert listed(product) is True
    for part in (pot, cup):
        compose(bundle, part, 0)
    assert listed(product) is False  # its stock is counted again, from nothing
    assert available(bundle) == 0
    assert_sound()


def test_what_cannot_be_a_part_is_refused(tea_set):
    pot, cup, bundle = tea_set.variants
    more = make_product(tea_set.store_id).variants[0]
    digital = make_product(tea_set.store_id, kind="service").variants[0]
    for whole, part, quantity, reason in (
        (bundle, pot, 1000, "bundle-quantity"),
        (bundle, bundle, 1, "bundle-itself"),
        (more, bundle, 1, "bundle-in-bundle"),
        (cup, more, 1, "bundle-in-bundle"),
        (bundle, digital, 1, "bundle-kind"),
    ):
        with pytest.raises(Invalid, match=reason):
            compose(whole, part, quantity)
    with pytest.raises(NotFound, match="part-unknown"):
        compose(bundle, store_with_goods().variant, 1)
    kept = make_product(tea_set.store_id).variants[0]
    restock(tea_set, kept, 1)
    with pytest.raises(Conflict, match="bundle-has-stock"):
        compose(kept, pot, 1)


@pytest.mark.soak
@settings(max_examples=max(6, SIZES.sequences // 5), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_sequence_of_verbs_oversells_a_part(app, data):
    goods = store_with_goods(products=3, stock=None)
    first, second, bundle = goods.variants
    with transaction():
        for variant in (first, second):
            db.session.get_one(Variant, variant).tracked = True
            db.session.flush()
            inventory.receive(
                variant, goods.location_id, data.draw(st.integers(1, 9)), actor="test"
            )
    for part in (first, second):
        compose(bundle, part, data.draw(st.integers(1, 3)))
    placed = []
    for _ in range(data.draw(st.integers(1, 6))):
        verb = data.draw(st.sampled_from(("buy", "buy-part", "cancel", "ship", "compose")))
        try:
            if verb.startswith("buy"):
                what = bundle if verb == "buy" else first
                placed.append(paid_order({what: data.draw(st.integers(1, 3))}))
            elif verb == "compose":
                compose(bundle, second, data.draw(st.integers(1, 3)))
            elif placed and verb == "ship":
                ship(placed.pop().order)
            elif placed:
                refund(placed.pop(), 1)
        except Conflict:
            continue
    assert_sound()
