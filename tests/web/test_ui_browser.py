"""What app.js adds, in a real Chromium under the shop's own security policy."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, make_response, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from shop.web.extensions import csrf
from shop.web.ui import htmx
from tests.support import axe
from tests.web.ui_app import build

PAGE = """{% extends "_layout/shop.html" %}{% block title %}Try{% endblock %}{% block main %}
<div class="page"><h1>Try</h1><section aria-labelledby="list-h"><h2 id="list-h">List</h2>
<ul id="list">{% for n in (1, 2) %}<li id="item-{{ n }}"><form method="post" action="/try/remove"
  hx-post="/try/remove" hx-target="closest li" hx-swap="delete"><button id="remove-{{ n }}">Remove {{ n }}</button></form></li>{% endfor %}</ul></section>
<form id="sum" method="post" action="/try/sum" hx-post="/try/sum" hx-target="#out" hx-sync="this:drop"
  hx-status:422="target:#sum swap:outerHTML">{{ csrf_field() }}
  <label for="word">Word</label><input id="word" name="word"><button id="send">Send</button></form>
<p id="out"></p>
<form id="leave" method="post" action="/try/slow">{{ csrf_field() }}<button id="go">Go</button></form>
<form hx-get="/try/find" hx-trigger="live" hx-target="#out" hx-sync="this:replace"><input id="find" name="q" data-live aria-label="Find"></form>
{{ stepper(title="Pot", most=3, id="qty", **{"hx-post": "/try/qty", "hx-target": "#out"}) }}
<button id="open" data-open="box">Open</button></div>{% endblock %}
{% block dialogs %}{% call dialog("box", "A box") %}<div class="sheet__body"><p>In it.</p></div>{% endcall %}{% endblock %}"""

SEEN: list[str] = []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = build(WTF_CSRF_ENABLED=False)
    broken = {"yes": False}

    @app.get("/en/try")
    def page() -> Response:
        response = make_response(app.jinja_env.from_string(PAGE).render())
        return response

    @app.post("/try/<what>")
    @csrf.exempt
    def act(what: str) -> Any:
        SEEN.append(what)
        if what == "remove":
            response = htmx.toast(
                make_response("", 200), "Removed", htmx.Undo("/try/undo", {"line": "1"})
            )
            return response
        if what == "sum":
            word = request.form["word"]
            if word == "bad":
                form = PAGE[PAGE.index('<form id="sum"') : PAGE.index('<p id="out">')]
                summary = app.jinja_env.from_string(
                    '{{ error_summary([("word", "Word", "No.")]) }}'
                ).render()
                html = (
                    app.jinja_env.from_string(form)
                    .render()
                    .replace('<label for="word">', summary + '<label for="word">')
                )
                return html, 422
            if word == "crash" and not broken["yes"]:
                broken["yes"] = True
                return "boom", 500
            return f"got {word}"
        if what == "qty":
            return f"quantity {request.form['quantity']}"
        return f"{what} done"

    @app.get("/try/find")
    def find() -> str:
        SEEN.append(f"find {request.args['q']}")
        return f"found {request.args['q']}"

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    SEEN.clear()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    said: list[str] = []
    opened.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(f"{address}/en/try")
    yield opened
    context.close()
    expected = ("500", "422", "ERR_INTERNET_DISCONNECTED", "htmx:error")
    assert [text for text in said if not any(word in text for word in expected)] == []


def test_a_removed_line_offers_undo_and_the_focus_goes_to_its_neighbour(page: Page) -> None:
    page.focus("#remove-1")
    page.keyboard.press("Enter")
    expect(page.locator("#item-1")).to_have_count(0)
    expect(page.locator("#remove-2")).to_be_focused()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Removed")
    # The toast goes at the press, before the server has heard of it.
    with page.expect_response("**/try/undo"):
        toast.get_by_role("button", name="Undo").click()
    expect(toast).to_have_count(0)
    assert SEEN == ["remove", "undo"]


def test_when_the_last_one_is_gone_the_focus_goes_to_the_heading(page: Page) -> None:
    for n in (2, 1):
        page.focus(f"#remove-{n}")
        page.keyboard.press("Enter")
        expect(page.locator(f"#item-{n}")).to_have_count(0)
    expect(page.locator("#list-h")).to_be_focused()


def test_errors_of_a_form_take_the_focus_and_keep_the_input(page: Page) -> None:
    page.fill("#word", "bad")
    page.click("#send")
    expect(page.locator("[data-form-errors]")).to_be_focused()


def test_a_crash_keeps_the_input_and_can_be_tried_again(page: Page) -> None:
    page.fill("#word", "crash")
    page.click("#send")
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("Nothing was changed")
    expect(page.locator("#word")).to_have_value("crash")
    banner.get_by_role("button", name="Try again").click()
    expect(page.locator("#out")).to_have_text("got crash")
    expect(banner).to_be_empty()


def test_offline_says_so_and_keeps_the_input(page: Page) -> None:
    page.fill("#word", "later")
    page.context.set_offline(True)
    page.click("#send")
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("connection is lost")
    expect(page.locator("#word")).to_have_value("later")
    page.context.set_offline(False)
    banner.get_by_role("button", name="Try again").click()
    expect(page.locator("#out")).to_have_text("got later")


def test_steppers_stay_within_their_limits_and_send(page: Page) -> None:
    more, fewer = page.locator("#qty-more"), page.locator("#qty-less")
    more.click()
    expect(page.locator("#out")).to_have_text("quantity 2")
    more.click()
    more.click()
    expect(page.locator("#qty")).to_have_value("3")
    for _ in range(5):
        fewer.click()
    expect(page.locator("#qty")).to_have_value("1")


def test_typing_is_sent_once(page: Page) -> None:
    page.locator("#find").press_sequentially("tea", delay=20)
    expect(page.locator("#out")).to_have_text("found tea")
    assert SEEN == ["find tea"]


def test_while_an_input_method_composes_nothing_is_sent_in_a_hurry(page: Page) -> None:
    page.clock.install()
    page.evaluate(
        """() => { const i = document.getElementById('find'); i.value = 'cha';
        i.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true })); }"""
    )
    page.clock.run_for(600)
    assert SEEN == []
    page.evaluate(
        """() => { const i = document.getElementById('find'); i.value = '茶';
        i.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); }"""
    )
    page.clock.run_for(300)
    expect(page.locator("#out")).to_have_text("found 茶")
    assert SEEN == ["find 茶"]


def test_a_dialog_takes_the_focus_and_gives_it_back(page: Page) -> None:
    page.focus("#open")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#box")).to_be_hidden()
    expect(page.locator("#open")).to_be_focused()
    page.click("#open")
    page.mouse.click(20, 400)
    expect(page.locator("#box")).to_be_hidden()


def test_the_theme_changes_at_once_and_is_remembered(page: Page) -> None:
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="System").click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_a_second_press_on_a_form_that_leaves_is_ignored(page: Page) -> None:
    page.evaluate(
        """() => { const form = document.getElementById('leave');
        window.sent = 0;
        form.addEventListener('formdata', () => { window.sent += 1; });
        form.target = 'elsewhere'; form.action = 'about:blank'; form.method = 'get';
        form.requestSubmit(); form.requestSubmit(); }"""
    )
    assert page.evaluate("window.sent") == 1


@pytest.mark.parametrize("lang", ("en", "zh"))
@pytest.mark.parametrize("theme", ("light", "dark"))
def test_the_gallery_of_macros_is_accessible_and_fits(
    browser: Browser, address: str, lang: str, theme: str
) -> None:

    for width in (320, 1280):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page = context.new_page()
        page.goto(f"{address}/{lang}/sample/gallery")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe.violations(page) == []
        context.close()
