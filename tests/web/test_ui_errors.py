"""Errors: status, sentence, headers; pages without the database; nothing typed is lost."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.web.ui.errors import register_message
from tests.web.ui_app import build

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(scope="module")
def app() -> Flask:
    register_message("sample-too-many", "Only %(left)s left.")
    return build(TESTING=False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


CASES = [
    ("not-found", 404),
    ("forbidden", 403),
    ("invalid", 422),
    ("conflict", 409),
    ("rate", 429),
    ("busy", 503),
]


@pytest.mark.parametrize(("kind", "status"), CASES)
def test_a_rules_refusal_is_a_page_in_both_languages(
    client: FlaskClient, kind: str, status: int
) -> None:
    answer = client.get(f"/en/sample/refused/{kind}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.count("<h1") == 1
    assert 'lang="zh-Hans"' in page
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(("kind", "status"), CASES)
def test_htmx_gets_the_sentence_and_swaps_nothing(
    client: FlaskClient, kind: str, status: int
) -> None:
    answer = client.get(f"/en/sample/refused/{kind}", headers=PARTIAL)
    assert answer.status_code == status
    assert answer.headers["HX-Reswap"] == "none"
    assert json.loads(answer.headers["HX-Trigger"])["problem"]["text"]
    assert answer.data == b""


def test_the_sentence_is_the_codes_own_with_its_parameters(client: FlaskClient) -> None:
    answer = client.get("/en/sample/refused/invalid", headers=PARTIAL)
    assert json.loads(answer.headers["HX-Trigger"])["problem"]["text"] == "Only 3 left."
    assert "Only 3 left." in client.get("/en/sample/refused/invalid").get_data(as_text=True)


def test_waiting_times_and_allowed_methods_are_told(client: FlaskClient) -> None:
    assert client.get("/en/sample/refused/rate").headers["Retry-After"] == "30"
    wrong = client.delete("/en/cart")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_an_unknown_page_offers_search_and_categories(client: FlaskClient) -> None:
    answer = client.get("/en/no/such/page")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert 'action="/en/search"' in page
    assert 'href="/en/c/c0"' in page


def test_a_crash_has_a_reference_and_needs_no_database(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/zh/sample/refused/crash")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert re.search(r"[0-9A-F]{8}", page)
    assert "site-nav" not in page
    assert "ZeroDivisionError" not in page


def test_when_the_layout_cannot_be_made_the_plain_page_is(client: FlaskClient, app: Flask) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("no database")

    app.template_context_processors[None].append(broken)
    try:
        answer = client.get("/en/nothing")
        assert answer.status_code == 404
        assert "Nothing on this shelf" in answer.get_data(as_text=True)
        assert client.get("/en/sample/gallery").status_code == 500
    finally:
        app.template_context_processors[None].remove(broken)


@pytest.mark.parametrize("data", ({}, {"csrf_token": "forged"}))
def test_a_form_without_its_token_says_that_what_was_typed_is_safe(
    client: FlaskClient, data
) -> None:
    answer = client.post("/en/sample/done", data=data)
    assert answer.status_code == 400
    assert "what you typed is still there" in answer.get_data(as_text=True)
    fragment = client.post("/en/sample/done", data=data, headers=PARTIAL)
    assert "what you typed is still there" in fragment.headers["HX-Trigger"]


def test_too_large_a_form(client: FlaskClient, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    try:
        assert client.post("/en/sample/done", data={"a": "x" * 5000}).status_code == 413
    finally:
        app.config["MAX_CONTENT_LENGTH"] = None


def test_a_foreign_host_gets_a_plain_refusal() -> None:
    client = build(TESTING=False, TRUSTED_HOSTS=["shop.example"]).test_client()
    answer = client.get("/en/cart", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.data
    assert client.get("/en/cart", headers={"Host": "shop.example"}).status_code == 200
