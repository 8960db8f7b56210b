"""Downloads: counted presses, signed addresses, several files and versions, the end of it all."""

from datetime import timedelta
from pathlib import Path

import pytest

from shop.catalog import files, terms
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import downloads, links, queries
from shop.payment import refunds
from tests.factories import orders as made
from tests.factories.orders import store_with_goods


@pytest.fixture
def guide(app, tmp_path):
    """A store that sells a guide of one file, twice at most within ten days."""
    app.config["FILES_FOLDER"] = str(tmp_path)
    put(tmp_path, "main/brewing.pdf", b"%PDF-1.7 leaves")
    goods = store_with_goods(
        kind="digital", stock=None, product={"digital_name": "main/brewing.pdf"}
    )
    with transaction():
        terms.change(goods.products[0].id, terms.Terms(downloads=2, download_days=10))
    return goods


def url(app, placed, at=""):
    """A signed address of an order."""
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    return f"/en/orders/{placed.number}{at}?key={key}"


def put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def line_of(placed):
    db.session.rollback()
    return queries.order_page(placed.number, "en").lines[0]


def press(app, client, placed, file="main"):
    path = url(app, placed, at=f"/downloads/{line_of(placed).public_id}")
    return client.post(path, data={"file": file})


def test_a_download_opens_with_the_payment_and_is_counted(app, client, guide):
    placed = made.place_order(guide.variant)
    assert press(app, client, placed).status_code == 404
    made.pay(placed)
    answer = press(app, client, placed)
    assert answer.status_code == 303
    assert "brewing" not in answer.location
    for _ in range(3):  # the signed address is not counted: a transfer may go on
        fetched = client.get(answer.location)
        assert (fetched.status_code, fetched.data) == (200, b"%PDF-1.7 leaves")
    assert fetched.headers["Content-Disposition"] == "attachment; filename=brewing.pdf"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert fetched.headers["Cache-Control"] == "private, no-store"
    part = client.get(answer.location, headers={"Range": "bytes=9-"})
    assert (part.status_code, part.data) == (206, b"leaves")
    page = client.get(url(app, placed)).get_data(as_text=True)
    assert "1 download left." in page
    assert press(app, client, placed).status_code == 303
    assert press(app, client, placed).status_code == 409
    assert "as often as it may be" in client.get(url(app, placed)).get_data(as_text=True)
    for tampered in (answer.location[:-1] + "_", answer.location.replace(".main.", ".x.")):
        assert client.get(tampered).status_code == 404
    assert press(app, client, made.paid_order(store_with_goods().variant)).status_code == 404
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get(answer.location).status_code == 404


def test_the_time_to_download_ends_and_staff_open_it_anew(app, client, guide):
    with clock.at(clock.now() - timedelta(days=11)):
        placed = made.paid_order(guide.variant)
    assert press(app, client, placed).status_code == 409
    with transaction():
        downloads.reset(placed.order, line_of(placed).public_id, actor="u:1")
    assert press(app, client, placed).status_code == 303


def test_a_refund_closes_downloads_and_their_addresses(app, client, guide):
    placed = made.paid_order(guide.variant)
    answer = press(app, client, placed)
    with transaction():
        refunds.request(
            placed.order,
            {line_of(placed).public_id: 1},
            include_delivery=False,
            restock=[],
            reason="other",
            note="",
            actor="u:1",
            key="the-key-of-this-refund",
        )
    assert client.get(answer.location).status_code == 404
    assert press(app, client, placed).status_code == 404


def test_earlier_buyers_get_new_versions_that_are_for_them(app, client, guide, tmp_path):
    product = guide.products[0].id
    put(tmp_path, "v2/brewing.pdf", b"second edition")
    put(tmp_path, "extra/chart.pdf", b"chart")

    def keys(placed):
        return [(one.title, one.version, one.key) for one in line_of(placed).downloads.files]

    with clock.at(clock.now() - timedelta(days=2)):
        early = made.paid_order(guide.variant)
    with transaction():
        extra = files.add(product, "extra/chart.pdf", 5)
    assert [one[0] for one in keys(early)] == ["brewing.pdf"]
    with transaction():
        second = files.add(product, "v2/brewing.pdf", 14, slot=0, for_earlier=True)
    assert keys(early) == [("brewing.pdf", 2, second.key)]
    assert client.get(press(app, client, early, second.key).location).data == b"second edition"
    assert press(app, client, early, extra.key).status_code == 404
    late = made.paid_order(guide.variant)
    assert [one[0] for one in keys(late)] == ["brewing.pdf", "chart.pdf"]
    assert client.get(press(app, client, late).location).data == b"second edition"
    with transaction():
        files.remove(product, extra.key)
    assert len(keys(late)) == 2
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert len(keys(made.paid_order(guide.variant))) == 1
