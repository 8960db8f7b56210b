"""Which gateways the configuration opens."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shop.payment.gateways.alipay import AlipayConfig, AlipayGateway
from shop.payment.gateways.base import Gateway, Misconfigured
from shop.payment.gateways.offline import CashOnDelivery

# Nothing that could end a source or a directive of the policy.
_HOST = re.compile(r"[a-z0-9.:_-]+")
# Browsers apply form-action to every redirect after a form; Alipay's gateway leads to its cashier
# on other hosts of its own.
_WITH_CASHIERS = ("alipay.com", "alipaydev.com")


def build_gateways(settings: Mapping[str, Any]) -> dict[str, Gateway]:
    """The gateways by name, those for online payment first; key files are read here, once.

    Alipay is there when ``ALIPAY_GATEWAY`` is set. Raises ``Misconfigured`` naming the setting that
    is missing or whose file cannot be read.
    """
    gateways: dict[str, Gateway] = {}
    if settings.get("ALIPAY_GATEWAY"):
        gateways[AlipayGateway.name] = AlipayGateway(
            AlipayConfig(
                gateway=str(settings["ALIPAY_GATEWAY"]),
                app_id=_required(settings, "ALIPAY_APP_ID"),
                seller_id=_required(settings, "ALIPAY_SELLER_ID"),
                app_private_key=_file(settings, "ALIPAY_APP_PRIVATE_KEY_FILE"),
                alipay_public_key=_file(settings, "ALIPAY_PUBLIC_KEY_FILE"),
                timeout=float(settings.get("ALIPAY_TIMEOUT") or 10),
            )
        )
    gateways[CashOnDelivery.name] = CashOnDelivery()
    return gateways


def form_action_hosts(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Origins that a form of the shop may end at: for the Content-Security-Policy.

    Raises ``Misconfigured`` for an ``ALIPAY_GATEWAY`` that is no web address.
    """
    address = str(settings.get("ALIPAY_GATEWAY") or "")
    if not address:
        return ()
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Misconfigured(setting="ALIPAY_GATEWAY") from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise Misconfigured(setting="ALIPAY_GATEWAY")
    bracketed = f"[{host}]" if ":" in host else host
    origins = [f"{parts.scheme}://{bracketed}" + (f":{port}" if port else "")]
    origins += [f"https://*.{name}" for name in _WITH_CASHIERS if host.endswith(f".{name}")]
    return tuple(origins)


def _required(settings: Mapping[str, Any], name: str) -> str:
    value = str(settings.get(name) or "").strip()
    if not value:
        raise Misconfigured(setting=name)
    return value


def _file(settings: Mapping[str, Any], name: str) -> str:
    path = Path(_required(settings, name))
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(setting=name, path=str(path)) from None
