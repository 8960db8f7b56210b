"""Accounts at payment providers, made of the keys of a sandbox."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shop.core.sealing import Keyring
from shop.core.transaction import transaction
from shop.payment.accounts import services
from shop.payment.accounts.kinds import PEMS, kind
from shop.payment.accounts.services import Entry, Surroundings

KEY = "a2V5LW9mLXRoZS10ZXN0cy0zMi1ieXRlcy1sb25nISE="
"""For ``PAYMENT_SECRETS_KEY``."""


def typed(gateway: str, settings: Mapping[str, str]) -> dict[str, str]:
    """What an operator pastes: values by setting, the content of key files in place of their paths."""
    found = {}
    for one in kind(gateway).fields:
        value = settings.get(one.setting, "")
        found[one.setting] = Path(value).read_text() if one.sort in PEMS and value else value
    return found


def fields(values: Mapping[str, str]) -> dict[str, str]:
    """The same as a form sends it."""
    return {name.lower(): value for name, value in values.items()} | {"currencies": "CNY"}


@cache
def pem_pair() -> tuple[str, str]:
    """A private key and the public one of another pair."""
    own, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab")
    private = own.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def make_account(app_id: str = "2021000000000001", *, use: bool = False) -> str:
    """An Alipay account whose provider is nowhere; its public id."""
    private, public = pem_pair()
    around = Surroundings({}, Keyring.of(KEY))
    values = {
        "ALIPAY_GATEWAY": "https://openapi.example/gateway.do",
        "ALIPAY_APP_ID": app_id,
        "ALIPAY_SELLER_ID": "2088000000000001",
        "ALIPAY_APP_PRIVATE_KEY_FILE": private,
        "ALIPAY_PUBLIC_KEY_FILE": public,
    }
    with transaction():
        made = services.create(
            "alipay", Entry("Head office", ["CNY"], values), around, actor="test"
        )
        if use:
            services.put_in_use(made, around, actor="test")
    return made
