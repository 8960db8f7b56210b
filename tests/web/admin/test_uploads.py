"""Bringing in a file at the desk: uploaded, looked at, applied, undone; and what is no file of goods."""

import csv
import gzip
import io
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shop.catalog.models import Product
from shop.catalog.runs.keeping import Kept
from shop.catalog.runs.upload_models import ImportPreview, ImportUpload
from shop.core.db import db
from shop.jobs import importing, inline
from tests.factories.uploads import goods_file, make_upload
from tests.support.machine import cannot

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("XIAOPU_SHARED_DATA", ROOT.parent / "shared" / "data"))
NEW = "/en/admin/products/imports/new"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def _folder(app, tmp_path):
    """An empty place for what is brought in."""
    app.config["IMPORTS_FOLDER"] = str(tmp_path / "imports")


def sent(content, name="goods.csv", **fields):
    fields = {"status": "file", "missing": "leave", "category": "", "locale": "en"} | fields
    return {"file": (io.BytesIO(content), name), "key": "k" * 20, **fields}


def kept_files(app):
    folder = Kept(app.config["IMPORTS_FOLDER"]).folder
    return sorted(path.name for path in folder.glob("*"))


def page_of(answer):
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_file_is_seen_before_it_is_applied_and_can_be_undone(app, goods, merchant, statements):
    assert "/admin/products/imports/new" in merchant.get("/en/admin/products/imports").text
    assert "导入文件" in merchant.get("/zh/admin/products/imports/new").text
    content = goods_file(
        "bowl,=Bowl,Maker,20.00,shopify,5,active",
        "cup,,Maker,8.00,,,active",
        "jar,Jar,Maker,much,,,active",
    )
    url = page_of(merchant.post(NEW, data=sent(content, "../../etc/<b>goods.csv", status="draft")))
    assert (
        page_of(merchant.post(NEW, data=sent(content, "../../etc/<b>goods.csv", status="draft")))
        == url
    )
    assert db.session.scalar(select(func.count()).select_from(ImportUpload)) == 1
    assert len(kept_files(app)) == 1  # the second sending left nothing behind
    page = merchant.get(url)
    assert "The file waits for its turn" in page.text
    assert "&lt;b&gt;goods.csv" in page.text
    assert "etc" not in page.text.partition("<h1")[2]
    assert 'http-equiv="refresh"' in page.text
    assert "hx-trigger" in merchant.get(url, headers=PARTIAL).text

    inline.run_all()
    statements.clear()
    page = merchant.get(url).text
    assert len(statements) <= 12
    assert "New: 1. Changed: 0. To be archived: 0. Same: 0. Refused: 2." in page
    assert "Row 3: The product has no title." in page
    assert "refresh" not in page
    assert "第 4 行：“much”无法识别为 CNY 价格。" in merchant.get(url.replace("/en/", "/zh/")).text
    only = merchant.get(f"{url}?view=refused&q=JAR").text
    assert "jar" in only.partition('id="rows"')[2]
    assert "bowl" not in only.partition('id="rows"')[2]
    assert "No product of the file matches." in merchant.get(f"{url}?q=zzz").text
    assert db.session.scalar(select(Product).where(Product.import_handle == "bowl")) is None

    refused = merchant.get(f"{url}/refused.csv")
    assert refused.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(refused.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0][-1] == "Why it was refused"
    assert [row[0] for row in rows[1:]] == ["cup", "jar"]
    assert rows[2][-1] == "“much” cannot be read as a price in CNY."

    form = {"key": "a" * 20}
    assert page_of(merchant.post(f"{url}/application", data=form)) == url
    assert "The file is being applied" in merchant.get(url).text
    assert merchant.post(f"{url}/cancellation").status_code == 409
    inline.run_all()
    assert page_of(merchant.post(f"{url}/application", data=form)) == url  # sent again: once
    assert merchant.post(f"{url}/application", data={"key": "b" * 20}).status_code == 409
    bowl = db.session.scalar(select(Product).where(Product.import_handle == "bowl"))
    assert bowl.status == "draft"
    page = merchant.get(url).text
    assert "What was done" in page
    assert "Added" in page
    undo = next(part for part in page.split('"') if part.endswith("/undo"))
    merchant.post(undo)
    inline.run_all()
    assert "The import is undone" in merchant.get(url).text
    listed = merchant.get("/en/admin/products/imports").text
    assert url in listed
    assert "4: jar: “much” cannot be read as a price in CNY." in listed


def test_a_long_file_pages_and_can_be_put_away(goods, merchant):
    lines = [f"bowl-{number:02},Bowl {number},Maker,2.00,,,active" for number in range(30)]
    upload = make_upload(goods.store_id, goods_file(*lines), missing="archive")
    url = f"/en/admin/products/imports/files/{upload.public_id}"
    inline.run_all()
    page = merchant.get(url).text
    assert page.count('class="find-row"') == 25
    more = next(part for part in page.split('"') if "after=" in part).replace("&amp;", "&")
    assert merchant.get(more, headers=PARTIAL).text.count('class="find-row"') == 7
    assert "2 products that the file does not name go off the shelf." in page
    assert merchant.get(f"{url}?after=x&view=y").status_code == 200
    assert page_of(merchant.post(f"{url}/cancellation")) == url
    assert "This import was cancelled. Nothing was changed." in merchant.get(url).text
    assert merchant.post(f"{url}/application", data={"key": "a" * 20}).status_code == 409


