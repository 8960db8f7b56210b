"""Accounts that operators keep, through the shop's own pages, with sandboxes for providers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.sealing import new_key
from shop.core.transaction import transaction
from shop.jobs.gateways import gateways, opened, shelf
from shop.order.states import PaymentState
from shop.payment import flows, refunds
from shop.payment.accounts import checks, opening, queries
from shop.payment.accounts import shelf as shelves
from shop.payment.accounts.models import PaymentAccount
from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.models import Payment, Refund
from tests.factories.accounts import KEY, fields, make_account, pem_pair, typed
from tests.factories.orders import order, place_order, store_with_goods
from tests.factories.users import make_user
from tests.web.admin.conftest import staff_of
from tests.web.furnished import browser_of

ROOT = Path(__file__).resolve().parents[2]
LIST = "/en/admin/payment-accounts"


@pytest.fixture(autouse=True)
def sealing(request):
    if "app" in request.fixturenames:
        request.getfixturevalue("app").config["PAYMENT_SECRETS_KEY"] = KEY


@pytest.fixture
def goods(app):
    return store_with_goods(price_minor=10000, flat_delivery_minor=800)


@pytest.fixture
def operator(app, goods):
    return browser_of(app, make_user(is_operator=True))


def text(answer):
    return answer.get_data(as_text=True)


def add(operator, values, gateway="alipay", use=True):
    answer = operator.post(f"{LIST}/new?gateway={gateway}", data=fields(values))
    assert answer.status_code == 303, text(answer)
    account = answer.location.rpartition("/")[2]
    if use:
        assert operator.post(f"{LIST}/{account}/use", data={"use": "yes"}).status_code == 303
    return account


def pay(client, provider, placed):
    """Press «pay», and pay at the provider's cashier; the payment."""
    answer = client.post(f"/en/pay/{placed.token}", data={"method": "alipay"})
    assert answer.status_code == 303, text(answer)
    db.session.rollback()
    payment = db.session.query(Payment).order_by(Payment.id.desc()).first()
    assert answer.location.startswith(provider.url)
    provider.pay(payment.attempt_no, url=answer.location)
    return payment


def tell(client, merchant, at=-1):
    return client.post(
        "/notify/alipay",
        data=merchant.bodies[at],
        content_type="application/x-www-form-urlencoded",
    ).status_code


def test_an_account_is_added_tested_used_and_paid_through(
    app, client, operator, goods, provider, merchant
):
    app.config["PAYMENT_NOTIFY_BASE"] = merchant.base
    values = typed("alipay", provider.settings())
    secret = values["ALIPAY_APP_PRIVATE_KEY_FILE"]
    account = add(operator, values, use=False)
    page = f"{LIST}/{account}"

    row = db.session.execute(sa.text("SELECT * FROM payment_account")).mappings().one()
    kept = repr(dict(row))
    body = max(secret.splitlines(), key=len)
    assert body not in kept
    assert body not in text(operator.get(page))
    assert "ends in" in text(operator.get(page))
    assert "alipay" not in gateways(), "not in use yet"

    answer = operator.post(f"{page}/test", follow_redirects=True)
    assert "Address, ids, keys and clock are right." in text(answer)
    assert operator.post(f"{page}/use", data={"use": "yes"}).status_code == 303

    placed = place_order(goods.variant)
    waiting = client.get(f"/en/pay/{placed.token}")
    assert provider.url in waiting.headers["Content-Security-Policy"]
    assert "Test mode" in text(waiting)
    payment = pay(client, provider, placed)
    assert payment.merchant == f"{values['ALIPAY_APP_ID']}/{values['ALIPAY_SELLER_ID']}"
    assert tell(client, merchant) == 200
    db.session.rollback()
    assert order(placed.order).payment_state == PaymentState.PAID

    operator.post(
        page, data=fields(values | {"ALIPAY_APP_PRIVATE_KEY_FILE": ""}) | {"name": "Ours"}
    )
    written = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("payment_account"))
    found = {one.action: one.detail for one in written}
    assert found["payment_account.change"] == {"fields": ["name"]}
    assert {"payment_account.create", "payment_account.test", "payment_account.enable"} <= set(
        found
    )
    assert body not in repr(found)


