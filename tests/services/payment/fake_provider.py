"""A payment provider in memory, which executes, refuses, answers late or not at all, as told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shop.core import clock
from shop.payment.gateways.base import (
    Action,
    Capabilities,
    Closing,
    Event,
    EventKind,
    PaymentStatus,
    RefundResult,
    RefundStatus,
    Rejected,
    Result,
    Scene,
)


@dataclass
class Trade:
    """What the provider knows of an attempt."""

    amount: int
    status: PaymentStatus = PaymentStatus.PENDING
    refunds: dict[str, int] = field(default_factory=dict)


class FakeProvider:
    """Keeps trades by our numbers. ``before`` and ``after`` hold errors to raise, by operation, once
    each: before it executes, or after it has."""

    name = "alipay"
    capabilities = Capabilities(
        refund=True, partial_refund=True, close=True, notify=True, scenes=frozenset(Scene)
    )

    def __init__(self) -> None:
        self.trades: dict[str, Trade] = {}
        self.before: dict[str, list[Exception]] = {}
        self.after: dict[str, list[Exception]] = {}
        self.calls: Counter[str] = Counter()
        self.refund_status = RefundStatus.DONE

    @property
    def gateways(self) -> dict[str, "FakeProvider"]:
        """As the flows want it."""
        return {self.name: self}

    def create(
        self,
        attempt_no: str,
        amount: int,
        subject: str,
        expires_at: datetime | None,
        notify_url: str,
        return_url: str,
        client_ip: str,
        scene: Scene,
    ) -> Action:
        self._enter("create")
        self.trades.setdefault(attempt_no, Trade(amount))
        self._leave("create")
        return Action(redirect_url=f"https://cashier.example/{attempt_no}")

    def query(self, no: str) -> Result:
        self._enter("query")
        trade = self.trades.get(no)
        if trade is None:
            return Result(PaymentStatus.NOT_FOUND)
        paid = trade.status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}
        return Result(
            trade.status,
            provider_id=f"trade-{no}",
            paid_amount=trade.amount if paid else None,
            paid_at=clock.now() if paid else None,
        )

    def close(self, no: str) -> Closing:
        self._enter("close")
        trade = self.trades.get(no)
        if trade is None:
            return Closing.NOT_FOUND
        if trade.status == PaymentStatus.PAID:
            return Closing.ALREADY_PAID
        trade.status = PaymentStatus.CLOSED
        return Closing.CLOSED

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        self._enter("refund")
        trade = self.trades[no]
        assert total == trade.amount
        if refund_no not in trade.refunds and sum(trade.refunds.values()) + amount > trade.amount:
            raise Rejected("REFUND_AMT_NOT_EQUAL_TOTAL")
        if self.refund_status in {RefundStatus.DONE, RefundStatus.PROCESSING}:
            trade.refunds.setdefault(refund_no, amount)
        self._leave("refund")
        return RefundResult(self.refund_status, provider_refund_id=f"refund-{refund_no}")

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        self._enter("query_refund")
        known = refund_no in self.trades[no].refunds
        return RefundResult(RefundStatus.DONE if known else RefundStatus.NOT_FOUND)

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        raise AssertionError("notifies are tested against the sandbox")

    def ack(self, ok: bool) -> tuple[int, str]:
        return (200, "success") if ok else (400, "fail")

    def pay(self, no: str) -> Event:
        """The shopper pays; returns the notify that the provider sends."""
        trade = self.trades[no]
        trade.status = PaymentStatus.PAID
        return self.notify(no)

    def notify(self, no: str, amount: int | None = None) -> Event:
        """A checked notify of a paid trade."""
        return Event(
            EventKind.PAID,
            no,
            None,
            self.trades[no].amount if amount is None else amount,
            ("merchant",),
            f"notify-{no}",
            provider_id=f"trade-{no}",
        )

    def given_back(self) -> int:
        """All money that left the provider again."""
        return sum(sum(trade.refunds.values()) for trade in self.trades.values())

    def _enter(self, operation: str) -> None:
        self.calls[operation] += 1
        if self.before.get(operation):
            raise self.before[operation].pop(0)

    def _leave(self, operation: str) -> None:
        if self.after.get(operation):
            raise self.after[operation].pop(0)
