"""What an operator gives, checked and in the form that the gateways read."""

import base64
import binascii
import hashlib
import ipaddress
import re
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shop.core import clock
from shop.core.errors import Invalid
from shop.payment.accounts.kinds import PEMS, Field, Sort
from shop.payment.gateways import pems

LONGEST = 16_384
_SHORTEST_KEY = 2048
_SERIAL = re.compile(r"[0-9A-Fa-f]{8,64}")
_TEXT = re.compile(r"[\x21-\x7e]{1,255}")
_HOST = re.compile(r"[a-z0-9.:_-]+")


def read(field: Field, typed: str, *, production: bool) -> str:
    """The value of a field, without spaces around it and keys as PEM; empty for nothing.

    Raises ``Invalid`` with ``account-value-missing``, ``address-form``, ``address-local``,
    ``value-form``, ``secret-size``, ``serial-form`` or what ``key-…`` and ``certificate-…`` tell.
    No error holds what was typed.
    """
    text = typed.strip()
    if not text:
        if field.required:
            raise Invalid("account-value-missing", field=field.setting)
        return ""
    try:
        if len(text) > LONGEST:
            raise Invalid("value-form")
        match field.sort:
            case Sort.ADDRESS:
                return _address(text, production)
            case Sort.SERIAL:
                return _serial(text)
            case Sort.PRIVATE_KEY:
                return _private(text)
            case Sort.PUBLIC_KEY_OR_CERTIFICATE:
                return _certificate(text) if pems.is_certificate(text) else _public(text)
            case Sort.CERTIFICATE:
                return _certificate(text)
            case Sort.CERTIFICATES:
                # Roots may have ended: what they vouched for lives on.
                return "".join(_pem(one) for one in _load_certificates(text))
            case Sort.SECRET if field.size is not None and len(text.encode()) != field.size:
                raise Invalid("secret-size", size=field.size)
        if not _TEXT.fullmatch(text):
            raise Invalid("value-form")
    except Invalid as error:
        raise Invalid(error.reason, field=field.setting, **error.params) from None
    return text


def ending(field: Field, value: str) -> str:
    """Four characters by which a person knows a secret again: of a key, of its digest."""
    if field.sort in PEMS:
        return hashlib.sha256(value.encode()).hexdigest()[-4:]
    return value[-4:] if len(value) >= 24 else ""


def is_local(address: str) -> bool:
    """Whether an address leads to this very machine: a sandbox, never a provider."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host in {"localhost", ""} or host.endswith(".localhost"):
        return True
    try:
        place = ipaddress.ip_address(host)
    except ValueError:
        return False
    return place.is_loopback or place.is_unspecified


def is_real(address: str) -> bool:
    """Whether production may use an address: https, and not this machine."""
    return address.startswith("https://") and not is_local(address)


def same_pair(private: str, public: str) -> bool:
    """Whether a public key (or a certificate's) belongs to a private one: ours then, and not the provider's."""
    ours = _load_private(private).public_key().public_numbers()
    try:
        if pems.is_certificate(public):
            theirs: object = _load_certificates(public)[0].public_key()
        else:
            theirs = serialization.load_pem_public_key(public.encode())
    except ValueError:
        return False
    return isinstance(theirs, rsa.RSAPublicKey) and theirs.public_numbers() == ours


def _address(text: str, production: bool) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("address-form") from None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or not _TEXT.match(text):
        raise Invalid("address-form")
    if len(text) > 200 or parts.query or parts.fragment or parts.username or not text.isascii():
        raise Invalid("address-form")
    if " " in text or not text.isprintable():
        raise Invalid("address-form")
    if production and not is_real(text):
        raise Invalid("address-local")
    return text.rstrip("/")


def _serial(text: str) -> str:
    if pems.is_certificate(text):
        return f"{_load_certificates(text)[0].serial_number:X}"
    if not _SERIAL.fullmatch(text):
        raise Invalid("serial-form")
    return text.upper()


def _private(text: str) -> str:
    if "PUBLIC KEY" in text or pems.is_certificate(text):
        raise Invalid("key-is-public")
    key = _load_private(text)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _load_private(text: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(text.encode(), None) if _framed(text) else None
        key = key or serialization.load_der_private_key(_naked(text), None)
    except TypeError:  # it is encrypted, and nobody gave its password
        raise Invalid("key-encrypted") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid("key-unreadable") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Invalid("key-not-rsa")
    if key.key_size < _SHORTEST_KEY:
        raise Invalid("key-short", bits=_SHORTEST_KEY)
    return key


def _public(text: str) -> str:
    if "PRIVATE KEY" in text:
        raise Invalid("key-is-private")
    try:
        if _framed(text):
            key = serialization.load_pem_public_key(text.encode())
        else:
            key = serialization.load_der_public_key(_naked(text))
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid("key-unreadable") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Invalid("key-not-rsa")
    if key.key_size < _SHORTEST_KEY:
        raise Invalid("key-short", bits=_SHORTEST_KEY)
    return pems.public_pem(key)


def _certificate(text: str) -> str:
    certificate = _load_certificates(text)[0]
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise Invalid("key-not-rsa")
    if certificate.not_valid_after_utc <= clock.now():
        raise Invalid("certificate-expired", day=certificate.not_valid_after_utc.date().isoformat())
    return _pem(certificate)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _load_certificates(text: str) -> list[x509.Certificate]:
    if "PRIVATE KEY" in text:
        raise Invalid("key-is-private")
    try:
        return pems.certificates(text)
    except ValueError:
        raise Invalid("certificate-unreadable") from None


def _framed(text: str) -> bool:
    return "-----BEGIN" in text


def _naked(text: str) -> bytes:
    """A key as Alipay's tool shows it: base64 without a frame."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("key-unreadable") from None
