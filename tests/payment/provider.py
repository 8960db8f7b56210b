"""The payment sandbox on a port of its own, and a merchant that takes its notifies."""

import http.client
import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.alipay_client import AlipayConfig
from shop.sandbox.app import create_app
from shop.sandbox.env_file import read_env_file
from shop.sandbox.keys import make_keys
from shop.sandbox.settings import load_settings

QUICK = {"SANDBOX_TIME_FACTOR": "1000000"}
"""25 hours of repeated notifies in a tenth of a second."""


class Served:
    """A WSGI application on a free port of the loopback, until ``stop``."""

    def __init__(self, application: Any) -> None:
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, application, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Provider:
    """The sandbox over real HTTP, with its control interface."""

    def __init__(self, folder: Path, *, certified: bool = False) -> None:
        make_keys(folder, certified=certified)
        self.folder = folder
        self._app = create_app(load_settings(folder, QUICK))
        self._served = Served(self._app)
        self.url = self._served.url
        self.values = read_env_file(folder / "sandbox.env")

    def stop(self) -> None:
        self.control("POST", "/release")
        self._app.extensions["alipay_desk"].sender.stop()
        self._served.stop()

    def config(self, **changes: Any) -> AlipayConfig:
        """What a merchant has to know, as the env-file says it."""
        values: dict[str, Any] = {
            "gateway": f"{self.url}/alipay/gateway.do",
            "app_id": self.values["ALIPAY_APP_ID"],
            "seller_id": self.values["ALIPAY_SELLER_ID"],
            "app_private_key": self._text("ALIPAY_APP_PRIVATE_KEY_FILE"),
            "alipay_public_key": self._text("ALIPAY_PUBLIC_KEY_FILE"),
            "app_certificate": self._text("ALIPAY_APP_CERT_FILE"),
            "root_certificates": self._text("ALIPAY_ROOT_CERT_FILE"),
            "timeout": 5.0,
        }
        return AlipayConfig(**(values | changes))

    def gateway(self, **changes: Any) -> AlipayGateway:
        return AlipayGateway(self.config(**changes))

    def settings(self, **changes: str) -> dict[str, str]:
        """Every setting of the env-file, with the address that this sandbox really has."""
        return {
            **self.values,
            "ALIPAY_GATEWAY": f"{self.url}/alipay/gateway.do",
            "WECHATPAY_GATEWAY": self.url,
            "STRIPE_API_BASE": self.url,
            **changes,
        }

    def control(self, verb: str, path: str, /, **body: Any) -> dict[str, Any]:
        status, text = fetch(f"{self.url}/_control{path}", method=verb, json_body=body)
        assert status < 300, (status, text)
        answer: dict[str, Any] = json.loads(text)
        return answer

    def fault(self, name: str, /, **params: Any) -> None:
        self.control("POST", "/faults", fault=name, **params)

    def pay(self, no: str, **body: Any) -> dict[str, Any]:
        return self.control("POST", f"/pay/{no}", **({"wait": 10} | body))

    def trade(self, no: str) -> dict[str, Any]:
        """The trade, once none of its notifies is on its way any more."""
        return self.control("GET", f"/trades/{no}?wait=10")

    def _text(self, name: str) -> str:
        return Path(self.values[name]).read_text() if name in self.values else ""


class Merchant:
    """Keeps every notify and answers what a test wants."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[tuple[int, str]] = []
        self._served = Served(self._receive)
        self.base = self._served.url
        self.notify_url = f"{self._served.url}/notify/alipay"
        self.return_url = f"{self._served.url}/en/pay/token/return"
        self.stop = self._served.stop

    @Request.application
    def _receive(self, request: Request) -> Response:
        if request.method != "POST":
            return Response("<!doctype html><title>Shop</title>Back", mimetype="text/html")
        self.bodies.append(request.get_data())
        self.headers.append(dict(request.headers))
        status, text = self.answers.pop(0) if self.answers else (200, "success")
        return Response(text, status)


def fetch(
    url: str, *, method: str = "GET", json_body: dict[str, Any] | None = None, accept: str = "en"
) -> tuple[int, str]:
    """One request, redirects not followed: status and body, or the Location of a redirect."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept-Language": accept}
        body = None
        if method == "POST":
            body = json.dumps(json_body) if json_body is not None else ""
            headers["Content-Type"] = (
                "application/x-www-form-urlencoded" if json_body is None else "application/json"
            )
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, answer.headers.get("Location") or text
    finally:
        connection.close()
