"""Whole page or fragment, redirects, toasts, validators and tokens."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.ui_app import build

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(scope="module")
def app() -> Flask:
    return build()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient) -> str:
    page = client.get("/en/sample/gallery").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("headers", "whole"),
    (
        ({}, True),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, True),
        ({**PARTIAL, "HX-History-Restore-Request": "true"}, True),
        ({"HX-Request-Type": "partial"}, True),
        (PARTIAL, False),
    ),
)
def test_only_a_partial_request_gets_the_block(client: FlaskClient, headers, whole: bool) -> None:
    answer = client.get("/en/sample/gallery", headers=headers)
    text = answer.get_data(as_text=True)
    assert ("<!doctype html>" in text) is whole
    assert "New this week" in text
    assert {"HX-Request", "HX-Request-Type", "HX-History-Restore-Request"} <= set(
        answer.vary.as_set(True)
    )


def test_the_block_is_the_same_markup_as_in_the_page(client: FlaskClient) -> None:
    def clean(text: str) -> str:
        return re.sub(r'value="[\w.-]{20,}"', "", text)

    whole = clean(client.get("/en/sample/gallery").get_data(as_text=True))
    part = clean(client.get("/en/sample/gallery", headers=PARTIAL).get_data(as_text=True))
    assert part.strip() in whole


def test_invalid_input_answers_422_with_the_form_and_what_was_typed(client: FlaskClient) -> None:
    data = {"csrf_token": token(client), "email": "", "name": "  Amelia  ", "phone": "12"}
    answer = client.post("/en/sample/gallery", data=data, headers=PARTIAL)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<!doctype html>" not in text
    assert 'value="Amelia"' in text
    assert 'href="#email"' in text
    assert 'aria-invalid="true"' in text
    assert "data-form-errors" in text
    assert 'value="12"' in text


def test_redirect_after_post(client: FlaskClient) -> None:
    data = {"csrf_token": token(client)}
    plain = client.post("/en/sample/done", data=data)
    assert (plain.status_code, plain.headers["Location"]) == (303, "/en/cart")
    htmx = client.post("/en/sample/done", data=data, headers=PARTIAL)
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (200, "/en/cart")
    assert "Location" not in htmx.headers


@pytest.mark.parametrize("headers", ({}, PARTIAL))
def test_a_toast_crosses_a_redirect_with_its_undo_form(client: FlaskClient, headers) -> None:
    client.post("/en/sample/done", data={"csrf_token": token(client)}, headers=headers)
    page = client.get("/en/sample/account").get_data(as_text=True)
    toast = page[page.index("data-toasts") :]
    assert "Removed from cart" in toast
    assert 'action="/en/cart/lines"' in toast
    assert 'name="variant" value="v1"' in toast
    assert "Removed from cart" not in client.get("/en/sample/account").get_data(as_text=True)


def test_a_toast_travels_with_a_fragment_as_an_event(client: FlaskClient) -> None:
    answer = client.post("/zh/sample/part", data={"csrf_token": token(client)}, headers=PARTIAL)
    assert answer.headers["HX-Trigger"].isascii()
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "toast": {"text": "已移除", "undo": {"url": "/zh/cart/lines", "fields": {}}}
    }


def test_a_page_that_did_not_change_answers_304(client: FlaskClient) -> None:
    first = client.get("/en/sample/account")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get("/en/sample/account", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = client.application.test_client()
    stranger = other.get("/en/sample/account", headers={"If-None-Match": first.headers["ETag"]})
    assert stranger.status_code == 200, "a page with another session's token must not be reused"
    fragment = client.get(
        "/en/sample/gallery",
        headers={**PARTIAL, "If-None-Match": client.get("/en/sample/gallery").headers["ETag"]},
    )
    assert fragment.status_code == 200


def test_private_pages_are_not_kept(client: FlaskClient) -> None:
    answer = client.get("/en/sample/checkout")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


def test_each_visitor_gets_a_token_that_works_and_no_placeholder_leaks(client: FlaskClient) -> None:
    page = client.get("/en/sample/gallery").get_data(as_text=True)
    assert not re.search(r"csrf-[0-9a-f]{40}", page)
    header = re.search(r"""hx-headers:inherited='\{"X-CSRFToken": "([^"]+)"\}'""", page)
    assert header is not None
    answer = client.post("/en/sample/part", headers={**PARTIAL, "X-CSRFToken": header[1]})
    assert answer.status_code == 200
    stranger = client.application.test_client()
    stranger.get("/en/sample/gallery")
    refused = stranger.post("/en/sample/part", headers={**PARTIAL, "X-CSRFToken": header[1]})
    assert refused.status_code == 400