def test_a_file_that_cannot_be_worked_through_says_why(goods, merchant, monkeypatch):
    monkeypatch.setattr(importing, "MOST_ROWS", 2)
    lines = [f"bowl-{number},Bowl,Maker,2.00,,,active" for number in range(3)]
    upload = make_upload(goods.store_id, goods_file(*lines))
    inline.run_all()
    page = merchant.get(f"/en/admin/products/imports/files/{upload.public_id}").text
    assert "The file has more than 2 rows." in page
    assert "Bring in another file" in page
    assert "Failed" in merchant.get("/en/admin/products/imports").text


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
REFUSED = (
    (b"", "goods.csv", "The file is empty."),
    (PNG, "goods.csv", "not a CSV file but a picture"),
    (b"PK\x03\x04" + b"\0" * 20, "goods.xlsx", "Save it as CSV (UTF-8)"),
    (goods_file("bo\0wl,Bowl,Maker,2.00"), "goods.csv", "signs in it that no text has"),
    (b"Name,Colour\nBowl,red\n", "goods.csv", "Columns that it lacks: Title"),
    (b"Title,Price\n" + b"," * 9_000_000, "goods.csv", "a cell is larger than 8 MB"),
    (b'{"goods": 5, "goods_product": {}}', "goods.json", "does not hold the tables"),
    (b'{"goods": [' * 100_000, "goods.json", "does not hold the tables"),
)


@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
def test_what_is_no_file_of_goods_is_refused_with_a_sentence(app, goods, merchant):
    for content, name, words in REFUSED:
        answer = merchant.post(NEW, data=sent(content, name, missing="archive"))
        assert answer.status_code == 422, name
        assert words in answer.text
        assert re.search(r'<input checked[^>]*value="archive"', answer.text), name  # kept
    packed = gzip.compress(b'{"goods": "' + b" " * 17_000_000)
    answer = merchant.post(NEW, data=sent(packed, "goods.json.gz"))
    assert "larger than 16 MB" in answer.text
    nothing = {"status": "file", "missing": "leave", "locale": "en", "key": "k" * 20}
    answer = merchant.post(NEW, data=nothing)
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text
    answer = merchant.post(NEW, data=sent(goods_file("a,B,C,1"), status="x", category="y"))
    assert answer.status_code == 422
    assert kept_files(app) == []
    assert db.session.scalar(select(func.count()).select_from(ImportUpload)) == 0


class Long:
    """A body of many megabytes that takes none, and says how much of it was asked for at once."""

    def __init__(self, size):
        self.left = size
        self.largest = 0

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else self.left)
        size = min(size, self.left)
        self.left -= size
        return b"x" * size


@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
def test_two_hundred_megabytes_are_refused_without_being_read_into_memory(app, client, merchant):
    app.config["WTF_CSRF_ENABLED"] = True  # the token is looked for before any view runs
    size = 200 * 1024 * 1024
    for browser, words in ((merchant, "up to 64 MB"), (client, "This file is too large")):
        body = Long(size)
        environment = {
            "wsgi.input": body,
            "CONTENT_LENGTH": str(size),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
        }
        answer = browser.post(NEW, environ_overrides=environment)
        assert answer.status_code == 413
        assert words in answer.text
        assert body.largest <= 1 << 16
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["IMPORT_MAX_BYTES"] = 1000
    answer = merchant.post(NEW, data=sent(goods_file(*["a,B,C,1"] * 500)))
    assert answer.status_code == 413
    assert "The file is too large" in answer.text
    assert kept_files(app) == []


def test_what_a_file_changes_is_told_in_the_readers_words(goods, merchant):
    first = goods_file("bowl,Bowl,Maker,20.00,shopify,5,active")
    make_upload(goods.store_id, first)
    inline.run_all()
    upload = db.session.scalar(select(ImportUpload))
    url = f"/zh/admin/products/imports/files/{upload.public_id}"
    merchant.post(f"{url}/application", data={"key": "a" * 20})
    inline.run_all()
    second = goods_file("bowl,Big bowl,Maker,25.00,shopify,9,draft")
    again = make_upload(goods.store_id, second, set_stock=True, locale="en")
    inline.run_all()
    url = f"/zh/admin/products/imports/files/{again.public_id}"
    page = merchant.get(url).text
    for old, new in (("Bowl", "Big bowl"), ("¥20.00", "¥25.00"), ("5", "9"), ("已上架", "草稿")):
        assert f"<del>{old}</del>" in page, old
        assert f"<ins>{new}</ins>" in page, new


@pytest.mark.parametrize(
    ("app", "name"),
    (("postgresql", "shopify/official_template_2019.csv"), ("sqlite", "zh/mall_pms.json.gz")),
    indirect=["app"],
)
def test_real_files_come_in_through_the_desk(app, goods, merchant, name):
    path = DATA / name
    if not path.exists():
        cannot("the catalogues of the shared data folder")
    url = page_of(merchant.post(NEW, data=sent(path.read_bytes(), path.name)))
    inline.run_all()
    upload = db.session.scalar(select(ImportUpload))
    assert (upload.state, upload.created > 0) == ("checked", True)
    before = db.session.scalar(select(func.count()).select_from(Product))
    created = upload.created
    merchant.post(f"{url}/application", data={"key": "a" * 20})
    inline.run_all()
    assert db.session.scalar(select(func.count()).select_from(Product)) == before + created
    different = db.session.scalar(
        select(func.count())
        .select_from(ImportPreview)
        .where(ImportPreview.applied != ImportPreview.verdict)
    )
    assert different == 0
