"""Languages: addresses, the choice that is remembered, links to the same page."""

import re
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from tests.web.ui_app import build


@pytest.fixture(scope="module")
def app() -> Flask:
    return build()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    (
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "/zh/"),
        (None, "de-DE", "/en/"),
        (None, "", "/en/"),
        ("zh", "en-US", "/zh/"),
        ("xx", "zh", "/zh/"),
    ),
)
def test_the_door_leads_to_a_language(
    client: FlaskClient, cookie, accept: str, expected: str
) -> None:
    if cookie:
        client.set_cookie("lang", cookie)
    answer = client.get("/", headers={"Accept-Language": accept})
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)


def test_addresses_are_built_in_the_language_of_the_request(app: Flask) -> None:
    with app.test_request_context("/zh/cart"):
        assert url_for("catalog.product", slug="pot") == "/zh/p/pot"
        assert url_for("catalog.product", slug="pot", lang="en") == "/en/p/pot"
        assert url_for("site.healthz") == "/healthz"


def test_the_switch_keeps_the_page_and_its_filters(client: FlaskClient) -> None:
    page = client.get("/en/sample/gallery?colour=a&colour=b&q=%E8%8C%B6").get_data(as_text=True)
    assert 'href="/zh/sample/gallery?colour=a&amp;colour=b&amp;q=%E8%8C%B6"' in page
    assert '<html lang="en"' in page
    assert re.findall(r'hreflang="([^"]+)" href="([^"]+)"', page)[:3] == [
        ("en", "http://localhost/en/sample/gallery"),
        ("zh", "http://localhost/zh/sample/gallery"),
        ("x-default", "http://localhost/en/sample/gallery"),
    ]


def test_an_error_page_switches_to_the_front_page(client: FlaskClient) -> None:
    page = client.get("/zh/nothing").get_data(as_text=True)
    assert '<html lang="zh-Hans"' in page
    assert 'href="/en/"' in page
    assert "hreflang" not in page[: page.index("<body")]


def test_reading_in_a_language_is_remembered_only_when_it_is_news(client: FlaskClient) -> None:
    page = "/zh/sample/account"
    assert "lang=zh" in client.get(page).headers.get("Set-Cookie", "")
    assert client.get("/").headers["Location"] == "/zh/"
    assert not any(c.startswith("lang=") for c in client.get(page).headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    ("target", "expected"),
    (
        ("/zh/cart?x=1", "/zh/cart?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
    ),
)
def test_choosing_a_language_stays_in_the_shop(
    client: FlaskClient, target: str, expected: str
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = client.post("/language", data={"lang": "zh", "next": target})
        assert (answer.status_code, answer.headers["Location"]) == (303, expected)
        assert client.post("/language", data={"lang": "xx"}).status_code == 400
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = True


def test_theme_is_remembered_and_painted_first(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = client.post(
            "/theme",
            data={"theme": "dark"},
            headers={"Referer": "http://localhost/en/sample/account"},
        )
        assert answer.headers["Location"] == "/en/sample/account"
        assert client.post("/theme", data={"theme": "neon"}).status_code == 400
        away = client.post(
            "/theme", data={"theme": "dark"}, headers={"Referer": "https://evil.example/x"}
        )
        assert away.headers["Location"] == "/"
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = True
    page = client.get("/en/sample/account").get_data(as_text=True)
    assert 'data-theme="dark"' in page
    assert re.search(r'value="dark" aria-pressed="true"', page)


def test_health_is_the_database(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get("/healthz").status_code == 200
    away = build(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/no/such/folder/x.db").test_client()
    assert away.get("/healthz").status_code == 503


def test_pages_of_no_language(client: FlaskClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert "Disallow: /zh/checkout" in robots.get_data(as_text=True)
    assert client.get("/favicon.ico", follow_redirects=True).mimetype == "image/svg+xml"
