"""Who may see a page, where sign-in leads back to, and the security headers."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import UserMixin

from shop.web.extensions import limiter, login_manager
from shop.web.ui.guards import is_safe_path
from tests.web.ui_app import build

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Person(UserMixin):
    def __init__(self, name: str) -> None:
        self.id = name
        self.is_operator = name == "operator"
        self.display_name = name


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(login_manager, "_user_callback", Person)
    return build(FORM_ACTION_HOSTS=["https://pay.example"])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(client: FlaskClient, name: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = name
        session["_fresh"] = True


@pytest.mark.parametrize("path", ("/", "/en/cart?x=1&y=%2F", "/zh/p/茶壶#a"))
def test_paths_of_the_shop_are_safe(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path",
    (
        None,
        "",
        "en/cart",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/x\\..\\y",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/x\nSet-Cookie: a=b",
        " //evil.example",
        "/x\x00",
        "/x y",
        "/" + "a" * 3000,
    ),
)
def test_everything_else_is_not(path: str | None) -> None:
    assert not is_safe_path(path)


def test_a_visitor_is_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/zh/sample/members?tab=a")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/zh/sign-in?next=/zh/sample/members?tab%3Da"


def test_htmx_is_sent_to_sign_in_by_header(client: FlaskClient) -> None:
    here = {**PARTIAL, "HX-Current-URL": "http://localhost/en/cart?x=1"}
    answer = client.get("/en/sample/members", headers=here)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/en/sign-in?next=/en/cart?x%3D1"
    away = {**PARTIAL, "HX-Current-URL": "https://evil.example/x"}
    assert client.get("/en/sample/members", headers=away).headers["HX-Redirect"] == "/en/sign-in"


def test_signed_in_people_pass(client: FlaskClient) -> None:
    sign_in(client, "shopper")
    assert client.get("/en/sample/members").data == b"members"


def test_operator_pages_do_not_exist_for_others(client: FlaskClient) -> None:
    assert client.get("/en/sample/operators").status_code == 303
    sign_in(client, "shopper")
    assert client.get("/en/sample/operators").status_code == 404
    sign_in(client, "operator")
    assert client.get("/en/sample/operators").data == b"operators"


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/en/cart", "/en/sample/gallery", "/healthz", "/nothing", "/"):
        headers = client.get(path).headers
        policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
        assert policy["script-src"] == "'self'"
        assert policy["style-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["form-action"] == "'self' https://pay.example"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers
    secure: dict[str, Any] = {"wsgi.url_scheme": "https"}
    assert "Strict-Transport-Security" in client.get("/en/cart", environ_overrides=secure).headers


def test_limits_still_count_when_redis_is_away() -> None:
    app = build(RATELIMIT_STORAGE_URI="redis://127.0.0.1:1/0")

    @app.get("/limited")
    @limiter.limit("2 per minute")
    def limited() -> str:
        return "ok"

    client = app.test_client()
    try:
        answers = [client.get("/limited").status_code for _ in range(5)]
    finally:
        build()  # the extension is shared: leave it on memory again
    assert answers[0] == 200
    assert answers[-1] == 429
