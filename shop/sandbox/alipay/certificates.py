"""Certificate mode: a root, the app's certificate and the provider's, made on first run.

Among the roots stands one signed with another algorithm, as in Alipay's own file: it has no part in the name.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

APP_FILE, ROOT_FILE, PROVIDER_FILE = "app_cert.pem", "root_cert.pem", "alipay_cert.pem"
_ISSUER = "Xiaopu Sandbox Root R1"
_YEARS = timedelta(days=3650)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Names:
    """What requests and answers call the three."""

    app: str
    root: str
    provider: str


def make(app: rsa.RSAPublicKey, provider: rsa.RSAPublicKey) -> dict[str, bytes]:
    """The content of the three files; the app's comes last, since it tells that all are there."""
    root = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    roots = (
        _certificate("Xiaopu Sandbox Root E1", "Xiaopu Sandbox Root E1", curve.public_key(), curve),
        _certificate(_ISSUER, _ISSUER, root.public_key(), root),
    )
    return {
        ROOT_FILE: b"\n".join(roots),
        PROVIDER_FILE: _certificate("The provider", _ISSUER, provider, root),
        APP_FILE: _certificate("The app", _ISSUER, app, root),
    }


def are_in(folder: Path) -> bool:
    """Whether the app of this folder works with certificates."""
    return (folder / APP_FILE).exists()


def read(folder: Path) -> Names | None:
    """The names of the certificates in ``folder``; None where there are none."""
    if not are_in(folder):
        return None
    app, provider = (
        x509.load_pem_x509_certificate((folder / file).read_bytes())
        for file in (APP_FILE, PROVIDER_FILE)
    )
    roots = x509.load_pem_x509_certificates((folder / ROOT_FILE).read_bytes())
    (root,) = (one for one in roots if isinstance(one.public_key(), rsa.RSAPublicKey))
    return Names(*(_name(one) for one in (app, root, provider)))


def _name(certificate: x509.Certificate) -> str:
    text = f"CN={_ISSUER},OU=Sandbox,O=Xiaopu,C=CN{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _certificate(
    subject: str, issuer: str, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, signer: Key
) -> bytes:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_distinguished(subject))
        .issuer_name(_distinguished(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def _distinguished(name: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Xiaopu"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Sandbox"),
        (NameOID.COMMON_NAME, name),
    )
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])
