"""What is somebody else's does not exist. The addresses come from the URL map, so that a new one is
covered by itself."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from shop.account import addresses, sessions
from shop.account.addresses import AddressData
from shop.cart.models import CartLine
from shop.core.db import db
from shop.core.transaction import transaction
from shop.web.ui import photo_choice
from tests.factories import orders as made
from tests.factories.orders import Owner
from tests.factories.transfers import make_proof, transfer_order
from tests.factories.uploads import stored_photo
from tests.factories.users import make_user
from tests.web.order.conftest import put

BLUEPRINTS = ("order", "cart", "account")
OPEN = {
    "order.confirmation",  # the token is the buyer's secret: another one leads to the search
    "order.fetch",  # so is this one: what was not signed here is 404
    "account.reset",
    "account.confirm",
    "account.unsubscribe",  # the signed link of a mail, as good as its reader
}


def rules(app: Flask) -> list[Rule]:
    """Every address of these blueprints that names something."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in BLUEPRINTS
        and rule.arguments - {"lang"}
        and rule.endpoint not in OPEN
    ]


@pytest.fixture
def theirs(goods) -> dict[str, str]:
    """Names of things that belong to somebody: an order, its line, a line in a cart, an address,
    a session."""
    other = make_user()
    owner = Owner(user_id=other.id)
    placed = made.received_order(goods.variant, owner=owner)
    proof = make_proof(transfer_order(goods.variants[1], owner=owner)[0].order)
    made.fill_cart(owner, goods.variants[1])
    with transaction():
        address = addresses.add(
            other.id, AddressData("Lin", "Road 1", phone="13800001234")
        ).public_id
        session = sessions.create(other.id).public_id
    order_line = made.lines_of(placed.order)[0].public_id
    cart_line = db.session.scalar(select(CartLine.public_id))
    return {
        "number": placed.number,
        "return_id": made.request_return(placed.order),
        "word": photo_choice.sign(f"return-photo:{placed.number}", stored_photo()),
        "proof": proof,
        "order_line": order_line,
        "cart_line": str(cart_line),
        "address_id": address,
        "session_id": session,
    }


def filled(rule: Rule, theirs: dict[str, str]) -> str:
    """The address of somebody's thing."""
    names = theirs | {"lang": "en"}
    names["line"] = theirs["cart_line" if rule.endpoint.startswith("cart.") else "order_line"]
    unknown = rule.arguments - set(names)
    assert not unknown, f"{rule.rule}: say in this test whose {unknown} it is"
    path = rule.rule.replace("<any(en, zh):lang>", "en")
    for name in rule.arguments - {"lang"}:
        path = path.replace(f"<{name}>", names[name])
    assert "<" not in path, rule.rule
    return path


def test_another_shopper_finds_nothing(app, client, enter, person, goods, theirs):
    browser = enter(person.username)
    put(browser, goods.variant)
    put(client, goods.variant)  # a guest with a cart of their own
    walked = 0
    for rule in rules(app):
        for method in (rule.methods or set()) & {"GET", "POST"}:
            path = filled(rule, theirs)
            data = {"quantity": "1", "selected": "1", "stars": "5"} if method == "POST" else None
            answer = browser.open(path, method=method, data=data)
            assert answer.status_code == 404, (method, path)
            guest = client.open(path, method=method, data=data)
            to_the_door = guest.headers.get("Location", "").startswith("/en/sign-in")
            assert guest.status_code == 404 or to_the_door, (method, path)
            walked += 1
    assert walked >= 12


def test_nothing_of_theirs_has_changed(app, client, enter, person, goods, theirs):
    browser = enter(person.username)
    for rule in rules(app):
        if "POST" in (rule.methods or set()):
            browser.post(filled(rule, theirs), data={"quantity": "7"})
    db.session.rollback()
    assert db.session.scalar(select(CartLine.quantity)) == 1
    assert db.session.scalar(select(CartLine.public_id)) == theirs["cart_line"]
