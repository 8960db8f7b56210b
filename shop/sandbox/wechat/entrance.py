"""Who may ask: every request is signed by the merchant, a download too."""

import re
import time

from flask import request

from shop.sandbox import rsa2
from shop.sandbox.wechat.desk import WechatDesk
from shop.sandbox.wechat.wire import SCHEME, Refusal

_PART = re.compile(r'([a-z_]+)="([^"]*)"')


def check_request(desk: WechatDesk) -> None:
    """Merchant, serial, age and signature over method, path with its query, and body."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    given = dict(_PART.findall(rest))
    known = (given.get("mchid"), given.get("serial_no")) == (desk.mch_id, desk.cert_serial)
    stamp = given.get("timestamp", "")
    fresh = stamp.isdecimal() and abs(time.time() - int(stamp)) <= 300
    path = request.full_path if request.query_string else request.path
    content = (
        f"{request.method}\n{path}\n{stamp}\n{given.get('nonce_str', '')}\n"
        f"{request.get_data(as_text=True)}\n"
    )
    genuine = rsa2.verify(desk.merchant_key, content, given.get("signature", ""))
    if scheme != SCHEME or not (known and fresh and genuine):
        raise Refusal(401, "SIGN_ERROR", "签名错误")
