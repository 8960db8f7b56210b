"""An Alipay account with certificates: entered by an operator, tested, paid and refunded through the shop."""

import pytest

from shop.core import ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.gateways import gateways
from shop.order.states import PaymentState
from shop.payment import flows, refunds
from shop.payment.models import Refund
from tests.factories.accounts import KEY, fields, typed
from tests.factories.orders import order, place_order, store_with_goods
from tests.factories.users import make_user
from tests.payment.provider import Provider
from tests.payment.test_accounts import LIST, add, pay, tell, text
from tests.web.furnished import browser_of


@pytest.fixture
def certified(tmp_path):
    provider = Provider(tmp_path / "certified", certified=True)
    yield provider
    provider.stop()


@pytest.fixture
def goods(app):
    return store_with_goods(price_minor=10000, flat_delivery_minor=800)


@pytest.fixture
def operator(app, goods):
    app.config["PAYMENT_SECRETS_KEY"] = KEY
    return browser_of(app, make_user(is_operator=True))


def test_it_is_entered_tested_paid_and_refunded_through(
    app, client, operator, goods, certified, merchant
):
    app.config["PAYMENT_NOTIFY_BASE"] = merchant.base
    account = add(operator, typed("alipay", certified.settings()))
    answer = operator.post(f"{LIST}/{account}/test", follow_redirects=True)
    assert "Address, ids, keys and clock are right." in text(answer)

    placed = place_order(goods.variant)
    pay(client, certified, placed)
    assert tell(client, merchant) == 200
    db.session.rollback()
    assert order(placed.order).payment_state == PaymentState.PAID

    with transaction():
        refunds.request(
            placed.order,
            {order(placed.order).lines[0].public_id: 1},
            include_delivery=True,
            restock=(),
            reason="goodwill",
            note="",
            actor="test",
            key=ids.token(),
        )
    [refund_id] = [row.id for row in db.session.query(Refund)]
    db.session.rollback()
    flows.submit_refund(refund_id, gateways())
    db.session.rollback()
    assert order(placed.order).payment_state == PaymentState.REFUNDED


def test_what_does_not_fit_is_told_beside_it(operator, certified):
    right = typed("alipay", certified.settings())
    key = (certified.folder / "alipay_public.pem").read_text()
    roots = right["ALIPAY_ROOT_CERT_FILE"]
    own = right["ALIPAY_APP_CERT_FILE"]
    for changed, sentence in (
        ({"ALIPAY_APP_CERT_FILE": ""}, "Certificate mode needs all three"),
        ({"ALIPAY_ROOT_CERT_FILE": ""}, "Certificate mode needs all three"),
        ({"ALIPAY_PUBLIC_KEY_FILE": key}, "Certificate mode needs all three"),
        ({"ALIPAY_PUBLIC_KEY_FILE": own}, "This is your own public key"),
        ({"ALIPAY_APP_CERT_FILE": roots}, "This is a key of another sort"),
        ({"ALIPAY_ROOT_CERT_FILE": key}, "no certificate that can be read"),
        ({"ALIPAY_ROOT_CERT_FILE": right["ALIPAY_APP_PRIVATE_KEY_FILE"]}, "a private key"),
        (
            {"ALIPAY_APP_CERT_FILE": right["ALIPAY_PUBLIC_KEY_FILE"]},
            "This does not fit the rest of the account",
        ),
    ):
        answer = operator.post(f"{LIST}/new?gateway=alipay", data=fields(right | changed))
        assert answer.status_code == 422, changed
        assert sentence in text(answer), changed
    plain = {"ALIPAY_APP_CERT_FILE": "", "ALIPAY_ROOT_CERT_FILE": "", "ALIPAY_PUBLIC_KEY_FILE": key}
    add(operator, right | plain, use=False)
