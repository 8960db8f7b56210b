"""Paying by bank transfer, from the checkout to the desk of those who read the account."""

import io
import re

import pytest

from shop.core import ids
from shop.jobs import inline
from shop.notifications import senders
from shop.order import links
from shop.payment.gateways.registry import build_gateways
from tests.factories import orders as made
from tests.factories.catalog import picture
from tests.factories.orders import Owner, assert_sound, order, store_with_goods
from tests.factories.transfers import book, make_proof, offer_transfers, transfer_order
from tests.factories.users import make_user
from tests.web.admin.conftest import sign_in, staff_of  # noqa: F401 - a fixture
from tests.web.order.conftest import ENGLISH, checkout, put
from tests.web.order.markup import form_of

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def goods(app, alipay):
    offer_transfers(app)
    app.extensions["gateways"] = {
        "alipay": alipay,
        "transfer": build_gateways(app.config | {"ALIPAY_GATEWAY": ""})["transfer"],
    }
    return store_with_goods(price_minor=10000, flat_delivery_minor=800)


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    return answer.get_data(as_text=True)


def key_of(app, number):
    return links.sign(number, app.config["SECRET_KEY"])


def send(browser, app, number, *files, key=None, **fields):
    named = [(io.BytesIO(raw), f"proof{at}") for at, raw in enumerate(files)]
    return browser.post(
        f"/en/orders/{number}/transfer/proofs",
        data={"key": key or key_of(app, number), "proofs": named, **fields},
        content_type="multipart/form-data",
    )


def test_a_guest_orders_and_is_told_what_to_transfer_where(app, client, goods):
    senders.memory().clear()
    put(client, goods.variant)
    fields = form_of(checkout(client)) | ENGLISH | {"method": "transfer"}
    answer = client.post("/en/checkout", data=fields)
    assert answer.status_code == 303
    page = text(client.get(answer.headers["Location"]))
    reference = re.search(r"XP[2-9A-Z]{7}", page)[0]
    for said in ("¥108.00", "3301 0401 6000 1234 567", "HZCBCN2H", "Send a proof of the transfer"):
        assert said in page
    inline.run_all()
    mail = next(m for m in senders.memory() if "We have your order" in m["Subject"])
    body = mail.get_body(("plain",)).get_content()
    assert reference in body
    assert "3301 0401 6000 1234 567" in body
    # Another way can be chosen, and this one again.
    switched = client.post(answer.headers["Location"], data={"method": "alipay"})
    assert switched.headers["Location"].startswith("https://cashier.example/")
    assert reference not in text(client.get(answer.headers["Location"]))
    client.post(answer.headers["Location"], data={"method": "transfer"})
    assert reference in text(client.get(answer.headers["Location"]))


def test_proofs_are_for_the_buyer_and_the_staff_of_the_store_alone(app, client, goods, sign_in):  # noqa: F811
    placed, reference = transfer_order(goods.variant)
    answer = send(client, app, placed.number, picture(60, 40), PDF, payer="Lin", paid_on="")
    assert answer.status_code == 303
    at = f"/en/orders/{placed.number}/transfer"
    key = key_of(app, placed.number)
    page = text(client.get(f"{at}?key={key}"))
    assert page.count("Being looked at") == 2
    proofs = re.findall(r"/transfer/proofs/(\w+)", page)
    image = client.get(f"{at}/proofs/{proofs[0]}?key={key}")
    assert (image.status_code, image.mimetype) == (200, "image/jpeg")
    pdf = client.get(f"{at}/proofs/{proofs[1]}?key={key}")
    assert (pdf.data, pdf.mimetype) == (PDF, "application/pdf")
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    # Nobody else: no key, another order's key, a proof of another order, another store's staff.
    other, _ = transfer_order(goods.variant)
    other_key = key_of(app, other.number)
    desk = f"/en/admin/bank-transfers/{reference}"
    for path in (
        f"{at}/proofs/{proofs[0]}",
        f"{at}/proofs/{proofs[0]}?key={other_key}",
        f"/en/orders/{other.number}/transfer/proofs/{proofs[0]}?key={other_key}",
    ):
        assert client.get(path).status_code == 404
    strange = sign_in(staff_of(store_with_goods().store_id))
    assert strange.get(f"{desk}/proofs/{proofs[0]}").status_code == 404
    own = sign_in(staff_of(goods.store_id, "staff"))
    assert own.get(f"{desk}/proofs/{proofs[0]}").status_code == 200
    assert "2 proofs" in text(own.get("/en/admin/bank-transfers?view=proof"))
    assert reference not in text(strange.get("/en/admin/bank-transfers"))
    assert order(placed.order).payment_state == "unpaid"  # a proof pays nothing


