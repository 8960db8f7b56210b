"""`python -m bench.forged`: whether a refused notify tells by its time that a payment number exists.

Forged notifies that name a number of ours, one that nobody has, and once more one that nobody has (what two
equal things differ by on this machine) go to the shop in random order, for each provider; compared are the
medians of the processor time until the refusal (on the
clock, a machine that does other things shows these). Every one has a well-formed signature, so all of them are verified.
"""

import argparse
import base64
import gc
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from shop.app import create_app
from shop.core.transaction import transaction
from shop.order import queries
from shop.payment import attempts
from shop.payment.gateways.registry import build_gateways
from shop.sandbox.env_file import read_env_file
from shop.sandbox.keys import make_keys
from tests.factories.orders import place_order, store_with_goods

KINDS = ("known", "unknown", "unknown again")
Send = Callable[[FlaskClient, str], int]


def main() -> int:
    """Measure both providers and print a table."""
    parser = argparse.ArgumentParser(prog="bench.forged", description=__doc__)
    parser.add_argument("--each", type=int, default=3000)
    each: int = parser.parse_args().each
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        app, values = _shop(Path(folder))
        with app.app_context():
            known = _number()
            for way, send in (("alipay", _alipay(values)), ("wechatpay", _wechatpay(values))):
                print(f"{way}: {_measure(app, send, known, each)}", flush=True)
    return 0


def _measure(app: Flask, send: Send, known: str, each: int) -> str:
    client = app.test_client()
    unknown = known[:-8] + "ZZZZZZZZ"
    order = list(KINDS) * each
    random.Random(7).shuffle(order)
    took: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for _ in range(200):
        send(client, unknown)
    gc.disable()
    for kind in order:
        number = known if kind == "known" else unknown
        began = time.thread_time_ns()
        status = send(client, number)
        took[kind].append(time.thread_time_ns() - began)
        if status != 400:
            raise RuntimeError(f"not refused: {status}")
    gc.enable()
    figures = {kind: median(took[kind]) / 1000 for kind in KINDS}
    said = ", ".join(f"{kind} {figure:.1f} µs" for kind, figure in figures.items())
    apart = 100 * (figures["known"] / figures["unknown"] - 1)
    equal = 100 * (figures["unknown again"] / figures["unknown"] - 1)
    return f"medians of {each}: {said}; known against unknown {apart:+.2f} %, equal ones {equal:+.2f} %"


def _shop(folder: Path) -> tuple[Flask, dict[str, str]]:
    make_keys(folder)
    values = read_env_file(folder / "sandbox.env")
    settings = {
        "TESTING": True,
        "SECRET_KEY": "bench-only-" + "x" * 40,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'shop.db'}",
        "INSTANCE": str(folder),
        "RATELIMIT_ENABLED": False,
        **values,
    }
    app = create_app(settings)
    app.extensions["gateways"] = build_gateways(app.config)
    return app, values


def _number() -> str:
    upgrade()
    placed = place_order(store_with_goods().variant)
    with transaction():
        return attempts.begin(queries.checkout_of(placed.order), "alipay").attempt_no


def _alipay(values: dict[str, str]) -> Send:
    def send(client: FlaskClient, number: str) -> int:
        fields = {
            "app_id": values["ALIPAY_APP_ID"],
            "seller_id": values["ALIPAY_SELLER_ID"],
            "out_trade_no": number,
            "total_amount": "108.00",
            "trade_status": "TRADE_SUCCESS",
            "notify_id": "1",
            "sign_type": "RSA2",
            "sign": _signature(),
        }
        return client.post("/notify/alipay", data=urlencode(fields)).status_code

    return send


def _wechatpay(values: dict[str, str]) -> Send:
    def send(client: FlaskClient, number: str) -> int:
        headers = {
            "Wechatpay-Serial": values["WECHATPAY_PUBLIC_KEY_ID"],
            "Wechatpay-Timestamp": str(int(time.time())),
            "Wechatpay-Nonce": secrets.token_hex(16),
            "Wechatpay-Signature": _signature(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }
        body = json.dumps({"id": "1", "resource": {"out_trade_no": number}})
        return client.post("/notify/wechatpay", data=body, headers=headers).status_code

    return send


def _signature() -> str:
    """As long as a real one, below every modulus, and wrong."""
    return base64.b64encode(b"\0" + secrets.token_bytes(255)).decode()


if __name__ == "__main__":
    sys.exit(main())
