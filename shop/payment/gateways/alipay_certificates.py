"""Alipay's certificate mode: what its three certificates say.

Protocol facts: opendocs.alipay.com, 公钥证书. A request names the app's certificate and the roots it trusts, each
by the MD5 of its issuer's name (RFC 2253) followed by its serial number; of the roots those signed with RSA
count. An answer names the certificate of its key. A renewed certificate keeps its key, so the key is what is
trusted, and another name is worth a word only.
"""

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from shop.payment.gateways import pems
from shop.payment.gateways.base import Misconfigured

# PKCS #1: rsaEncryption and every signature made with it.
_RSA = "1.2.840.113549.1.1."
APP, ROOT, PROVIDER = "ALIPAY_APP_CERT_FILE", "ALIPAY_ROOT_CERT_FILE", "ALIPAY_PUBLIC_KEY_FILE"
INCOMPLETE = "certificates"
"""The detail of ``Misconfigured`` where one certificate is there and another is missing."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Names of certificates as Alipay writes them, and the key that its answers prove (PEM)."""

    app: str
    roots: str
    provider: str
    provider_key: str


def read(app: str, roots: str, provider: str, private_key: str) -> Certificates | None:
    """The certificates of an app, or None when it uses plain keys.

    ``app``, ``roots`` (several in one text), ``provider``: PEM texts; ``private_key`` the app's. Raises
    ``Misconfigured`` naming the setting that is missing, unreadable, or not of this app.
    """
    if not pems.is_certificate(provider):
        if app or roots:
            raise Misconfigured(setting=PROVIDER, detail=INCOMPLETE)
        return None
    for setting, text in ((APP, app), (ROOT, roots)):
        if not text:
            raise Misconfigured(setting=setting, detail=INCOMPLETE)
    own, theirs = _load(APP, app)[0], _load(PROVIDER, provider)[0]
    if own.public_key() != _private(private_key).public_key():
        raise Misconfigured(setting=APP, detail="another key")
    named = [
        name_of(one)
        for one in _load(ROOT, roots)
        if one.signature_algorithm_oid.dotted_string.startswith(_RSA)
    ]
    if not named:
        raise Misconfigured(setting=ROOT, detail="no RSA")
    key = theirs.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Misconfigured(setting=PROVIDER, detail="not RSA")
    return Certificates(
        name_of(own), "_".join(named), name_of(theirs), provider_key=pems.public_pem(key)
    )


def name_of(certificate: x509.Certificate) -> str:
    """How Alipay calls a certificate: 32 hexadecimal digits."""
    text = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _load(setting: str, text: str) -> list[x509.Certificate]:
    try:
        return pems.certificates(text)
    except ValueError:
        raise Misconfigured(setting=setting, detail="unreadable") from None


def _private(text: str) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        raise Misconfigured(setting="ALIPAY_APP_PRIVATE_KEY_FILE", detail="unreadable") from None