def test_old_payments_keep_their_account(
    app, client, operator, goods, provider, other_provider, merchant
):
    app.config.update(provider.settings(PAYMENT_NOTIFY_BASE=merchant.base))
    first = place_order(goods.variant)
    before = pay(client, provider, first)
    values = typed("alipay", other_provider.settings())
    account = add(operator, values)
    stands = text(operator.get(LIST))
    assert "Stands back" in stands

    second = place_order(goods.variant)
    after = pay(client, other_provider, second)
    assert before.merchant != after.merchant
    foreign = merchant.bodies[-1].replace(after.attempt_no.encode(), before.attempt_no.encode())
    refused = client.post(
        "/notify/alipay", data=foreign, content_type="application/x-www-form-urlencoded"
    )
    assert refused.status_code == 400
    assert (tell(client, merchant, 0), tell(client, merchant)) == (200, 200)
    db.session.rollback()
    assert {order(one.order).payment_state for one in (first, second)} == {PaymentState.PAID}

    assert operator.post(f"{LIST}/{account}/use", data={"use": "no"}).status_code == 303
    for payment, placed in ((before, first), (after, second)):
        with transaction():
            refunds.whole(payment.id, placed.order, reason="damaged", actor="test")
        number = db.session.query(Refund).order_by(Refund.id.desc()).first().id
        flows.submit_refund(number, gateways())
    db.session.rollback()
    assert [one.state for one in db.session.query(Refund)] == ["done", "done"]
    assert isinstance(gateways()["alipay"], AlipayGateway), "the environment's again"


def test_what_is_typed_wrong_is_told_and_secrets_are_not_sent_back(app, operator):
    private, public = pem_pair()
    right = {
        "ALIPAY_GATEWAY": "https://openapi.example/gateway.do",
        "ALIPAY_APP_ID": "2021000000000001",
        "ALIPAY_SELLER_ID": "2088000000000001",
        "ALIPAY_APP_PRIVATE_KEY_FILE": private,
        "ALIPAY_PUBLIC_KEY_FILE": public,
    }
    for setting, value, sentence in (
        ("ALIPAY_APP_ID", "", "Please fill this in."),
        ("ALIPAY_GATEWAY", "ftp://x", "Write a web address"),
        ("ALIPAY_APP_PRIVATE_KEY_FILE", "nonsense", "no key that can be read"),
        ("ALIPAY_APP_PRIVATE_KEY_FILE", public, "This is a public key."),
        ("ALIPAY_PUBLIC_KEY_FILE", private, "This is a private key"),
        ("ALIPAY_SELLER_ID", "2088 0", "characters that no such value has"),
    ):
        answer = operator.post(f"{LIST}/new", data=fields(right | {setting: value}))
        assert answer.status_code == 422, setting
        assert sentence in text(answer), setting
        if setting != "ALIPAY_SELLER_ID":
            assert "2088000000000001" in text(answer), "what was typed stays"
        assert max(private.splitlines(), key=len)[:40] not in re.sub(
            r"<textarea[^>]*alipay_public_key_file.*?</textarea>", "", text(answer), flags=re.S
        )
    naked = "".join(line for line in private.splitlines() if "-----" not in line)
    account = add(operator, right | {"ALIPAY_APP_PRIVATE_KEY_FILE": naked}, use=False)
    again = operator.post(f"{LIST}/new", data=fields(right))
    assert (again.status_code, "an account of this merchant" in text(again)) == (409, True)
    other = operator.post(
        f"{LIST}/{account}", data=fields(right | {"ALIPAY_APP_ID": "2021000000000002"})
    )
    assert (other.status_code, "another merchant" in text(other)) == (409, True)
    app.config["ENVIRONMENT"] = "production"
    local = operator.post(
        f"{LIST}/{account}", data=fields(right | {"ALIPAY_GATEWAY": "http://127.0.0.1:1/"})
    )
    assert (local.status_code, "not on this machine" in text(local)) == (422, True)


