"""Public keys and certificates as PEM texts."""

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes


def is_certificate(text: str) -> bool:
    """Whether a PEM text is a certificate rather than a key."""
    return "BEGIN CERTIFICATE" in text


def certificates(text: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, one at least. Raises ``ValueError``."""
    return x509.load_pem_x509_certificates(text.encode())


def public_pem(key: CertificatePublicKeyTypes) -> str:
    """A public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
