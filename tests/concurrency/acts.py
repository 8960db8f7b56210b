"""What a process of the herd does: a form sent to the shop, or the services that the pages call."""

from datetime import timedelta
from typing import Any

from flask import current_app
from flask.testing import FlaskClient

from shop.campaigns import services as campaigns
from shop.cart import services as cart
from shop.cart.owner import Owner
from shop.core.transaction import transaction
from shop.documents import services as documents
from shop.inventory import services as stock
from shop.inventory import transfers
from shop.inventory.transfers import Arrived
from shop.order import cancellation, codes, shipping
from shop.order.checkout import Contact, Submission
from shop.payment import attempts, intake, refund_answers, refunds, settlement
from shop.payment.placing import place as place_cart
from shop.payment.states import RefundState
from tests.support.client import ShopClient

Cookies = dict[str, str]


def post(path: str, data: dict[str, str], cookies: Cookies) -> tuple[int, str]:
    """Send a form as the browser with these cookies does: the answer's status, and where it leads."""
    answer = _browser(cookies).post(path, data=data)
    return answer.status_code, answer.headers.get("Location", "")


def look(path: str, cookies: Cookies, **_form: Any) -> None:
    """Open the page that a form is on: what can be rehearsed of ``post``, which commits by itself."""
    _browser(cookies).get(path)


REHEARSALS = {"post": "look"}


def _browser(cookies: Cookies) -> FlaskClient:
    current_app.test_client_class = ShopClient
    browser = current_app.test_client()
    for name, value in cookies.items():
        browser.set_cookie(name, value)
    return browser


def place(owner: dict[str, Any], form: dict[str, Any], key: str) -> str:
    """Send a checkout form."""
    submission = Submission(**(form | {"contact": Contact(**form["contact"])}))
    with transaction():
        return place_cart(Owner(**owner), submission, key=key, expires_after=timedelta(minutes=30))


def add(owner: dict[str, Any], variant: int, quantity: int) -> None:
    """Put something into a cart."""
    with transaction():
        cart.add(Owner(**owner), variant, quantity)


def merge(token: str, user_id: int) -> None:
    """A guest signs in."""
    with transaction():
        cart.merge(token, user_id)


def redeem(coupon: int, checkout: int, order: int, keys: list[str]) -> None:
    """Use a coupon."""
    with transaction():
        campaigns.redeem(coupon, checkout, keys, 500, {order: 500})


def paid(news: dict[str, Any]) -> bool:
    """The provider says that an attempt was paid."""
    with transaction():
        return intake.paid(intake.Paid(**news), actor="provider:alipay")


def begin(checkout: int) -> int:
    """Open an attempt to pay."""
    with transaction():
        return attempts.begin(checkout, "alipay").payment_id


def cancel(order: int) -> list[str]:
    """Cancel an order."""
    with transaction():
        return settlement.cancel_order(order, reason="by-customer", actor="guest")


def expire(order: int) -> bool:
    """End an order whose time is over."""
    with transaction():
        return cancellation.expire(order)


def refund(order: int, quantities: dict[str, int], key: str, delivery: bool = False) -> str:
    """Ask for a refund of some units."""
    with transaction():
        return refunds.request(
            order,
            quantities,
            include_delivery=delivery,
            restock=list(quantities),
            reason="other",
            note="",
            actor="u:1",
            key=key,
        )


def bill(order: int) -> str:
    """Issue the invoice of an order."""
    with transaction():
        return documents.issue(order, actor="u:1").label


def submit(refund_id: int) -> bool:
    """Take a refund to the provider; whether it was ours to take."""
    with transaction():
        work = refund_answers.claim(refund_id)
    if work is None:
        return False
    with transaction():
        refund_answers.answered(refund_id, RefundState.DONE)
    return True


def ship(order: int) -> None:
    """Send all that is left."""
    with transaction():
        shipping.ship(order, carrier="SF", tracking_number="SF1", actor="u:1")


def redeem_code(code: str, store: int, user: int) -> str:
    """Redeem a service's code at the counter."""
    with transaction():
        return codes.redeem(code, [store], user_id=user, actor=f"u:{user}").number


def arrive(store_id: int, key: str, variants: list[int]) -> None:
    """Two units of each variant of a transfer arrive."""
    with transaction():
        came = {variant: Arrived(2) for variant in variants}
        transfers.receive(store_id, key, came, reason="", actor="test")


def count(variant: int, location: int, units: int) -> None:
    """So many were found."""
    with transaction():
        stock.set_on_hand(variant, location, units, reason="counted", actor="test")
