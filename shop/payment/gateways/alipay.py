"""Alipay with plain keys or certificates (RSA2). Protocol facts: opendocs.alipay.com, trade API and notify."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Never

from shop.core import money
from shop.core.errors import Invalid
from shop.payment.bills import alipay as alipay_bill
from shop.payment.bills.base import BillRow
from shop.payment.gateways import alipay_notify
from shop.payment.gateways.alipay_client import BEIJING, TIME_FORMAT, AlipayConfig, open_client
from shop.payment.gateways.base import (
    Action,
    Capabilities,
    Closing,
    Event,
    Misconfigured,
    PaymentStatus,
    RefundResult,
    RefundStatus,
    Rejected,
    Result,
    Retryable,
    Scene,
    Unknown,
)

_NUMBER = re.compile(r"[A-Za-z0-9]{6,32}")
# Alipay refuses these in a title, and control characters anywhere.
_NOT_IN_TITLES = re.compile(r"[\x00-\x1f\x7f/=&]+")

_PAGE = {
    Scene.PAGE: ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    Scene.WAP: ("alipay.trade.wap.pay", "QUICK_WAP_PAY"),
}
_NOT_EXIST = "ACQ.TRADE_NOT_EXIST"
# Said of a day on which nothing moved.
_NO_BILL = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST"})
_NOT_CLOSABLE = "ACQ.REASON_TRADE_STATUS_INVALID"
_AGAIN = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"})


class AlipayGateway:
    """Payments by redirect (computer, phone) and by code; refunds at once, partial ones included."""

    name = "alipay"
    capabilities = Capabilities(
        refund=True,
        partial_refund=True,
        close=True,
        notify=True,
        bill=True,
        scenes=frozenset(Scene),
        currencies=frozenset({"CNY"}),
    )

    def __init__(self, config: AlipayConfig) -> None:
        """Read the keys; raises ``Misconfigured``."""
        for name in ("gateway", "app_id", "seller_id"):
            if not getattr(config, name):
                raise Misconfigured(gateway=self.name, setting=name)
        self._config = config
        self._client = open_client(config)

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
        """A signed cashier address, made without the network, or for ``QR`` a code asked for.

        The provider knows of the first kind only when the browser opens it. ``time_expire`` is
        Beijing time. Raises ``ValueError`` for a number or amount that no caller may pass, and for
        ``QR`` also what every call raises.
        """
        if not _NUMBER.fullmatch(attempt_no):
            raise ValueError("attempt_no must be 6 to 32 letters and digits")
        if amount <= 0:
            raise ValueError("amount must be positive")
        biz: dict[str, Any] = {
            "out_trade_no": attempt_no,
            "total_amount": money.to_text(amount),
            "subject": _title(subject) or attempt_no,
        }
        if expires_at is not None:
            biz["time_expire"] = expires_at.astimezone(BEIJING).strftime(TIME_FORMAT)
        if scene == Scene.QR:
            answer = self._call("alipay.trade.precreate", biz, notify_url=notify_url)
            code = answer.get("qr_code")
            if answer.get("out_trade_no") != attempt_no or not isinstance(code, str):
                raise Unknown(gateway=self.name, detail="precreate answer")
            return Action(qr_text=code)
        method, biz["product_code"] = _PAGE[scene]
        if scene == Scene.WAP:
            biz["quit_url"] = return_url
        return Action(
            redirect_url=self._client.page_address(
                method, biz, notify_url=notify_url, return_url=return_url
            )
        )

    def query(self, no: str) -> Result:
        """``alipay.trade.query``; a trade that does not exist (yet) is ``NOT_FOUND``."""
        try:
            answer = self._call("alipay.trade.query", {"out_trade_no": no})
        except Rejected as error:
            if error.provider_code == _NOT_EXIST:
                return Result(PaymentStatus.NOT_FOUND)
            raise
        self._check_number(answer, no)
        raw = str(answer.get("trade_status", ""))
        paid_at = alipay_notify.read_time(answer.get("send_pay_date"))
        status = {
            "WAIT_BUYER_PAY": PaymentStatus.PENDING,
            "TRADE_SUCCESS": PaymentStatus.PAID,
            "TRADE_FINISHED": PaymentStatus.PAID,
            # A full refund closes a trade too; only a paid one has a time of payment.
            "TRADE_CLOSED": PaymentStatus.REFUNDED if paid_at else PaymentStatus.CLOSED,
        }.get(raw)
        if status is None:
            raise Unknown(gateway=self.name, detail=f"trade_status {raw!r}")
        paid = status in (PaymentStatus.PAID, PaymentStatus.REFUNDED)
        return Result(
            status=status,
            provider_id=_text(answer.get("trade_no")),
            paid_amount=read_amount(answer.get("total_amount")) if paid else None,
            paid_at=paid_at,
            raw_status=raw,
            refundable=raw == "TRADE_SUCCESS",
        )

    def close(self, no: str) -> Closing:
        """``alipay.trade.close``; where the state forbids it, a query tells which state it is."""
        try:
            self._check_number(self._call("alipay.trade.close", {"out_trade_no": no}), no)
        except Rejected as error:
            if error.provider_code == _NOT_EXIST:
                return Closing.NOT_FOUND
            if error.provider_code != _NOT_CLOSABLE:
                raise
        else:
            return Closing.CLOSED
        match self.query(no).status:
            case PaymentStatus.PAID | PaymentStatus.REFUNDED:
                return Closing.ALREADY_PAID
            case PaymentStatus.CLOSED:
                return Closing.CLOSED
            case PaymentStatus.NOT_FOUND:
                return Closing.NOT_FOUND
            case PaymentStatus.PENDING:
                raise Retryable(gateway=self.name, operation="close")

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        """``alipay.trade.refund``: ``out_request_no`` is the key, ``refund_fee`` cumulative.

        ``fund_change`` N says only that this very request moved no money; a query then tells
        whether an earlier one did.
        """
        if not 0 < amount <= total:
            raise ValueError("amount must be positive and at most the total")
        biz = {
            "out_trade_no": no,
            "out_request_no": refund_no,
            "refund_amount": money.to_text(amount),
            "refund_reason": _title(reason),
        }
        answer = self._call("alipay.trade.refund", biz)
        self._check_number(answer, no)
        if answer.get("fund_change") != "Y":
            asked = self.query_refund(no, refund_no)
            if asked.status == RefundStatus.NOT_FOUND:
                raise Unknown(gateway=self.name, detail="fund_change N, and no such refund")
            return asked
        return RefundResult(
            RefundStatus.DONE, amount=amount, total_refunded=read_amount(answer.get("refund_fee"))
        )

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        """``alipay.trade.fastpay.refund.query``; a yes without ``refund_status`` is not refunded."""
        biz = {"out_trade_no": no, "out_request_no": refund_no}
        answer = self._call("alipay.trade.fastpay.refund.query", biz)
        status = answer.get("refund_status")
        if not status:
            return RefundResult(RefundStatus.NOT_FOUND)
        self._check_number(answer, no)
        if answer.get("out_request_no") != refund_no:
            raise Unknown(gateway=self.name, detail="another refund's answer")
        known = {
            "REFUND_SUCCESS": RefundStatus.DONE,
            "REFUND_PROCESSING": RefundStatus.PROCESSING,
            "REFUND_FAIL": RefundStatus.FAILED,
        }
        if status not in known:
            raise Unknown(gateway=self.name, detail=f"refund_status {status!r}")
        return RefundResult(known[status], amount=read_amount(answer.get("refund_amount")))

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        """Signature first, then app and seller; raises ``BadSignature``, ``ForeignMerchant``."""
        return alipay_notify.parse(
            raw_body,
            verify=self._client.verify,
            app_id=self._config.app_id,
            seller_id=self._config.seller_id,
        )

    def ack(self, ok: bool) -> tuple[int, str]:
        """Exactly ``success``; anything else makes Alipay send again, about 8 times in 25 hours."""
        return (200, "success") if ok else (400, "failure")

    def fetch_bill(self, day: date) -> list[BillRow]:
        """``alipay.data.dataservice.bill.downloadurl.query``, then its link, which is valid for 30 s."""
        biz = {"bill_type": "trade", "bill_date": day.isoformat()}
        try:
            answer = self._call("alipay.data.dataservice.bill.downloadurl.query", biz)
        except Rejected as error:
            if error.provider_code in _NO_BILL:
                return []
            raise
        return alipay_bill.read(self._client.download(answer.get("bill_download_url")))

    def _call(self, method: str, biz: dict[str, Any], **urls: str) -> dict[str, Any]:
        answer = self._client.call(method, biz, **urls)
        if answer.get("code") == "10000":
            return answer
        self._refused(method, str(answer.get("code", "")), str(answer.get("sub_code", "")))

    def _refused(self, method: str, code: str, sub_code: str) -> Never:
        """Sort a signed no: only 40001 to 40006 are definite, and not all of these."""
        params = {"gateway": self.name, "method": method}
        if sub_code in _AGAIN or code == "40005":
            raise Retryable(provider_code=sub_code or code, **params)
        if code == "40004":
            raise Rejected(sub_code, **params)
        if code in {"40001", "40002", "40003", "40006"}:
            raise Misconfigured(provider_code=sub_code or code, **params)
        raise Unknown(provider_code=sub_code or code, **params)

    def _check_number(self, answer: dict[str, Any], no: str) -> None:
        """A signed answer to another question must not pass for the answer to this one."""
        if answer.get("out_trade_no") != no:
            raise Unknown(gateway=self.name, detail="another trade's answer")


def read_amount(text: object) -> int:
    """Yuan as the provider writes them, in fen; raises ``Unknown`` for anything unreadable."""
    try:
        return money.parse(str(text))
    except Invalid:
        raise Unknown(gateway=AlipayGateway.name, detail=f"amount {text!r:.40}") from None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _title(text: str) -> str:
    return " ".join(_NOT_IN_TITLES.sub(" ", text).split())[:128]
