"""Files of a download in the editor, and how often a buyer fetched them."""

from io import BytesIO

import pytest

from shop.catalog import files, terms
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import downloads
from tests.factories.orders import lines_of, paid_order, store_with_goods
from tests.web.admin.conftest import staff_of


@pytest.fixture
def guide(app, tmp_path):
    app.config["FILES_FOLDER"] = str(tmp_path)
    return store_with_goods(kind="digital", stock=None, product={"digital_name": "a/guide.pdf"})


def test_files_are_added_given_in_new_versions_and_removed(guide, sign_in):
    browser = sign_in(staff_of(guide.store_id))
    product = guide.products[0]
    path = f"/en/admin/products/{product.public_id}"

    def send(name, **data):
        data["file"] = (BytesIO(b"pages"), name) if name else (BytesIO(b""), "")
        return browser.post(f"{path}/files", data=data, content_type="multipart/form-data")

    assert send("").status_code == 422
    assert send("x.pdf", replaces="nothing").status_code == 404
    assert send("Chart 图.pdf").status_code == 303
    db.session.rollback()
    chart = files.current(product.id)[1]
    assert (chart.title, chart.size, chart.version) == ("Chart 图.pdf", 5, 1)
    assert send("chart.pdf", replaces=chart.key, for_earlier="1").status_code == 303
    assert send("guide.pdf", replaces="main").status_code == 303
    db.session.rollback()
    assert [(one.slot, one.version) for one in files.current(product.id)] == [(0, 2), (1, 2)]
    page = browser.get(path).get_data(as_text=True)
    assert "version 2" in page
    removal = {"file": files.current(product.id)[1].key}
    assert browser.post(f"{path}/files/removal", data=removal).status_code == 303
    assert browser.post(f"{path}/files/removal", data={"file": "main"}).status_code == 404
    limits = {"downloads": "3", "download_days": ""}
    assert browser.post(f"{path}/terms", data=limits).status_code == 303
    db.session.rollback()
    assert terms.of(product.id) == terms.Terms(downloads=3)


def test_staff_see_downloads_and_open_them_anew(guide, sign_in):
    browser = sign_in(staff_of(guide.store_id))
    with transaction():
        terms.change(guide.products[0].id, terms.Terms(downloads=2))
    placed = paid_order(guide.variant)
    line = lines_of(placed.order)[0].public_id
    with transaction():
        downloads.take(placed.order, line, "main")
    path = f"/en/admin/orders/{placed.number}"
    assert "downloaded 1 of 2 times" in browser.get(path).get_data(as_text=True)
    assert browser.post(f"{path}/lines/{line}/downloads").status_code == 303
    page = browser.get(path).get_data(as_text=True)
    assert "downloaded 0 of 2 times" in page
    assert "Downloads opened anew" in page
    assert browser.post(f"{path}/lines/nothing/downloads").status_code == 404
