"""What every part of the WeChat Pay stand-in works with. The ledger, the sender, held answers and
the stranger's key are the sandbox's own."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import current_app

from shop.sandbox.alipay.desk import Desk
from shop.sandbox.env_file import read_env_file
from shop.sandbox.keys import load_private_key, load_public_key
from shop.sandbox.settings import ENV_FILE

# WeChat Pay repeats an unanswered notify after these seconds.
NOTIFY_PAUSES = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600)
REFUND_SECONDS = 240
"""How long a refund is under way, before time is compressed."""


@dataclass(frozen=True, slots=True)
class WechatDesk:
    """The provider's side of the counter, for one merchant."""

    base: Desk
    app_id: str
    mch_id: str
    cert_serial: str
    apiv3_key: str
    key_id: str
    merchant_key: rsa.RSAPublicKey
    private_key: rsa.RSAPrivateKey

    @property
    def refund_seconds(self) -> float:
        """How long a refund is under way."""
        return REFUND_SECONDS / self.base.settings.time_factor


def open_desk(base: Desk) -> WechatDesk:
    """Read the keys of the folder that the Alipay stand-in was opened on."""
    folder = base.settings.folder
    values = read_env_file(folder / ENV_FILE)
    return WechatDesk(
        base=base,
        app_id=values["WECHATPAY_APP_ID"],
        mch_id=values["WECHATPAY_MCH_ID"],
        cert_serial=values["WECHATPAY_MCH_CERT_SERIAL"],
        apiv3_key=values["WECHATPAY_APIV3_KEY"],
        key_id=values["WECHATPAY_PUBLIC_KEY_ID"],
        merchant_key=load_public_key(folder / "mch_public.pem"),
        private_key=load_private_key(folder / "wechatpay_private.pem"),
    )


def current_wechat() -> WechatDesk:
    """The desk of the running application."""
    desk: WechatDesk = current_app.extensions["wechat_desk"]
    return desk
