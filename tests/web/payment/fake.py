"""A provider whose words the test decides, in the place of Alipay."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from flask import Flask

from shop.payment.gateways.base import (
    Action,
    BadSignature,
    Capabilities,
    Closing,
    Event,
    EventKind,
    GatewayError,
    PaymentStatus,
    RefundResult,
    RefundStatus,
    Result,
)
from shop.payment.gateways.offline import CashOnDelivery

CASHIER = "https://cashier.example/pay"


class FakeAlipay:
    """Opens attempts at a cashier that does not exist; ``pay`` makes its queries answer «paid»."""

    name = "alipay"
    capabilities = Capabilities(close=True, currencies=frozenset({"CNY"}))

    def __init__(self) -> None:
        self.opened: dict[str, int] = {}
        self.paid: set[str] = set()
        self.calls: list[dict[str, Any]] = []
        self.fails: GatewayError | None = None

    @property
    def last(self) -> str:
        """The number of the attempt that was opened last."""
        return list(self.opened)[-1]

    def pay(self) -> None:
        """The shopper pays the last attempt at the cashier."""
        self.paid.add(self.last)

    def create(self, attempt_no, amount, subject, expires_at, notify_url, return_url, ip, scene):
        if self.fails is not None:
            raise self.fails
        self.opened[attempt_no] = amount
        self.calls.append(
            {"subject": subject, "notify_url": notify_url, "return_url": return_url, "scene": scene}
        )
        return Action(redirect_url=f"{CASHIER}?no={attempt_no}")

    def query(self, attempt_no):
        if self.fails is not None:
            raise self.fails
        if attempt_no in self.paid:
            return Result(PaymentStatus.PAID, "trade-1", self.opened[attempt_no])
        return Result(PaymentStatus.NOT_FOUND)

    def close(self, attempt_no):
        return Closing.ALREADY_PAID if attempt_no in self.paid else Closing.CLOSED

    def refund(self, attempt_no, refund_no, amount, total, reason):
        return RefundResult(RefundStatus.DONE, "refund-1", amount, amount)

    def query_refund(self, attempt_no, refund_no):
        return RefundResult(RefundStatus.DONE)

    def parse_notify(self, headers, body):
        given = parse_qs(body.decode())
        if given.get("sign") != ["good"]:
            raise BadSignature(reason="sign")
        number = given["no"][0]
        return Event(
            kind=EventKind.PAID,
            no=number,
            refund_no=None,
            merchant_ids=("seller",),
            amount=int(given["amount"][0]),
            event_id="notify-1",
            provider_id="trade-1",
            raw_status="TRADE_SUCCESS",
        )

    def ack(self, ok):
        return (200, "success") if ok else (200, "failure")


def at_the_provider(app: Flask) -> Iterator[FakeAlipay]:
    """Let the shop use the fake until the test is over."""
    before = app.extensions.get("gateways")
    fake = FakeAlipay()
    app.config["ALIPAY_GATEWAY"] = "https://cashier.example/gateway"
    app.extensions["gateways"] = {"alipay": fake, "cod": CashOnDelivery()}
    yield fake
    if before is None:
        app.extensions.pop("gateways")
    else:
        app.extensions["gateways"] = before
