"""WeChat Pay's SDK with our transport: bounded answers, no redirects, every answer verified."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from shop.payment.gateways import pems
from shop.payment.gateways.base import Misconfigured, Unknown

MAX_ANSWER_BYTES = 1 << 20
MAX_BILL_BYTES = 32 << 20
HEADERS = tuple(
    f"Wechatpay-{name}" for name in ("Signature", "Timestamp", "Nonce", "Serial", "Signature-Type")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``verified``: the provider signed exactly this."""

    status: int
    body: dict[str, Any]
    verified: bool


class _Core(Core):  # type: ignore[misc]  # the SDK has no types
    """The SDK signs and verifies; it takes 4xx unverified and follows redirects, we do not."""

    def request(self, path: str, method: Any = RequestType.GET, data: Any = None) -> Answer:
        """One signed request; raises whatever the transport raises."""
        with self._sent(path, method.value, json.dumps(data) if data is not None else "") as answer:
            text = _bounded(answer, MAX_ANSWER_BYTES).decode("utf-8")
            verified = self.is_genuine(answer.headers, text)
            return Answer(answer.status_code, _object(text), verified)

    def download(self, path: str) -> bytes:
        """The content behind a signed request whose answer is not signed."""
        with self._sent(path, "GET", "") as answer:
            if answer.status_code != 200:
                raise ValueError(f"HTTP {answer.status_code}")
            return _bounded(answer, MAX_BILL_BYTES)

    @contextmanager
    def _sent(self, path: str, method: str, body: str) -> Iterator[requests.Response]:
        authorization = build_authorization(
            path, method, self._mchid, self._cert_serial_no, self._private_key, data=body
        )
        with requests.Session() as session:
            # A proxy of the environment cannot reach a sandbox on this machine.
            session.trust_env = not _is_loopback(urlsplit(self._gate_way).hostname or "")
            with session.request(
                method,
                self._gate_way + path,
                data=body.encode() or None,
                headers={
                    "Authorization": authorization,
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "xiaopu",
                    "Wechatpay-Serial": self._public_key_id,
                },
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                yield answer

    def is_genuine(self, headers: Any, text: str) -> bool:
        """Whether the provider signed ``text``; only the serial that we were given is known."""
        given = {name: headers.get(name) or "" for name in HEADERS}
        if given["Wechatpay-Serial"] != self._public_key_id:
            return False
        try:
            return bool(self._verify_signature(given, text))
        except Exception:  # noqa: BLE001 - the SDK raises plain exceptions for malformed headers
            return False


class WechatpayClient(WeChatPay):  # type: ignore[misc]  # the SDK has no types
    """The calls of the SDK over our transport. Each answers an ``Answer`` or raises ``Unknown``."""

    def __init__(
        self,
        *,
        gateway: str,
        app_id: str,
        mch_id: str,
        private_key: str,
        cert_serial: str,
        apiv3_key: str,
        public_key: str,
        public_key_id: str,
        timeout: tuple[float, float],
    ) -> None:
        """Read the keys; a platform certificate stands for its key and serial.

        Raises ``Misconfigured``.
        """
        if len(apiv3_key.encode()) != 32:
            raise Misconfigured(setting="WECHATPAY_APIV3_KEY")
        public_key, public_key_id = _platform(public_key, public_key_id)
        keys = {
            "mchid": mch_id,
            "private_key": private_key,
            "apiv3_key": apiv3_key,
            "timeout": timeout,
            "public_key": public_key,
            "public_key_id": public_key_id,
        }
        try:
            super().__init__(
                wechatpay_type=WeChatPayType.NATIVE,
                cert_serial_no=cert_serial,
                appid=app_id,
                **keys,
            )
            core = _Core(cert_serial_no=cert_serial, **keys)
        except Exception as error:  # noqa: BLE001 - see below
            # The SDK raises plain exceptions, none of which may show the key.
            raise Misconfigured(setting="WECHATPAY keys", detail=type(error).__name__) from None
        core._gate_way = gateway.rstrip("/")
        self._core = core

    def ask(self, operation: str, *args: Any, **kwargs: Any) -> Answer:
        """One call of the SDK by its name; however it fails, it may have been executed."""
        try:
            answer: Answer = getattr(self, operation)(*args, **kwargs)
        except Exception as error:
            raise Unknown(operation=operation, detail=type(error).__name__) from error
        return answer

    def download(self, address: str) -> bytes:
        """The file behind a link that a signed answer named; only the gateway's own host is asked.

        Raises ``Unknown``.
        """
        base = self._core._gate_way
        if not address.startswith(f"{base}/"):
            raise Unknown(operation="download", detail="a link to another host")
        try:
            content: bytes = self._core.download(address.removeprefix(base))
        except Exception as error:
            raise Unknown(operation="download", detail=type(error).__name__) from error
        return content

    def is_genuine(self, headers: dict[str, str], text: str) -> bool:
        """Whether the provider signed this."""
        return bool(self._core.is_genuine(headers, text))

    def open_notify(self, headers: dict[str, str], text: str) -> Any:
        """Verify and decrypt; None or an exception for what is not the provider's."""
        return self._core.callback(headers, text)


def _bounded(answer: requests.Response, most: int) -> bytes:
    """The whole content, if it is not more than ``most`` bytes."""
    raw: bytes = answer.raw.read(most + 1, decode_content=True)
    if len(raw) > most:
        raise ValueError("answer too long")
    return raw


def _platform(text: str, key_id: str) -> tuple[str, str]:
    """Key and serial of what was given: a public key with its id, or a platform certificate."""
    if not pems.is_certificate(text):
        if not key_id:
            raise Misconfigured(setting="WECHATPAY_PUBLIC_KEY_ID")
        return text, key_id
    try:
        certificate = pems.certificates(text)[0]
        key = pems.public_pem(certificate.public_key())
    except ValueError:
        raise Misconfigured(setting="WECHATPAY_PUBLIC_KEY_FILE") from None
    return key, f"{certificate.serial_number:X}"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
