"""Static files: joined sheets, addresses that change with the content, compression, caching."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from shop.web.ui import stylesheet
from shop.web.ui.assets import AssetStore
from tests.web.ui_app import REPOSITORY, build


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return build().test_client()


def addresses(client: FlaskClient) -> dict[str, str]:
    page = client.get("/en/sample/gallery").get_data(as_text=True)
    found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    return {re.sub(r"-[0-9a-f]{16}(?=\.)", "", url).removeprefix("/assets/"): url for url in found}


def test_a_page_names_one_sheet_and_its_scripts_by_hash(client: FlaskClient) -> None:
    urls = addresses(client)
    assert set(urls) == {"img/favicon.svg", "shop.css", "vendor/htmx/htmx.min.js", "js/app.js"}
    for url in urls.values():
        answer = client.get(url)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        digest = hashlib.sha256(answer.data).hexdigest()
        assert digest.startswith(re.search(r"-([0-9a-f]{16})\.", url)[1])


@pytest.mark.parametrize(
    ("encoding", "unpack"),
    (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)),
)
def test_text_is_compressed_as_the_browser_asks(client: FlaskClient, encoding: str, unpack) -> None:
    url = addresses(client)["shop.css"]
    plain = client.get(url).data
    answer = client.get(url, headers={"Accept-Encoding": encoding})
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert unpack(answer.data) == plain
    again = client.get(
        url, headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.data == b""


def test_head_and_post(client: FlaskClient) -> None:
    url = addresses(client)["js/app.js"]
    head = client.head(url)
    assert head.status_code == 200
    assert head.data == b""
    assert int(head.headers["Content-Length"]) > 0
    assert client.post(url).status_code == 405


def test_the_address_of_another_release_leads_to_the_present_file(client: FlaskClient) -> None:
    answer = client.get("/assets/js/app-0123456789abcdef.js")
    assert answer.status_code == 302
    assert answer.headers["Location"] == addresses(client)["js/app.js"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ("../config.py", "css/tokens.css", "nothing.js", "js/..%2f..%2fconfig.py")
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/assets/{path}").status_code == 404


def test_the_shop_sheet_declares_layers_first_and_holds_every_file() -> None:
    css = REPOSITORY / "static" / "css"
    sheet = stylesheet.join(css / "main.css")
    assert sheet.startswith("@layer reset,tokens,base,layout,components,pages,utilities,print;")
    assert "@import" not in sheet
    assert "/*" not in sheet
    listed = set(stylesheet.sources(css / "main.css"))
    written = {path for path in css.rglob("*.css") if "admin" not in path.relative_to(css).parts}
    assert written == listed
    assert sheet.count("{") == sheet.count("}")


def test_budget_of_scripts_and_styles() -> None:
    store = AssetStore()

    def size(name: str) -> int:
        found = store.get(name)
        assert found is not None
        return len(gzip.compress(found.body, 9))

    assert size("js/app.js") <= 5 * 1024
    assert size("js/app.js") + size("vendor/htmx/htmx.min.js") <= 22 * 1024
    assert size("shop.css") <= 20 * 1024


def test_minifying_keeps_strings_and_sums() -> None:
    css = """/* gone */ a::before { content: "x  { y" / "";  width: calc(1px + 2em); }
    @media (min-width: 3rem) and (hover: hover) { b > c , d { color : red; } }"""
    small = stylesheet.minify(css)
    assert '"x  { y"' in small
    assert "calc(1px + 2em)" in small
    assert "b > c,d{" in small
    assert "gone" not in small
    assert ") and (" in small


def test_a_changed_file_gets_a_new_address_while_developing(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "main.css").write_text('@import "part.css";')
    part = tmp_path / "css" / "part.css"
    part.write_text("a { color: red; }")
    store = AssetStore(tmp_path, watch=True)
    before = store.get("shop.css")
    part.write_text("a { color: blue; }")
    os.utime(part, ns=(1, 1))
    after = store.get("shop.css")
    assert before is not None
    assert after is not None
    assert before.url != after.url
    assert after.body == b"a{color:blue}"
    assert store.get("admin.css") is None


def test_vendored_files_are_what_their_checksums_say() -> None:
    lines = (REPOSITORY / "static/vendor/htmx/CHECKSUMS").read_text().splitlines()
    entries = [line.split() for line in lines if line.startswith("sha256 ")]
    vendored = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("static/vendor/htmx", "tests/vendor")
        for path in (REPOSITORY / folder).iterdir()
        if path.is_file() and path.name not in {"CHECKSUMS", "__init__.py"}
    }
    assert {entry[2] for entry in entries} == vendored
    for _, digest, path, _source in entries:
        assert hashlib.sha256((REPOSITORY / path).read_bytes()).hexdigest() == digest
    assert any(line.startswith("package sha512-") for line in lines)


def test_templates_and_scripts_speak_htmx_4() -> None:
    places = [f"templates/{name}" for name in ("_layout", "_ui", "errors")] + ["static/js"]
    checked = subprocess.run(
        [sys.executable, "tests/vendor/upgrade-check.py", "--no-color", *places],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_no_inline_script_style_or_handler_in_templates() -> None:
    bad = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*ld\+json)|\sstyle=|\son\w+=|hx-on|javascript:|\bjs:", re.I
    )
    for path in (REPOSITORY / "templates").rglob("*.html"):
        if "email" not in path.parts:
            text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
            assert not bad.search(text), path
