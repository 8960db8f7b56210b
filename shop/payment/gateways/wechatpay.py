"""WeChat Pay v3: a code at a computer (native), the app on a phone (H5), parameters for JSAPI.

Protocol facts: pay.weixin.qq.com, APIv3. Public key or platform certificate; amounts in fen.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Never
from urllib.parse import quote

from wechatpayv3 import WeChatPayType

from shop.core import clock
from shop.payment.bills import wechat as wechat_bill
from shop.payment.bills.base import BillRow
from shop.payment.gateways import wechatpay_codes as codes
from shop.payment.gateways import wechatpay_notify
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
from shop.payment.gateways.wechatpay_client import Answer, WechatpayClient
from shop.payment.gateways.wechatpay_order import order_fields, title


@dataclass(frozen=True, slots=True)
class WechatpayConfig:
    """One merchant; ``public_key`` is a PEM text, of a public key or of a platform certificate."""

    gateway: str
    app_id: str
    mch_id: str
    private_key: str = field(repr=False)
    cert_serial: str
    apiv3_key: str = field(repr=False)
    public_key: str
    public_key_id: str = ""
    refund_notify_url: str = ""
    """Where refunds are told of; without it they are only asked about."""
    timeout: tuple[float, float] = (5.0, 10.0)
    """Seconds to connect, and to wait for each part of an answer."""


class WechatpayGateway:
    """Payments by code and in the app; refunds are accepted first and done later."""

    name = "wechatpay"
    capabilities = Capabilities(
        refund=True,
        partial_refund=True,
        close=True,
        notify=True,
        bill=True,
        scenes=frozenset(Scene),
        currencies=frozenset({"CNY"}),
    )

    def __init__(self, config: WechatpayConfig) -> None:
        """Read the keys; raises ``Misconfigured``."""
        for name in ("gateway", "app_id", "mch_id", "cert_serial"):
            if not getattr(config, name):
                raise Misconfigured(gateway=self.name, setting=name)
        self._config = config
        self._client = WechatpayClient(
            gateway=config.gateway,
            app_id=config.app_id,
            mch_id=config.mch_id,
            private_key=config.private_key,
            cert_serial=config.cert_serial,
            apiv3_key=config.apiv3_key,
            public_key=config.public_key,
            public_key_id=config.public_key_id,
            timeout=config.timeout,
        )

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
        """The text of a code, or on a phone (``WAP``) the address that opens the app.

        Raises ``ValueError`` for a number or amount that no caller may pass.
        """
        order = order_fields(attempt_no, amount, subject, expires_at, notify_url)
        if scene == Scene.WAP:
            info = {"payer_client_ip": client_ip or "127.0.0.1", "h5_info": {"type": "Wap"}}
            order |= {"scene_info": info, "pay_type": WeChatPayType.H5}
            address = self._text(self._call("pay", **order), "h5_url")
            mark = "&" if "?" in address else "?"
            return Action(redirect_url=f"{address}{mark}redirect_url={quote(return_url, safe='')}")
        answer = self._call("pay", pay_type=WeChatPayType.NATIVE, **order)
        return Action(qr_text=self._text(answer, "code_url"))

    def jsapi_parameters(
        self,
        attempt_no: str,
        amount: int,
        subject: str,
        expires_at: datetime | None,
        notify_url: str,
        openid: str,
    ) -> dict[str, str]:
        """What a page inside WeChat hands to ``WeixinJSBridge`` so that ``openid`` can pay."""
        order = order_fields(attempt_no, amount, subject, expires_at, notify_url)
        answer = self._call("pay", pay_type=WeChatPayType.JSAPI, payer={"openid": openid}, **order)
        package = f"prepay_id={self._text(answer, 'prepay_id')}"
        stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
        signed = self._client.sign([self._config.app_id, stamp, nonce, package])
        return {
            "appId": self._config.app_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": str(signed),
        }

    def query(self, no: str) -> Result:
        """The state of an order by our number; REFUND means paid, and given back in part or whole."""
        try:
            answer = self._call("query", out_trade_no=no)
        except Rejected as error:
            if error.provider_code in codes.NO_ORDER:
                return Result(PaymentStatus.NOT_FOUND)
            raise
        mine = (no, self._config.mch_id, self._config.app_id)
        if (answer.get("out_trade_no"), answer.get("mchid"), answer.get("appid")) != mine:
            raise Unknown(gateway=self.name, detail="another order's answer")
        raw = str(answer.get("trade_state", ""))
        status = {
            "NOTPAY": PaymentStatus.PENDING,
            "USERPAYING": PaymentStatus.PENDING,
            "PAYERROR": PaymentStatus.PENDING,
            "SUCCESS": PaymentStatus.PAID,
            "REFUND": PaymentStatus.PAID,
            "CLOSED": PaymentStatus.CLOSED,
            "REVOKED": PaymentStatus.CLOSED,
        }.get(raw)
        if status is None:
            raise Unknown(gateway=self.name, detail=f"trade_state {raw!r:.40}")
        if status != PaymentStatus.PAID:
            return Result(status, raw_status=raw)
        return Result(
            status=status,
            provider_id=self._text(answer, "transaction_id"),
            paid_amount=self._fen(answer, "total"),
            paid_at=wechatpay_notify.read_time(answer.get("success_time")),
            raw_status=raw,
            refundable=True,
        )

    def close(self, no: str) -> Closing:
        """Make an order unpayable; what is closed already stays so."""
        try:
            self._call("close", no)
        except Rejected as error:
            if error.provider_code in codes.NO_ORDER:
                return Closing.NOT_FOUND
            if error.provider_code in codes.PAID:
                return Closing.ALREADY_PAID
            if error.provider_code not in codes.CLOSED:
                raise
        return Closing.CLOSED

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        """Ask for a refund; the same ``refund_no`` again only tells how it stands.

        Accepted is not done: a notify or a query tells. CLOSED is a definite no, and a new try needs
        a new number.
        """
        if not 0 < amount <= total:
            raise ValueError("amount must be positive and at most the total")
        answer = self._call(
            "refund",
            out_refund_no=refund_no,
            out_trade_no=no,
            amount={"refund": amount, "total": total, "currency": "CNY"},
            reason=title(reason, 80),
            notify_url=self._config.refund_notify_url or None,
        )
        return self._refund(answer, no, refund_no)

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        """How a refund stands; one that does not exist moved no money."""
        try:
            answer = self._call("query_refund", refund_no)
        except Rejected as error:
            if error.provider_code in {"RESOURCE_NOT_EXISTS", "REFUND_NOT_EXIST"}:
                return RefundResult(RefundStatus.NOT_FOUND)
            raise
        return self._refund(answer, no, refund_no)

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        """Signature and age first, then merchant; raises ``BadSignature``, ``ForeignMerchant``."""
        return wechatpay_notify.parse(
            headers,
            raw_body,
            is_genuine=self._client.is_genuine,
            open_notify=self._client.open_notify,
            app_id=self._config.app_id,
            mch_id=self._config.mch_id,
        )

    def ack(self, ok: bool) -> tuple[int, str]:
        """204 ends the repeats; anything but 200 and 204 makes WeChat Pay send again."""
        return (204, "") if ok else (400, '{"code":"FAIL","message":"refused"}')

    def fetch_bill(self, day: date) -> list[BillRow]:
        """``tradebill``, then its link. That answer is not signed: the hash in the first one vouches for it."""
        try:
            answer = self._call("trade_bill", day.isoformat())
        except Rejected as error:
            if error.provider_code in codes.NO_BILL:
                return []
            raise
        if answer.get("hash_type") != "SHA1":
            raise Unknown(gateway=self.name, detail="hash_type")
        content = self._client.download(self._text(answer, "download_url"))
        return wechat_bill.read(content, self._text(answer, "hash_value"))

    def _call(self, operation: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        answer = self._client.ask(operation, *args, **kwargs)
        if answer.status in (200, 204) and answer.verified:
            return answer.body
        self._refused(operation, answer)

    def _refused(self, operation: str, answer: Answer) -> Never:
        """Sort a no: only a signed 4xx is definite. A refused signature is answered unsigned."""
        code = str(answer.body.get("code", ""))[:40]
        params = {"gateway": self.name, "operation": operation}
        if answer.status == 401 or (answer.verified and code in codes.OURS):
            raise Misconfigured(provider_code=code, **params)
        if not answer.verified:
            raise Unknown(detail=f"HTTP {answer.status} without a signature", **params)
        if code in codes.AGAIN or answer.status == 429:
            raise Retryable(provider_code=code, **params)
        if 400 <= answer.status < 500 and code:
            raise Rejected(code, **params)
        raise Unknown(detail=f"HTTP {answer.status}", **params)

    def _refund(self, answer: dict[str, Any], no: str, refund_no: str) -> RefundResult:
        if (answer.get("out_trade_no"), answer.get("out_refund_no")) != (no, refund_no):
            raise Unknown(gateway=self.name, detail="another refund's answer")
        raw = str(answer.get("status", ""))
        if raw not in wechatpay_notify.REFUNDS:
            raise Unknown(gateway=self.name, detail=f"refund status {raw!r:.40}")
        return RefundResult(
            wechatpay_notify.REFUNDS[raw],
            provider_refund_id=self._text(answer, "refund_id"),
            amount=self._fen(answer, "refund"),
        )

    def _text(self, answer: dict[str, Any], name: str) -> str:
        value = answer.get(name)
        if not isinstance(value, str) or not value:
            raise Unknown(gateway=self.name, detail=f"no {name}")
        return value

    def _fen(self, answer: dict[str, Any], name: str) -> int:
        try:
            return wechatpay_notify.read_fen(answer["amount"][name])
        except (KeyError, TypeError):
            raise Unknown(gateway=self.name, detail=f"amount.{name}") from None