def test_a_broken_account_leaves_the_others_alive_and_is_told_of(app, client, operator, goods):
    account = make_account(use=True)
    assert list(gateways()) == ["alipay", "cod"]
    assert checks.differences(app.config) == []
    app.config["PAYMENT_SECRETS_KEY"] = new_key()
    app.extensions.pop("payments")
    assert list(gateways()) == ["cod"]
    assert opened().broken[account].code == "key-missing"
    assert "The key that opens its secrets is not at hand" in text(operator.get(LIST))
    assert operator.get(f"{LIST}/{account}").status_code == 200
    refused = operator.post(f"{LIST}/{account}/use", data={"use": "yes"})
    assert refused.status_code == 409
    [told] = checks.differences(app.config)
    assert "key-missing" in told
    placed = place_order(goods.variant)
    assert client.get(f"/en/pay/{placed.token}").status_code == 200

    app.config["PAYMENT_SECRETS_KEY"] = ""
    page = text(operator.get(LIST))
    assert "flask payments new-key" in page
    assert operator.post(f"{LIST}/new", data={}).status_code == 409
    app.config["PAYMENT_SECRETS_KEY"] = KEY
    app.config.update(ALIPAY_GATEWAY="https://x.example/", WECHATPAY_GATEWAY="https://y.example/")
    app.extensions.pop("payments")
    assert list(gateways()) == ["alipay", "cod"], "nor do settings that are incomplete"
    assert "It cannot be opened" in text(operator.get(LIST))
    app.config["ENVIRONMENT"] = "production"
    db.session.execute(sa.text("UPDATE payment_account SET name = 'x'"))
    row = db.session.query(PaymentAccount).one()
    row.values = row.values | {"ALIPAY_GATEWAY": "http://127.0.0.1/"}
    db.session.flush()
    app.extensions.pop("payments")
    assert opened().broken[account].code == "address-local"


def test_secrets_are_bound_to_their_row_and_move_to_a_new_key(app):
    first, second = make_account(use=True), make_account("2021000000000002")
    runner = app.test_cli_runner()
    fresh = runner.invoke(args=["payments", "new-key"]).output.strip()
    app.config["PAYMENT_SECRETS_KEY"] = f"{fresh},{KEY}"
    moved = runner.invoke(args=["payments", "rotate"])
    assert (moved.exit_code, "2 accounts" in moved.output) == (0, True)
    app.config["PAYMENT_SECRETS_KEY"] = fresh
    assert checks.differences(app.config) == []
    assert list(gateways()) == ["alipay", "cod"]
    with transaction():
        rows = {one.public_id: one for one in db.session.query(PaymentAccount)}
        rows[first].sealed = rows[second].sealed
    [told] = checks.differences(app.config)
    assert "sealed-damaged" in told
    failed = runner.invoke(args=["doctor"])
    assert (failed.exit_code, first in failed.output) == (1, True)


def test_wechat_pay_by_files(app, operator, provider):
    """Keys as files, and the serial read from the certificate; another's key is found by the test."""
    settings = provider.settings()
    assert '="None"' not in text(operator.get(f"{LIST}/new?gateway=wechatpay"))
    values = typed("wechatpay", settings)
    sent = fields(values) | {"wechatpay_mch_private_key_file": "", "currencies": ["CNY"]}
    with Path(settings["WECHATPAY_MCH_PRIVATE_KEY_FILE"]).open("rb") as key:
        sent["wechatpay_mch_private_key_file_upload"] = (key, "apiclient_key.pem")
        answer = operator.post(
            f"{LIST}/new?gateway=wechatpay", data=sent, content_type="multipart/form-data"
        )
    assert answer.status_code == 303, text(answer)
    page = answer.location
    assert values["WECHATPAY_APIV3_KEY"] not in text(operator.get(page))
    works = operator.post(f"{page}/test", follow_redirects=True)
    assert "Address, ids, keys and clock are right." in text(works)

    changed = {"WECHATPAY_PUBLIC_KEY_FILE": pem_pair()[1]}
    for name in ("WECHATPAY_MCH_PRIVATE_KEY_FILE", "WECHATPAY_APIV3_KEY"):
        changed[name] = ""  # stays as it was
    assert operator.post(page, data=fields(values | changed)).status_code == 303
    assert "not tested yet" in text(operator.get(page))
    assert "the public key does not fit" in text(
        operator.post(f"{page}/test", follow_redirects=True)
    )
    changed = {"WECHATPAY_MCH_PRIVATE_KEY_FILE": pem_pair()[0], "WECHATPAY_APIV3_KEY": ""}
    operator.post(page, data=fields(values | changed))
    assert "does not accept" in text(operator.post(f"{page}/test", follow_redirects=True))
    short = operator.post(page, data=fields(values | {"WECHATPAY_APIV3_KEY": "short"}))
    assert (short.status_code, "exactly 32 characters" in text(short)) == (422, True)


