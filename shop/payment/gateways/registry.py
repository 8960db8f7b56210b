"""Which gateways the configuration opens."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.alipay_client import AlipayConfig
from shop.payment.gateways.base import Gateway, Misconfigured
from shop.payment.gateways.offline import BankAccount, BankTransfer, CashOnDelivery
from shop.payment.gateways.wechatpay import WechatpayConfig, WechatpayGateway

# Nothing that could end a source or a directive of the policy.
_HOST = re.compile(r"[a-z0-9.:_-]+")
# Browsers apply form-action to every redirect after a form; Alipay's gateway leads to its cashier
# on other hosts of its own.
_WITH_CASHIERS = ("alipay.com", "alipaydev.com")
_STRIPE_PAGES = "https://checkout.stripe.com"


def build_gateways(settings: Mapping[str, Any]) -> dict[str, Gateway]:
    """The gateways by name, those for online payment first; key files are read here, once.

    Alipay is there when ``ALIPAY_GATEWAY`` is set, WeChat Pay when ``WECHATPAY_GATEWAY`` is, cards when
    ``STRIPE_SECRET_KEY`` is. Raises ``Misconfigured`` naming the setting that is missing or whose file
    cannot be read.
    """
    gateways: dict[str, Gateway] = {}
    if settings.get("ALIPAY_GATEWAY"):
        gateways[AlipayGateway.name] = _alipay(settings)
    if settings.get("WECHATPAY_GATEWAY"):
        gateways[WechatpayGateway.name] = _wechatpay(settings)
    if settings.get("STRIPE_SECRET_KEY"):
        gateways["stripe"] = _stripe(settings)
    if settings.get("BANK_TRANSFER_ACCOUNTS"):
        gateways[BankTransfer.name] = BankTransfer(
            {
                currency: BankAccount(**account)
                for currency, account in settings["BANK_TRANSFER_ACCOUNTS"].items()
            }
        )
    gateways[CashOnDelivery.name] = CashOnDelivery()
    return gateways


def form_action_hosts(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Origins that a form of the shop may end at: for the Content-Security-Policy.

    Raises ``Misconfigured`` for a setting of theirs that is no web address.
    """
    origins: list[str] = []
    names = ["ALIPAY_GATEWAY", "WECHATPAY_GATEWAY"]
    if settings.get("STRIPE_SECRET_KEY"):
        names.append("STRIPE_API_BASE")
        if not settings.get("STRIPE_API_BASE"):
            origins.append(_STRIPE_PAGES)
    for setting in names:
        address = str(settings.get(setting) or "")
        if not address:
            continue
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise Misconfigured(setting=setting) from None
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise Misconfigured(setting=setting)
        bracketed = f"[{host}]" if ":" in host else host
        origins.append(f"{parts.scheme}://{bracketed}" + (f":{port}" if port else ""))
        origins += [f"https://*.{name}" for name in _WITH_CASHIERS if host.endswith(f".{name}")]
        if host.endswith(".mch.weixin.qq.com"):
            # The page that opens the app on a phone is on a host of its own.
            origins[-1] = "https://wx.tenpay.com"
        if host == "api.stripe.com":
            origins[-1] = _STRIPE_PAGES
    return tuple(dict.fromkeys(origins))


def _alipay(settings: Mapping[str, Any]) -> AlipayGateway:
    return AlipayGateway(
        AlipayConfig(
            gateway=str(settings["ALIPAY_GATEWAY"]),
            app_id=_required(settings, "ALIPAY_APP_ID"),
            seller_id=_required(settings, "ALIPAY_SELLER_ID"),
            app_private_key=_file(settings, "ALIPAY_APP_PRIVATE_KEY_FILE"),
            alipay_public_key=_file(settings, "ALIPAY_PUBLIC_KEY_FILE"),
            app_certificate=_perhaps_file(settings, "ALIPAY_APP_CERT_FILE"),
            root_certificates=_perhaps_file(settings, "ALIPAY_ROOT_CERT_FILE"),
            timeout=float(settings.get("ALIPAY_TIMEOUT") or 10),
        )
    )


def _wechatpay(settings: Mapping[str, Any]) -> WechatpayGateway:
    base = str(settings.get("PAYMENT_NOTIFY_BASE") or "")
    wait = float(settings.get("WECHATPAY_TIMEOUT") or 10)
    return WechatpayGateway(
        WechatpayConfig(
            gateway=str(settings["WECHATPAY_GATEWAY"]),
            app_id=_required(settings, "WECHATPAY_APP_ID"),
            mch_id=_required(settings, "WECHATPAY_MCH_ID"),
            private_key=_file(settings, "WECHATPAY_MCH_PRIVATE_KEY_FILE"),
            cert_serial=_required(settings, "WECHATPAY_MCH_CERT_SERIAL"),
            apiv3_key=_required(settings, "WECHATPAY_APIV3_KEY"),
            public_key=_file(settings, "WECHATPAY_PUBLIC_KEY_FILE"),
            public_key_id=str(settings.get("WECHATPAY_PUBLIC_KEY_ID") or ""),
            refund_notify_url=f"{base}/notify/{WechatpayGateway.name}" if base else "",
            timeout=(min(5.0, wait), wait),
        )
    )


def _stripe(settings: Mapping[str, Any]) -> Gateway:
    """Stripe's package is optional: only who has an account needs it."""
    secrets = [part.strip() for part in _required(settings, "STRIPE_WEBHOOK_SECRET").split(",")]
    try:
        from shop.payment.gateways.stripe import API_BASE, StripeConfig, StripeGateway
    except ImportError:
        raise Misconfigured(setting="STRIPE_SECRET_KEY", detail="pip install stripe") from None
    wait = float(settings.get("STRIPE_TIMEOUT") or 10)
    return StripeGateway(
        StripeConfig(
            secret_key=_required(settings, "STRIPE_SECRET_KEY"),
            webhook_secrets=tuple(secrets),
            api_base=str(settings.get("STRIPE_API_BASE") or API_BASE),
            timeout=(min(5.0, wait), wait),
        )
    )


def _required(settings: Mapping[str, Any], name: str) -> str:
    value = str(settings.get(name) or "").strip()
    if not value:
        raise Misconfigured(setting=name)
    return value


def _perhaps_file(settings: Mapping[str, Any], name: str) -> str:
    return _file(settings, name) if str(settings.get(name) or "").strip() else ""


def _file(settings: Mapping[str, Any], name: str) -> str:
    """The text of a key file; accounts of the database give the text itself."""
    given = _required(settings, name)
    if given.startswith("-----BEGIN "):
        return given
    path = Path(given)
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(setting=name, path=str(path)) from None
