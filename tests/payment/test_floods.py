"""Bad signatures, replays and floods at the notify addresses, with real signatures of both providers."""

from types import SimpleNamespace

import pytest
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from structlog.testing import capture_logs

from shop.core import security as events
from shop.core.db import db
from shop.jobs import queue, security
from shop.order.states import PaymentState
from shop.web.payment import refusals
from tests.factories.orders import assert_sound
from tests.payment import test_faults

till = test_faults.till


@pytest.fixture
def gathering(app, redis_server):
    """Refusals are counted in a real Redis."""
    app.config["REDIS_URL"] = redis_server.url
    queue.init_queue(app)
    yield
    app.config["REDIS_URL"] = ""
    queue.init_queue(app)


@pytest.fixture
def limits_on(monkeypatch):
    """Failed signatures are counted as in a shop that runs."""
    counting = SimpleNamespace(enabled=True, limiter=FixedWindowRateLimiter(MemoryStorage()))
    monkeypatch.setattr(refusals, "limiter", counting)


def written():
    """What the periodic job writes down of what was gathered."""
    db.session.rollback()
    security.write_security()
    return events.latest()


def forge(till, at):
    """A notify with every right word and a wrong signature."""
    headers = dict(till.merchant.headers[-1])
    body = till.merchant.bodies[-1]
    if till.way == "wechatpay":
        headers["Wechatpay-Nonce"] = f"forged{at:026d}"
    elif till.way == "stripe":
        body = body.replace(b'"amount_total"', b'"forged": %d, "amount_total"' % at)
    else:
        body = body.replace(b"total_amount=", b"total_amount=%d" % (at + 1))
    return {"headers": headers, "body": body}


@pytest.mark.usefixtures("gathering", "limits_on")
def test_a_flood_costs_no_statement_and_keeps_no_genuine_one_out(till, statements, caplog):
    no = till.start()
    till.pay(no)
    statements.clear()
    first = [till.tell(**forge(till, at)) for at in range(150)]
    assert set(first[:60]) == {400}
    assert set(first[60:]) == {429}
    assert statements == []
    assert till.tell() // 100 == 2, "a genuine one comes in, from the very same address"
    assert till.state() == PaymentState.PAID
    assert [till.tell() // 100 for _ in range(3)] == [2, 2, 2], "replays are told to stop"
    statements.clear()
    assert {till.tell(**forge(till, at)) for at in range(150)} == {429}
    assert statements == []
    assert len(till.payments()) == 1
    with capture_logs() as said:
        found = written()
    assert 1 <= len(found) <= 2  # a minute may have ended in between
    assert {(one.kind, one.subject, one.reason) for one in found} == {
        ("notify", till.way, "signature")
    }
    assert sum(one.times for one in found) == 300
    assert found[0].addresses == ("127.0.0.1",)
    assert [line["event"] for line in said] == ["notify refused"] * len(found)
    for secret in (
        till.provider.values["WECHATPAY_APIV3_KEY"],
        "BEGIN",
        "total_amount",
        "forged000",
    ):
        assert secret not in caplog.text + str(said)
    assert security.write_security() == 0
    assert_sound()


@pytest.mark.usefixtures("gathering")
def test_the_reason_is_ours_and_a_body_has_an_end(till, statements):
    till.pay(till.start())
    statements.clear()
    assert till.tell(body=b"x" * (300 * 1024)) == 413
    assert till.tell(body=b"\xff\xfe") == 400
    assert till.tell(**forge(till, 1)) == 400
    assert till.client.post("/notify/nobody", data=b"x").get_data() == b""
    assert statements == []
    reasons = {one.reason for one in written()}
    # Where the signature is over the bytes, nothing of a body is read before it was found good.
    assert reasons == {"too-long", "signature"} | (
        set() if till.way == "stripe" else {"unreadable"}
    )
