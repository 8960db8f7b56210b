"""The pages of orders run at most 12 statements, whatever an order went through."""

import pytest

from shop.cart.owner import Owner
from shop.catalog.data import VariantData
from shop.core.transaction import transaction
from shop.documents import services as documents
from shop.order import timeline
from shop.store import services as stores
from tests.factories.catalog import make_product
from tests.factories.orders import (
    Goods,
    Placed,
    approve,
    inspect,
    lines_of,
    paid_order,
    receive,
    request_return,
    send_back,
    ship,
    store_with_goods,
)
from tests.factories.users import make_user
from tests.web.furnished import browser_of

MOST = 12


@pytest.fixture
def goods(app) -> Goods:
    return store_with_goods(products=3, stock=40, flat_delivery_minor=800)


def eventful(goods: Goods, owner: Owner) -> Placed:
    """An order of goods, files and visits with papers, notes, three parcels, a refund and two returns."""
    uncounted = [VariantData(price_minor=500, tracked=False)]
    others = [
        make_product(goods.store_id, kind=kind, digital_name=name, variants=uncounted).variants[0]
        for kind, name in (("digital", "paper.pdf"), ("service", None))
    ]
    wanted = dict.fromkeys([*goods.variants, *others], 2)
    placed = paid_order(wanted, owner=owner)
    with transaction():
        documents.issue(placed.order, actor="system")
        timeline.note(placed.order, "note", actor="u:1", text="Wrap it well")
    for line in lines_of(placed.order)[:2]:
        ship(placed.order, quantities={line.public_id: 1})
    ship(placed.order)
    receive(placed.order)
    back = request_return(placed.order)
    approve(back)
    send_back(placed.order, back)
    inspect(back, restock=[])
    return placed


def test_pages_of_orders_run_few_statements(app, goods, statements):
    shopper, merchant = make_user(), make_user()
    with transaction():
        stores.add_staff(goods.store_id, merchant.id, "owner")
    owner = Owner(user_id=shopper.id)
    placed = eventful(goods, owner)
    coming = request_return(placed.order)
    approve(coming)
    send_back(placed.order, coming)
    waiting = paid_order(dict.fromkeys(goods.variants, 2), owner=owner)
    ship(waiting.order, quantities={lines_of(waiting.order)[0].public_id: 1})
    app.test_client().get("/en/")  # the first to come reads what is kept for those who follow
    pages = {
        shopper: [
            f"/en/orders/{placed.number}",
            f"/en/orders/{waiting.number}",
            f"/en/orders/{placed.number}/returns",
            f"/en/checkout/{placed.token}",
            "/en/account/orders",
            "/en/account",
        ],
        merchant: [
            "/en/admin",
            "/en/admin/orders",
            f"/en/admin/orders/{placed.number}",
            f"/en/admin/orders/{waiting.number}?view=to-ship",
            f"/en/admin/orders/{placed.number}/refund?all=1",
            "/en/admin/returns?view=in_transit",
            f"/en/admin/returns/{coming}",
        ],
    }
    counted = {}
    for person, addresses in pages.items():
        browser = browser_of(app, person)
        for address in addresses:
            statements.clear()
            assert browser.get(address).status_code == 200, address
            counted[address] = len(statements)
    assert {address: many for address, many in counted.items() if many > MOST} == {}
