"""Paper at a merchant's desk: slips, labels, pick lists and invoices, and how they are written."""

import pypdfium2
import pytest

from shop.core.transaction import transaction
from shop.documents import queries
from shop.documents import settings as documents
from shop.store import queries as stores
from tests.factories.orders import paid_order, place_order, store_with_goods
from tests.web.admin.conftest import staff_of


def read(answer, name: str) -> list[str]:
    """The pages of a PDF that came as a download nobody keeps on the way."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    with pypdfium2.PdfDocument(answer.get_data()) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


@pytest.fixture
def orders(goods) -> list[str]:
    return [paid_order({goods.variants[0]: 2, goods.variants[1]: 1}).number for _ in range(3)]


def test_slip_and_label_of_an_order(goods, merchant, orders):
    page = merchant.get(f"/en/admin/orders/{orders[0]}").get_data(as_text=True)
    assert f'href="/en/admin/orders/{orders[0]}/slip.pdf"' in page
    (slip,) = read(merchant.get(f"/en/admin/orders/{orders[0]}/slip.pdf"), f"slip-{orders[0]}.pdf")
    assert orders[0] in slip
    assert "Packing slip" in slip
    (label,) = read(
        merchant.get(f"/en/admin/orders/{orders[0]}/label.pdf?paper=a4"),
        f"label-a4-{orders[0]}.pdf",
    )
    assert orders[0] in label


def test_one_file_for_many_orders(goods, merchant, orders):
    ticked = {"order": orders}
    slips = read(
        merchant.post("/en/admin/orders/papers", data={**ticked, "kind": "slip"}),
        "slip-3-orders.pdf",
    )
    assert [number in page for number, page in zip(orders, slips, strict=True)] == [True] * 3
    (taken,) = read(
        merchant.post("/zh/admin/orders/papers", data={**ticked, "kind": "pick"}),
        "pick-3-orders.pdf",
    )
    assert "3 个订单的拣货单" in taken
    assert "共 9 件" in taken


def test_too_many_none_and_another_stores_orders(goods, merchant, stranger, orders):
    def sent(browser, numbers, kind="slip"):
        data = {"order": numbers, "kind": kind, "view": "to-ship"}
        return browser.post("/en/admin/orders/papers", data=data, follow_redirects=True)

    many = [f"260101-{number:05d}" for number in range(201)]
    assert "At most 200 orders fit into one file." in sent(merchant, many).get_data(as_text=True)
    assert "Tick some orders first." in sent(merchant, []).get_data(as_text=True)
    assert sent(stranger, orders).status_code == 404
    assert sent(merchant, [*orders, "260101-00000"]).status_code == 404
    assert sent(merchant, orders, "poster").status_code == 404


def test_nothing_to_pack_is_said(goods, merchant, sign_in):
    file = store_with_goods(kind="digital", stock=None, product={"digital_name": "a.pdf"})
    number = paid_order(file.variant).number
    theirs = sign_in(staff_of(file.store_id))
    answer = theirs.post(
        "/en/admin/orders/papers", data={"order": number, "kind": "slip"}, follow_redirects=True
    )
    assert "Nothing in these orders goes into a parcel." in answer.get_data(as_text=True)
    assert theirs.get(f"/en/admin/orders/{number}/slip.pdf").status_code == 404


def test_staff_issue_an_invoice_once_and_fetch_it(goods, merchant, orders):
    address = f"/en/admin/orders/{orders[0]}"
    assert merchant.get(f"{address}/invoice.pdf").status_code == 404
    for _ in range(2):
        answer = merchant.post(f"{address}/invoice", follow_redirects=True)
        assert "INV-" in answer.get_data(as_text=True)
    (bill,) = read(merchant.get(f"{address}/invoice.pdf"), f"invoice-{orders[0]}.pdf")
    assert "-000001" in bill
    assert "¥38.00" in bill
    unpaid = place_order(goods.variant).number
    said = merchant.post(f"/en/admin/orders/{unpaid}/invoice", follow_redirects=True)
    assert "An invoice is issued once the order is paid." in said.get_data(as_text=True)


def test_settings_are_kept_shown_and_used(goods, merchant):
    typed = {
        "legal_name": "松间茶器有限公司", "address": "1 Road\nHangzhou", "tax_number": "9133",
        "invoice_prefix": "SJ-", "credit_prefix": "SC-", "footer_en": "Thank you",
        "footer_zh": "", "label_paper": "a4",
    }  # fmt: skip
    wrong = merchant.post("/en/admin/settings/documents", data=typed | {"invoice_prefix": "a b"})
    assert wrong.status_code == 422
    assert "without spaces" in wrong.get_data(as_text=True)
    assert "松间茶器有限公司" in wrong.get_data(as_text=True)
    assert merchant.post("/en/admin/settings/documents", data=typed).status_code == 303
    page = merchant.get("/en/admin/settings/documents").get_data(as_text=True)
    assert "The next invoice is SJ-000001, the next credit note SC-000001." in page
    with transaction():
        kept = documents.of(stores.get(goods.store_id).settings)
    assert (kept.automatic, kept.with_year, kept.label_paper) == (False, False, "a4")
    (sample,) = read(merchant.get("/en/admin/settings/documents/sample.pdf"), "sample-invoice.pdf")
    assert "松间茶器有限公司" in sample
    assert "SJ-000001" in sample
    assert queries.next_number(goods.store_id, "invoice") == 1
