"""What an account at each provider is made of, as data: the form, the sealing and the gateway follow.

A further provider is one more entry of ``KINDS``, with the settings that ``gateways.registry`` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shop.core.errors import NotFound
from shop.payment.gateways import stripe_units
from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.base import Gateway, Misconfigured
from shop.payment.gateways.registry import build_gateways
from shop.payment.gateways.wechatpay import WechatpayGateway


class Sort(StrEnum):
    """What a value is; it decides how it is checked and shown."""

    ADDRESS = "address"
    TEXT = "text"
    SERIAL = "serial"
    """Of a certificate; the certificate itself may be given, and its serial is read."""
    PRIVATE_KEY = "private-key"
    PUBLIC_KEY_OR_CERTIFICATE = "public-key-or-certificate"
    CERTIFICATE = "certificate"
    CERTIFICATES = "certificates"
    """Several in one text, such as the roots that a provider's own one leads to."""
    SECRET = "secret"  # noqa: S105 - the name of a sort


SECRETS = frozenset({Sort.PRIVATE_KEY, Sort.SECRET})
PUBLIC_PEMS = frozenset({Sort.PUBLIC_KEY_OR_CERTIFICATE, Sort.CERTIFICATE, Sort.CERTIFICATES})
PEMS = PUBLIC_PEMS | {Sort.PRIVATE_KEY}


@dataclass(frozen=True, slots=True)
class Field:
    """One value. ``setting`` is its name in the environment, and here.

    ``identity``: it tells which merchant this is, and never changes. ``size``: exactly so many bytes.
    """

    setting: str
    sort: Sort
    identity: bool = False
    required: bool = True
    usual: str = ""
    size: int | None = None

    @property
    def secret(self) -> bool:
        """Whether it is sealed and never shown again."""
        return self.sort in SECRETS


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider: the gateway's name, the setting without which ``gateways.registry`` leaves it out, and
    all its values."""

    name: str
    gate: str
    fields: tuple[Field, ...]
    currencies: frozenset[str] | None = None
    """What the gateway can take at all; None for every currency."""

    @property
    def address(self) -> str:
        """The setting that says where the provider is."""
        return next((one.setting for one in self.fields if one.sort == Sort.ADDRESS), "")

    def merchant(self, values: Mapping[str, Any]) -> str:
        """Who it is at the provider, the same wherever its keys are kept."""
        return "/".join(str(values.get(one.setting) or "") for one in self.fields if one.identity)

    def build(self, values: Mapping[str, str], settings: Mapping[str, Any]) -> Gateway:
        """The gateway of an account with ``values``; addresses and time-outs come from ``settings``.

        Raises ``Misconfigured``.
        """
        own = {one.setting: values.get(one.setting, "") for one in self.fields}
        built = build_gateways({**settings, **{one.gate: "" for one in KINDS}, **own})
        if self.name not in built:
            raise Misconfigured(setting=self.gate)
        return built[self.name]


KINDS = (
    Kind(
        "alipay",
        "ALIPAY_GATEWAY",
        (
            Field("ALIPAY_GATEWAY", Sort.ADDRESS, usual="https://openapi.alipay.com/gateway.do"),
            Field("ALIPAY_APP_ID", Sort.TEXT, identity=True),
            Field("ALIPAY_SELLER_ID", Sort.TEXT, identity=True),
            Field("ALIPAY_APP_PRIVATE_KEY_FILE", Sort.PRIVATE_KEY),
            Field("ALIPAY_PUBLIC_KEY_FILE", Sort.PUBLIC_KEY_OR_CERTIFICATE),
            Field("ALIPAY_APP_CERT_FILE", Sort.CERTIFICATE, required=False),
            Field("ALIPAY_ROOT_CERT_FILE", Sort.CERTIFICATES, required=False),
        ),
        AlipayGateway.capabilities.currencies,
    ),
    Kind(
        "wechatpay",
        "WECHATPAY_GATEWAY",
        (
            Field("WECHATPAY_GATEWAY", Sort.ADDRESS, usual="https://api.mch.weixin.qq.com"),
            Field("WECHATPAY_MCH_ID", Sort.TEXT, identity=True),
            Field("WECHATPAY_APP_ID", Sort.TEXT, identity=True),
            Field("WECHATPAY_MCH_PRIVATE_KEY_FILE", Sort.PRIVATE_KEY),
            Field("WECHATPAY_MCH_CERT_SERIAL", Sort.SERIAL),
            Field("WECHATPAY_APIV3_KEY", Sort.SECRET, size=32),
            Field("WECHATPAY_PUBLIC_KEY_FILE", Sort.PUBLIC_KEY_OR_CERTIFICATE),
            Field("WECHATPAY_PUBLIC_KEY_ID", Sort.TEXT, required=False),
        ),
        WechatpayGateway.capabilities.currencies,
    ),
    Kind(
        "stripe",
        "STRIPE_SECRET_KEY",
        (
            Field("STRIPE_API_BASE", Sort.ADDRESS, usual="https://api.stripe.com"),
            # Nothing is asked with it: it says whose keys these are, whichever they are.
            Field("STRIPE_ACCOUNT", Sort.TEXT, identity=True),
            Field("STRIPE_SECRET_KEY", Sort.SECRET),
            Field("STRIPE_WEBHOOK_SECRET", Sort.SECRET),
        ),
        stripe_units.CURRENCIES,
    ),
)


def kind(name: str) -> Kind:
    """The declaration of a gateway's accounts. Raises ``NotFound``."""
    for one in KINDS:
        if one.name == name:
            return one
    raise NotFound("account-kind")
