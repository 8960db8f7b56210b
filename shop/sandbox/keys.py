"""Key pairs of the make-believe merchant and provider, made on first run and never in git."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shop.sandbox.alipay import certificates
from shop.sandbox.env_file import read_env_file, write_env_file
from shop.sandbox.settings import ENV_FILE, SandboxProblem

GATEWAY_PATH = "/alipay/gateway.do"


def make_keys(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8600,
    app_id: str | None = None,
    seller_id: str | None = None,
    certified: bool = False,
) -> Path:
    """Make what is missing in ``folder`` and return the path of its env-file.

    ``certified``: Alipay's app works with certificates; one that does goes on doing so.

    Key pairs and ids that are there already stay; only the gateway's address follows ``host`` and
    ``port``. Private and public files alike are readable by their owner only. Raises
    ``SandboxProblem`` when the folder cannot be written.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for owner in ("app", "alipay", "mch", "wechatpay"):
            _make_pair(folder, owner)
        if certified and not certificates.are_in(folder):
            _make_certificates(folder)
        return _make_env_file(folder, f"http://{host}:{port}", app_id, seller_id)
    except OSError as error:
        raise SandboxProblem(
            f"The sandbox cannot write its keys to {folder}: {error.strerror}."
        ) from error


def load_private_key(path: Path) -> rsa.RSAPrivateKey:
    """Read an unencrypted RSA private key; raises ``SandboxProblem`` for anything else."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SandboxProblem(f"{path} is not an RSA private key.")
    return key


def load_public_key(path: Path) -> rsa.RSAPublicKey:
    """Read an RSA public key; raises ``SandboxProblem`` for anything else."""
    key = serialization.load_pem_public_key(path.read_bytes())
    if not isinstance(key, rsa.RSAPublicKey):
        raise SandboxProblem(f"{path} is not an RSA public key.")
    return key


def _make_pair(folder: Path, owner: str) -> None:
    private_path = folder / f"{owner}_private.pem"
    if not private_path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write_new(
            private_path,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
    public_path = folder / f"{owner}_public.pem"
    if not public_path.exists():
        # Derived from the file, not from the key above: another first run may have won the race.
        public = load_private_key(private_path).public_key()
        _write_new(
            public_path,
            public.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
        )


def _make_certificates(folder: Path) -> None:
    keys = (load_public_key(folder / f"{owner}_public.pem") for owner in ("app", "alipay"))
    for name, content in certificates.make(*keys).items():
        _write_new(folder / name, content)


def _write_new(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and never over one that is there."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _make_env_file(folder: Path, base: str, app_id: str | None, seller_id: str | None) -> Path:
    path = folder / ENV_FILE
    known = read_env_file(path) if path.exists() else {}
    values = {
        "ALIPAY_GATEWAY": f"{base}{GATEWAY_PATH}",
        "ALIPAY_APP_ID": app_id or known.get("ALIPAY_APP_ID") or _invented_id("9021"),
        "ALIPAY_SELLER_ID": seller_id or known.get("ALIPAY_SELLER_ID") or _invented_id("2088"),
        "ALIPAY_APP_PRIVATE_KEY_FILE": str(folder / "app_private.pem"),
        **_alipay_files(folder),
        "WECHATPAY_GATEWAY": base,
        "WECHATPAY_APP_ID": known.get("WECHATPAY_APP_ID") or f"wx{secrets.token_hex(8)}",
        "WECHATPAY_MCH_ID": known.get("WECHATPAY_MCH_ID") or _invented_id("19")[:10],
        "WECHATPAY_MCH_PRIVATE_KEY_FILE": str(folder / "mch_private.pem"),
        "WECHATPAY_MCH_CERT_SERIAL": known.get("WECHATPAY_MCH_CERT_SERIAL")
        or secrets.token_hex(20).upper(),
        "WECHATPAY_APIV3_KEY": known.get("WECHATPAY_APIV3_KEY") or secrets.token_hex(16),
        "WECHATPAY_PUBLIC_KEY_FILE": str(folder / "wechatpay_public.pem"),
        "WECHATPAY_PUBLIC_KEY_ID": known.get("WECHATPAY_PUBLIC_KEY_ID")
        or f"PUB_KEY_ID_{_invented_id('01')}",
        "STRIPE_API_BASE": base,
        "STRIPE_SECRET_KEY": known.get("STRIPE_SECRET_KEY")
        or f"sk_test_{secrets.token_urlsafe(24)}",
        "STRIPE_WEBHOOK_SECRET": known.get("STRIPE_WEBHOOK_SECRET")
        or f"whsec_{secrets.token_urlsafe(24)}",
        "CARRIER_SANDBOX_KEY": known.get("CARRIER_SANDBOX_KEY") or secrets.token_urlsafe(32),
    }
    if values != known:
        write_env_file(path, values)
    return path


def _alipay_files(folder: Path) -> dict[str, str]:
    if not certificates.are_in(folder):
        return {"ALIPAY_PUBLIC_KEY_FILE": str(folder / "alipay_public.pem")}
    return {
        "ALIPAY_PUBLIC_KEY_FILE": str(folder / certificates.PROVIDER_FILE),
        "ALIPAY_APP_CERT_FILE": str(folder / certificates.APP_FILE),
        "ALIPAY_ROOT_CERT_FILE": str(folder / certificates.ROOT_FILE),
    }


def _invented_id(prefix: str) -> str:
    """Sixteen digits, as Alipay's app ids (sandbox: 9021…) and seller ids (2088…) have."""
    return prefix + "".join(secrets.choice("0123456789") for _ in range(12))