def test_who_is_no_operator_finds_nothing(app, goods):
    account = make_account()
    owner = browser_of(app, staff_of(goods.store_id))
    for path in ("", "/new", f"/{account}"):
        assert owner.get(LIST + path).status_code == 404
    for path in ("/new", "/test", "/order", f"/{account}", f"/{account}/test", f"/{account}/use"):
        assert owner.post(LIST + path, data={"use": "yes"}).status_code == 404
    assert not queries.one(account).enabled
    assert "Payment accounts" not in text(owner.get("/en/admin/settings"))
    assert "Test mode" not in text(owner.get("/en/admin/settings")), "nobody simulates anything"


def test_an_account_is_offered_in_its_currencies_only(app):
    make_account(use=True)
    known = gateways()
    assert opening.takes(known, "alipay", "CNY")
    assert not opening.takes(known, "alipay", "USD"), "the gateway does not know it"
    with transaction():
        db.session.query(PaymentAccount).one().currencies = "HKD"
    app.extensions.pop("payments")
    assert not opening.takes(gateways(), "alipay", "CNY"), "the operators do not want it"
    assert opening.takes(gateways(), "cod", "CNY")


def test_the_commands(app, provider):
    app.config.update(provider.settings())
    account = make_account()
    runner = app.test_cli_runner()

    def run(*args):
        return runner.invoke(args=["payments", "accounts", *args])

    listed = run("list").output
    assert re.search(rf"{account}  alipay .* set aside  never tested", listed)
    assert re.search(r"environment  alipay .* in use", listed)
    assert run("test", "alipay").output == "works\n"
    assert run("test", "wechatpay").output == "works\n"
    assert run("test", account).exit_code == 1
    assert run("enable", account).exit_code == 0
    assert re.search(r"environment  alipay .* stands back", run("list").output)
    assert run("disable", account).exit_code == 0
    assert run("enable", "nowhere").exit_code == 1
    assert queries.one(account).test_result == "unreachable"


def test_another_process_sees_a_change(app, database_url, tmp_path, monkeypatch):
    account = make_account()
    assert list(gateways()) == ["cod"]
    monkeypatch.setattr(shelves, "PATIENCE", 0)
    env = os.environ | {
        "DATABASE_URL": database_url.replace("+psycopg", ""),
        "PAYMENT_SECRETS_KEY": KEY,
        "INSTANCE": str(tmp_path),
        "XIAOPU_ENV": "testing",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "payments", "accounts"]
    subprocess.run([*command, "enable", account], cwd=ROOT, env=env, check=True)
    db.session.rollback()
    assert list(gateways()) == ["alipay", "cod"]
    assert shelf().opened().current["alipay"].public_id == account


def test_the_order_at_the_checkout_and_what_a_request_costs(app, operator, statements):
    account = make_account(use=True)
    moved = operator.post(f"{LIST}/order", data={"name": "cod", "move": "up"})
    assert moved.status_code == 303
    assert list(gateways()) == ["cod", "alipay"]
    assert operator.post(f"{LIST}/order", data={"name": "nothing"}).status_code == 404
    statements.clear()
    gateways()
    assert len(statements) == 0
    for page in (LIST, f"{LIST}/{account}", f"{LIST}/new"):
        statements.clear()
        assert operator.get(page).status_code == 200
        assert len(statements) <= 14, list(statements)  # ten of them for the frame
