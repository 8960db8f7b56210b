"""How WeChat Pay writes time and refusals, signs, and encrypts what it notifies."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shop.sandbox import rsa2

BEIJING = timezone(timedelta(hours=8))
SCHEME = "WECHATPAY2-SHA256-RSA2048"


class Refusal(Exception):
    """A definite no: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> Refusal:
    """The refusal of a malformed parameter."""
    return Refusal(400, "PARAM_ERROR", message)


def write_time(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in Beijing."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(BEIJING)
    return moment.isoformat(timespec="seconds")


def read_time(text: object) -> float:
    """RFC 3339 with its zone; raises ``Refusal``."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise invalid("time_expire格式错误") from None
    if moment.tzinfo is None:
        raise invalid("time_expire缺少时区")
    return moment.timestamp()


def signature_headers(
    key: rsa.RSAPrivateKey, serial: str, body: str, now: float, prefix: str = ""
) -> dict[str, str]:
    """The five headers over ``ts\\nnonce\\nbody\\n`` that answers and notifies carry."""
    stamp, nonce = str(int(now)), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": prefix + rsa2.sign(key, f"{stamp}\n{nonce}\n{body}\n"),
        "Wechatpay-Signature-Type": SCHEME,
    }


def encrypt(apiv3_key: str, kind: str, content: dict[str, Any]) -> dict[str, str]:
    """The ``resource`` of a notify: AEAD_AES_256_GCM under the APIv3 key."""
    nonce = secrets.token_hex(6)
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plain, kind.encode())
    return {
        "original_type": kind,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "associated_data": kind,
        "nonce": nonce,
    }
