"""Providers with a true ledger of their own, that keep to the gateway interface and lose their answers.

``at_once`` is Alipay's kind: a trade is known from the moment the buyer scans it, refunds are done at once, a
notify repeats that it was paid after a refund. The other is WeChat Pay's: orders are known from the start,
refunds are accepted first and notified when they end.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from shop.core import clock
from shop.payment.bills.base import BillKind, BillRow, day_of
from shop.payment.gateways.base import (
    Action,
    BadSignature,
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
    Unknown,
)

_KEY = b"known to provider and shop"
GONE = (RefundStatus.DONE, RefundStatus.PROCESSING, RefundStatus.ABNORMAL)


@dataclass
class Back:
    """A refund as the provider has it."""

    no: str
    amount: int
    status: RefundStatus
    at: datetime


@dataclass
class Trade:
    """A payment as the provider has it. ``paid`` is what the buyer gave, None until then."""

    no: str
    asked: int
    expires_at: datetime | None
    known: bool
    paid: int | None = None
    paid_at: datetime | None = None
    closed: bool = False
    back: dict[str, Back] = field(default_factory=dict)

    def given(self, *states: RefundStatus) -> int:
        """What went back in these states."""
        return sum(one.amount for one in self.back.values() if one.status in states)


@dataclass
class Letter:
    """A notify: delivered as often as somebody likes, until it is ``lost``."""

    way: str
    body: bytes
    sign: str
    told: int = 0
    lost: bool = False


class Till:
    """One provider. ``stumble``: the next call is executed and its answer ``lost``, or it never arrives
    (``away``)."""

    def __init__(self, name: str, *, at_once: bool) -> None:
        self.name = name
        self.capabilities = Capabilities(
            refund=True,
            partial_refund=True,
            close=True,
            notify=True,
            bill=True,
            scenes=frozenset(Scene),
            currencies=frozenset({"CNY"}),
        )
        self._at_once = at_once
        self.empty()

    def empty(self) -> None:
        """Another life begins."""
        self.trades: dict[str, Trade] = {}
        self.letters: list[Letter] = []
        self.stumble = ""

    # What the shop asks.

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
        known = self.trades.get(attempt_no)
        if self._at_once:  # an address that we sign asks nobody
            self.trades.setdefault(attempt_no, Trade(attempt_no, amount, expires_at, False))
            return Action(redirect_url=f"https://cashier.example/?no={attempt_no}")
        self._arrives()
        if known is not None and (known.closed or known.paid is not None or known.asked != amount):
            raise Rejected("ORDERPAID")
        self.trades.setdefault(attempt_no, Trade(attempt_no, amount, expires_at, True))
        self._answers()
        return Action(qr_text=f"weixin://{attempt_no}")

    def query(self, no: str) -> Result:
        self._arrives()
        trade = self.trades.get(no)
        self._answers()
        if trade is None or not trade.known:
            return Result(PaymentStatus.NOT_FOUND)
        if trade.paid is None:
            return Result(PaymentStatus.CLOSED if trade.closed else PaymentStatus.PENDING)
        whole = self._at_once and trade.given(RefundStatus.DONE) == trade.paid
        status = PaymentStatus.REFUNDED if whole else PaymentStatus.PAID
        return Result(status, f"p{no}", trade.paid, trade.paid_at, str(status), not whole)

    def close(self, no: str) -> Closing:
        self._arrives()
        trade = self.trades.get(no)
        if trade is None or not trade.known:
            return Closing.NOT_FOUND
        if trade.paid is not None:
            return Closing.ALREADY_PAID
        trade.closed = True
        self._answers()
        return Closing.CLOSED

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        self._arrives()
        trade = self.trades[no]
        one = trade.back.get(refund_no)
        if one is None:
            if trade.paid is None or amount > trade.paid - trade.given(*GONE):
                raise Rejected("NOT_ENOUGH")
            status = RefundStatus.DONE if self._at_once else RefundStatus.PROCESSING
            one = trade.back[refund_no] = Back(refund_no, amount, status, clock.now())
            if self._at_once:
                self._write(trade)
        elif one.amount != amount:
            raise Rejected("DISCORDANT_REPEAT_REQUEST")
        self._answers()
        return RefundResult(one.status, f"b{refund_no}", one.amount)

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        self._arrives()
        one = self.trades[no].back.get(refund_no)
        self._answers()
        if one is None:
            return RefundResult(RefundStatus.NOT_FOUND)
        return RefundResult(one.status, f"b{refund_no}", one.amount)

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        if not hmac.compare_digest(headers.get("X-Sign", ""), _sign(raw_body)):
            raise BadSignature(detail="sign")
        said = json.loads(raw_body)
        paid_at = datetime.fromisoformat(said["paid_at"])
        event = Event(
            EventKind.PAID, said["no"], None, said["amount"], (), said["id"], said["pid"], paid_at
        )
        if "refund_no" not in said:
            return event
        return replace(
            event,
            kind=EventKind.REFUNDED,
            refund_no=said["refund_no"],
            refund_status=RefundStatus(said["status"]),
            refund_amount=said["refund"],
        )

    def ack(self, ok: bool) -> tuple[int, str]:
        return (200, "success") if ok else (400, "failure")

    def fetch_bill(self, day: date) -> list[BillRow]:
        rows = []
        for trade in self.trades.values():
            if trade.paid is None or trade.paid_at is None:
                continue
            row = BillRow(
                BillKind.PAYMENT, trade.no, "", f"p{trade.no}", "", trade.paid, 0, 0, trade.paid_at, ""
            )  # fmt: skip
            rows.append(row)
            rows += [
                replace(
                    row,
                    kind=BillKind.REFUND,
                    refund_no=one.no,
                    provider_refund_id=f"b{one.no}",
                    amount_minor=0,
                    refunded_minor=one.amount,
                    at=one.at,
                    status="SUCCESS" if one.status == RefundStatus.DONE else "PROCESSING",
                )
                for one in trade.back.values()
            ]
        return [row for row in rows if day_of(row.at) == day]

    # What the buyer and the people at the provider do.

    def pay(self, no: str, *, amount: int | None = None, crossing: bool = False) -> bool:
        """The buyer pays; False when it cannot be paid. ``crossing``: a close was on its way."""
        trade = self.trades[no]
        over = trade.expires_at is not None and trade.expires_at <= clock.now()
        if trade.paid is not None or ((trade.closed or over) and not crossing):
            return False
        trade.known, trade.paid, trade.paid_at = True, amount or trade.asked, clock.now()
        self._write(trade)
        return True

    def give_back(self, no: str, amount: int, number: str) -> bool:
        """Somebody refunds at the provider's console; nobody is told."""
        trade = self.trades[no]
        if trade.paid is None or not 0 < amount <= trade.paid - trade.given(*GONE):
            return False
        trade.back[number] = Back(number, amount, RefundStatus.DONE, clock.now())
        return True

    def end_refund(self, trade: Trade, one: Back, status: RefundStatus) -> None:
        """A refund that was accepted comes to its end."""
        one.status = status
        self._write(trade, refund_no=one.no, refund=one.amount, status=str(status))

    def _write(self, trade: Trade, **refund: object) -> None:
        assert trade.paid_at is not None
        said = {"no": trade.no, "amount": trade.paid, "paid_at": trade.paid_at.isoformat()}
        said |= {"id": f"n{len(self.letters)}", "pid": f"p{trade.no}"} | refund
        body = json.dumps(said).encode()
        self.letters.append(Letter(self.name, body, _sign(body)))

    def _arrives(self) -> None:
        if self.stumble == "away":
            self.stumble = ""
            raise Unknown(detail="away")

    def _answers(self) -> None:
        if self.stumble == "lost":
            self.stumble = ""
            raise Unknown(detail="the answer was lost")


def _sign(body: bytes) -> str:
    return hmac.new(_KEY, body, "sha256").hexdigest()
