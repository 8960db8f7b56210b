"""Alipay's SDK with our transport: Beijing time stamps, POST, bounded answers, one kind of error.

Of the SDK's two clients, for plain keys and for certificates, the one that an account wants.
"""

import http.client
import ipaddress
import json
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any, Never
from urllib.parse import urlsplit

import structlog
from alipay import AliPay, BaseAliPay, DCAliPay
from alipay.utils import AliPayConfig

from shop.core import clock
from shop.payment.gateways import alipay_certificates
from shop.payment.gateways.alipay_certificates import Certificates
from shop.payment.gateways.base import Misconfigured, Unknown

# China keeps UTC+8 all year.
BEIJING = timezone(timedelta(hours=8))
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
MAX_ANSWER_BYTES = 1 << 20
MAX_BILL_BYTES = 32 << 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AlipayConfig:
    """One merchant app; keys and certificates are PEM texts.

    ``alipay_public_key`` may be Alipay's certificate: then the app's and the roots are needed as well.
    """

    gateway: str
    app_id: str
    seller_id: str
    app_private_key: str = field(repr=False)
    alipay_public_key: str
    timeout: float = 10.0
    """Seconds to connect, and to wait for each part of an answer."""
    app_certificate: str = ""
    root_certificates: str = ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Leave a redirect the error that it is: signed parameters go to the gateway only."""


class AlipayClient(BaseAliPay):  # type: ignore[misc]  # the SDK has no types
    """The SDK signs and verifies; what it does worse than we need is replaced here."""

    def __init__(self, config: AlipayConfig, **keys: str) -> None:
        """Let the SDK read its keys; raises ``Misconfigured``."""
        try:
            super().__init__(
                appid=config.app_id,
                app_private_key_string=config.app_private_key,
                sign_type="RSA2",
                **keys,
            )
        except (ValueError, IndexError, TypeError) as error:
            # The importer of keys fails in these three ways, none of which may show the key.
            raise Misconfigured(setting="keys", detail=type(error).__name__) from None
        if not self._app_private_key.has_private():
            raise Misconfigured(setting="ALIPAY_APP_PRIVATE_KEY_FILE", detail="public")
        # The SDK's client for certificates takes neither.
        self._config = AliPayConfig(timeout=config.timeout)
        self._gateway = config.gateway
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if _is_loopback(urlsplit(config.gateway).hostname or ""):
            # The sandbox is on this machine, and a proxy of the environment cannot reach it.
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def build_body(
        self, method: str, biz_content: dict[str, Any] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """The common parameters, stamped with Beijing time whatever zone the server keeps."""
        data: dict[str, Any] = super().build_body(method, biz_content, **kwargs)
        data["timestamp"] = clock.now().astimezone(BEIJING).strftime(TIME_FORMAT)
        return data

    def page_address(self, method: str, biz_content: dict[str, Any], **urls: str) -> str:
        """A signed address that a browser may open; nothing is sent."""
        return f"{self._gateway}?{self.client_api(method, biz_content, **urls)}"

    def call(self, method: str, biz_content: dict[str, Any], **urls: str) -> dict[str, Any]:
        """Ask the gateway and return its verified answer; raises ``Unknown`` for anything else."""
        try:
            answer = self.server_api(method, biz_content, **urls)
        except Exception as error:  # noqa: BLE001 - see below
            # The boundary to SDK and network: it fails as URLError, HTTPException, ValueError,
            # AttributeError and two types of its own. However it failed, the provider may have
            # executed the request, so there is one thing to say.
            self._unknown(method, error)
        if not isinstance(answer, dict):
            raise Unknown(method=method, detail="not an object")
        return answer

    def verified_sync_response(self, data: dict[str, Any], response_type: str) -> Any:
        """Send by POST (amounts and numbers stay out of logs) and let the SDK verify the answer."""
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's setting
            f"{self._gateway}?charset=utf-8",
            self.sign_data(data).encode("ascii"),
            {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
        )
        with self._opener.open(request, timeout=self._config.timeout) as answer:
            raw = answer.read(MAX_ANSWER_BYTES + 1)
        if len(raw) > MAX_ANSWER_BYTES:
            raise http.client.HTTPException("answer too long")
        return self._verify_and_return_sync_response(raw.decode("utf-8"), response_type)

    def download(self, address: object) -> bytes:
        """The file behind a link that a signed answer named; raises ``Unknown``."""
        if not isinstance(address, str) or urlsplit(address).scheme not in {"http", "https"}:
            raise Unknown(method="download", detail="no address")
        try:
            with self._opener.open(address, timeout=self._config.timeout) as answer:
                raw: bytes = answer.read(MAX_BILL_BYTES + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._unknown("download", error)
        if len(raw) > MAX_BILL_BYTES:
            raise Unknown(method="download", detail="too long")
        return raw

    def _unknown(self, method: str, error: Exception) -> Never:
        status = getattr(error, "code", None)
        detail = f"HTTP {status}" if isinstance(status, int) else type(error).__name__
        raise Unknown(method=method, detail=detail) from error


class KeyClient(AlipayClient, AliPay):  # type: ignore[misc]  # the SDK has no types
    """With the app's private key and Alipay's public one."""

    def __init__(self, config: AlipayConfig) -> None:
        super().__init__(config, alipay_public_key_string=config.alipay_public_key)


class CertificateClient(AlipayClient, DCAliPay):  # type: ignore[misc]  # the SDK has no types
    """With certificates, which ``alipay_certificates`` has read: the SDK's way through pyOpenSSL ends."""

    def __init__(self, config: AlipayConfig, certificates: Certificates) -> None:
        self._certificates = certificates
        names = ("app_public_key", "alipay_public_key", "alipay_root")
        super().__init__(config, **{f"{name}_cert_string": "" for name in names})

    def load_alipay_public_key_string(self) -> str:
        """The key in Alipay's certificate."""
        return self._certificates.provider_key

    @property
    def app_cert_sn(self) -> str:
        """What a request calls the app's certificate."""
        return self._certificates.app

    @property
    def alipay_root_cert_sn(self) -> str:
        """What a request calls the roots that we trust."""
        return self._certificates.roots

    def _verify_and_return_sync_response(self, raw: str, response_type: str) -> Any:
        """Alipay renews its certificate around the same key: what the key has signed is believed."""
        answer = super()._verify_and_return_sync_response(raw, response_type)
        named = json.loads(raw).get("alipay_cert_sn")
        if named != self._certificates.provider:
            log.warning("Alipay names another certificate, download the new one", named=named)
        return answer


def open_client(config: AlipayConfig) -> AlipayClient:
    """The client that the account's keys or certificates want; raises ``Misconfigured``."""
    certificates = alipay_certificates.read(
        config.app_certificate,
        config.root_certificates,
        config.alipay_public_key,
        config.app_private_key,
    )
    return CertificateClient(config, certificates) if certificates else KeyClient(config)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