@pytest.mark.parametrize(
    ("raw", "said"),
    (
        (b"<svg onload=alert(1)>", "no picture that can be read"),
        (b"%PDF-1.7 without an end", "no PDF that can be read"),
        (b"MZ\x90\x00" * 100, "no picture that can be read"),
        (b"", "no picture that can be read"),
        (b"%PDF-" + b"x" * (5 * 1024 * 1024) + b"%%EOF", "at most 5 MB"),
    ),
    ids=("svg", "cut", "program", "empty", "large"),
)
def test_hostile_files_are_refused_and_what_was_typed_stays(app, client, goods, raw, said):
    placed, _ = transfer_order(goods.variant)
    page = text(send(client, app, placed.number, raw, payer="Lin & Co", paid_on="2026-01-0"), 422)
    assert said in page
    assert "Lin &amp; Co" in page
    assert "Being looked at" not in page


def test_what_is_sent_has_its_limits(app, client, goods):
    placed, _ = transfer_order(goods.variant)
    assert "no later" not in text(send(client, app, placed.number, PDF, paid_on="2199-01-01"), 422)
    assert "Choose a picture" in text(send(client, app, placed.number), 422)
    assert send(client, app, placed.number, *[PDF] * 6).status_code == 303
    assert "At most 6" in text(send(client, app, placed.number, PDF), 409)
    assert send(client, app, placed.number, PDF, key="wrong").status_code == 404


def test_staff_book_decline_and_the_customer_reads_why(app, client, goods, sign_in):  # noqa: F811
    senders.memory().clear()
    placed, reference = transfer_order(goods.variant)
    proof = make_proof(placed.order)
    own, strange = (sign_in(staff_of(one)) for one in (goods.store_id, store_with_goods().store_id))
    desk = f"/en/admin/bank-transfers/{reference}"
    no = {"reason": "unreadable", "note": "Too <dark>."}
    assert strange.post(f"{desk}/proofs/{proof}/refusal", data=no).status_code == 404
    assert own.post(f"{desk}/proofs/{proof}/refusal", data=no).status_code == 303
    assert "decided already" in text(own.post(f"{desk}/proofs/{proof}/refusal", data=no), 409)
    key = key_of(app, placed.number)
    page = text(client.get(f"/en/orders/{placed.number}/transfer?key={key}"))
    assert "The proof cannot be read." in page
    assert "Too &lt;dark&gt;." in page
    inline.run_all()
    assert any("Your proof" in m["Subject"] for m in senders.memory())

    once = ids.token()
    money = {"amount": "50", "bank_reference": "B-1", "key": once}
    assert strange.post(f"{desk}/receipts", data=money).status_code == 404
    for _ in range(2):  # pressed twice
        assert own.post(f"{desk}/receipts", data=money).status_code == 303
    assert "is still to be transferred" in text(client.get(f"/en/orders/{placed.number}?key={key}"))
    again = text(own.post(f"{desk}/receipts", data=money | {"key": ids.token()}), 409)
    assert "booked already" in again
    assert 'value="50"' in again
    wrong = {"amount": "0", "bank_reference": "", "key": ids.token()}
    assert "too small" in text(own.post(f"{desk}/receipts", data=wrong), 422)
    rest = {"amount": "60", "bank_reference": "B-2", "key": ids.token()}
    assert own.post(f"{desk}/receipts", data=rest).status_code == 303
    assert order(placed.order).payment_state == "paid"
    admin = text(own.get(f"/en/admin/orders/{placed.number}"))
    assert "booked by" in admin
    assert "B-2" in admin
    stuck = text(own.get("/en/admin/refunds"))
    number = re.search(r"/refunds/(\w+)/by-hand", stuck)[1]
    assert f"/refunds/{number}/again" not in stuck
    assert (
        own.post(f"/en/admin/refunds/{number}/by-hand", data={"reference": "OUT 9"}).status_code
        == 303
    )
    assert "bank reference OUT 9" in text(client.get(f"/en/orders/{placed.number}?key={key}"))
    assert_sound()


def test_what_two_stores_share_is_booked_by_operators(app, goods, sign_in):  # noqa: F811
    others = store_with_goods(price_minor=2000)
    placed, reference = transfer_order({goods.variant: 1, others.variant: 1})
    for store in (goods.store_id, others.store_id):
        own = sign_in(staff_of(store))
        assert own.get(f"/en/admin/bank-transfers/{reference}").status_code == 404
        assert reference not in text(own.get("/en/admin/bank-transfers?view=all"))
    operator = sign_in(make_user(is_operator=True))
    desk = f"/en/admin/bank-transfers/{reference}"
    assert "¥128.00 is due" in text(operator.get(desk))
    money = {"amount": "128", "bank_reference": "B-3", "key": ids.token()}
    assert operator.post(f"{desk}/receipts", data=money).status_code == 303
    assert [order(one).payment_state for one in placed.orders] == ["paid", "paid"]


def test_a_transferred_order_that_is_cancelled_waits_for_its_money_to_go_back(app, client, goods):
    buyer = make_user()
    placed, reference = transfer_order(goods.variant, owner=Owner(user_id=buyer.id))
    book(reference, placed.total_minor)
    key = key_of(app, placed.number)
    url = f"/en/orders/{placed.number}"
    assert (
        client.post(f"{url}/cancellation", data={"key": key, "reason": "mind"}).status_code == 303
    )
    assert "The shop transfers" in text(client.get(f"{url}?key={key}"))
    assert made.available(goods.variant) == 10
    assert_sound()
