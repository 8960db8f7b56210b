"""What the mails say, to whom, in which language; and how they leave."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from shop.account import sessions, tokens
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.models import Delivery
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.jobs import inline
from shop.notifications import links, orders, senders
from shop.notifications.models import Message
from shop.notifications.render import one_line
from shop.order.mail_views import OrderMail
from shop.order.views import AdjustmentView, CodeView, ContactView, LineView, ShipmentView
from shop.store import services as stores
from tests.factories.catalog import make_product
from tests.factories.orders import paid_order, store_with_goods
from tests.factories.stores import make_store
from tests.factories.users import make_user

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def line(title="Pine gaiwan", kind="physical", **fields):
    values = {
        "id": 1, "public_id": "line1", "product_id": 1, "product_slug": "gaiwan", "kind": kind,
        "title": title, "options": "Ash, 120 ml", "sku": "G-1", "image_name": None,
        "unit_price_minor": 188_00, "quantity": 2, "discount_minor": 0, "cancelled": 0,
        "shipped": 0, "returned": 0, "codes": [], "digital": False,
    }  # fmt: skip
    return LineView(**(values | fields))


def order(**fields):
    values = {
        "number": "261124-3KX6BR", "locale": "en", "currency": "CNY", "email": "lin@example.com",
        "name": "Lin Wan", "store_id": 1, "store_name": "Songjian", "store_email": "s@example.com",
        "timezone": "Asia/Shanghai", "lines": [line()],
        "adjustments": [AdjustmentView("promotion", "¥30 off from ¥300", -30_00)],
        "items_minor": 376_00, "discount_minor": -30_00, "delivery_minor": 12_00,
        "total_minor": 358_00,
        "contact": ContactView("Lin Wan", "lin@example.com", "+8613800138000", "CN", "浙江省",
                               "杭州市", "西湖区", "文三路 1 号"),
        "method": "alipay", "payment_state": "unpaid", "state": "open", "placed_at": AT,
        "expires_at": AT, "cancel_reason": "", "shipments": [], "codes": [],
        "has_downloads": False, "checkout_token": "t",
    }  # fmt: skip
    return OrderMail(**(values | fields))


@pytest.fixture
def kept(app):
    senders.memory().clear()
    return senders.memory()


@pytest.fixture
def of_order(app, kept, monkeypatch):
    """Record an event about an order that looks as given; the mail that comes of it."""

    def happen(event, found, **payload):
        monkeypatch.setattr(orders, "order_mail", lambda *_: found)
        monkeypatch.setattr("shop.notifications.merchants.order_mail", lambda *_: None)
        with transaction():
            outbox.record(event, order_id=1, **payload)
        inline.run_all()
        assert db.session.query(Delivery).filter(Delivery.state != "done").count() == 0
        return kept[-1] if kept else None

    return happen


def text(mail):
    return mail.get_body(("plain",)).get_content()


def html(mail):
    return mail.get_body(("html",)).get_content()


def test_an_order_placed(of_order):
    mail = of_order("order.placed", order())
    assert mail["To"] == "lin@example.com"
    assert mail["Subject"] == "We have your order 261124-3KX6BR"
    assert mail["Content-Language"] == "en"
    for part in (text(mail), html(mail)):
        assert "Thank you, Lin Wan." in part
        assert "24 Nov, 10:30" in part  # in the store's zone
        assert "Pine gaiwan" in part
        assert "−¥30.00" in part
        assert "¥358.00" in part
        assert "http://localhost:8000/en/orders/261124-3KX6BR?key=" in part


def test_a_link_in_a_mail_opens_its_order(app, of_order):
    from shop.order.links import check

    mail = of_order("order.placed", order())
    key = text(mail).partition("?key=")[2].split()[0]
    assert check("261124-3KX6BR", key, app.config["SECRET_KEY"])


def test_chinese_readers_read_chinese(of_order):
    mail = of_order("order.placed", order(locale="zh", name="林晚"))
    assert "/zh/orders/261124-3KX6BR" in text(mail)
    assert 'lang="zh-Hans"' in html(mail)
    assert "11月24日 10:30" in text(mail)


def test_cash_on_delivery_is_not_asked_for_money(of_order):
    mail = of_order("order.placed", order(method="cod", expires_at=None))
    assert "You pay the courier" in text(mail)
    assert "Pay or see" not in html(mail)


def test_a_payment_opens_codes_and_downloads(of_order):
    code = CodeView("ABCD-EFGH-JKMN", "open", AT, None)
    mail = of_order(
        "order.paid",
        order(payment_state="paid", lines=[line(kind="service", codes=[code])], codes=[code],
              has_downloads=True),
    )  # fmt: skip
    for part in (text(mail), html(mail)):
        assert "ABCD-EFGH-JKMN" in part
        assert "downloads are ready" in part
        assert "parcel" not in part


def test_a_parcel_has_a_carrier_and_a_number(app, of_order, monkeypatch):
    parcel = ShipmentView("parcel1", "SF", "SF123456", AT, 2)
    monkeypatch.setattr(orders, "order_mail", lambda *_: order(shipments=[parcel]))
    monkeypatch.setattr(orders, "_parcel_id", lambda _: "parcel1")
    drafts = orders.shipped({"order_id": 1, "shipment_id": 1})
    for part in (drafts[0].text, drafts[0].html):
        assert "SF Express" in part
        assert "SF123456" in part


def test_received_invites_a_review_of_each_line(of_order):
    mail = of_order("order.received", order(lines=[line(), line("Cup", public_id="line2")]))
    for part in (text(mail), html(mail)):
        assert part.count("/review?key=") == 2
        assert "/en/orders/261124-3KX6BR/lines/line2/review" in part


@pytest.mark.parametrize(
    ("reason", "payment_state", "sentences"),
    (
        ("expired", "unpaid", ("was not paid in time", "You were not charged.")),
        ("shopper", "paid", ("Nothing of it will be sent.", "goes back the way it came")),
    ),
)
def test_a_cancelled_order_says_why_and_where_the_money_is(
    of_order, reason, payment_state, sentences
):
    mail = of_order("order.cancelled", order(payment_state=payment_state), reason=reason)
    for sentence in sentences:
        assert sentence in text(mail)
        assert sentence in html(mail)


def test_an_order_without_address_makes_no_mail(of_order, kept):
    assert of_order("order.placed", order(email="")) is None
    assert of_order("order.placed", None) is None


def test_what_people_typed_stays_text(of_order):
    nasty = '<img src=x onerror=alert(1)>"'
    mail = of_order("order.placed", order(name=nasty, lines=[line(nasty)], store_name=nasty))
    assert "<img" not in html(mail)
    assert "&lt;img" in html(mail)
    assert nasty in text(mail)


def test_no_header_is_smuggled(of_order):
    number = "1\r\nBcc: everybody@example.com\n\n<p>body"
    mail = of_order("order.placed", replace(order(), number=number))
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert one_line("a\r\nb\u2028c\0d") == "a b c d"


def test_html_of_mails_loads_nothing(of_order):
    page = html(of_order("order.paid", order(payment_state="paid")))
    for forbidden in ("<script", "<img", "url(", "@import", "<link", "<form"):
        assert forbidden not in page


def test_the_same_event_makes_one_message(app, of_order, kept):
    of_order("order.placed", order())
    with transaction():
        db.session.execute(db.update(Delivery).values(state="pending", next_try_at=clock.now()))
    inline.run_all()
    assert len(kept) == 1
    assert db.session.query(Message).count() == 1


def test_a_new_password_by_mail(app, kept):
    person = make_user(locale="zh")
    with transaction():
        session = sessions.create(person.id)
        tokens.request_reset(person.username, secret=app.config["SECRET_KEY"])
    inline.run_all()
    mail = kept[-1]
    assert mail["To"] == person.email
    token = text(mail).partition("/zh/reset-password/")[2].split()[0]
    with transaction():
        assert tokens.reset_password(token, "a bridge in the rain") == person.id
    assert session.token not in text(mail)


def test_nobody_gets_no_mail(app, kept):
    with transaction():
        tokens.request_reset("nobody@example.com", secret=app.config["SECRET_KEY"])
    assert inline.run_all().delivered == 1
    assert kept == []


def test_low_stock_goes_to_the_store(app, kept):
    owner = make_user(locale="zh")
    store_id = make_store(owner_id=owner.id)
    product = make_product(store_id, "Pine gaiwan")
    with transaction():
        outbox.record("stock.low", variant_id=product.variants[0], location_id=1, available=3)
    inline.run_all()
    assert kept[-1]["To"] == owner.email
    assert "Pine gaiwan（中文）" in text(kept[-1])
    assert "/zh/admin/inventory" in text(kept[-1])

    with transaction():
        stores.update(store_id, contact_email="desk@example.com")
        outbox.record("stock.low", variant_id=product.variants[0], location_id=1, available=2)
    inline.run_all()
    assert kept[-1]["To"] == "desk@example.com"


@pytest.mark.parametrize(
    ("answer", "state", "delivery"),
    (("550 no such person", "failed", "done"), ("451 later", "queued", "pending")),
)
def test_what_the_mail_server_refuses(app, mail_server, answer, state, delivery):
    app.config.update(MAIL_SENDER="smtp", MAIL_SERVER="127.0.0.1", MAIL_PORT=mail_server.port)
    mail_server.answers.append(answer)
    person = make_user(confirmed=False)
    with transaction():
        tokens.request_confirmation(person.id, secret=app.config["SECRET_KEY"])
    inline.run_all()
    assert db.session.query(Message).one().state == state
    assert db.session.query(Delivery).one().state == delivery
    assert mail_server.messages == []


def test_mails_are_shown_to_developers(app, client, kept):
    person = make_user(confirmed=False)
    assert "the mails will be here" in client.get("/dev/mail").text
    with transaction():
        tokens.request_confirmation(person.id, secret=app.config["SECRET_KEY"])
    inline.run_all()
    listed = client.get("/dev/mail")
    assert listed.status_code == 200
    message = db.session.query(Message).one()
    assert f"/dev/mail/{message.public_id}" in listed.text
    shown = client.get(f"/dev/mail/{message.public_id}")
    assert 'href="http://localhost:8000/en/confirm-email/' in shown.text
    assert f'src="/dev/mail/{message.public_id}/html"' in shown.text
    framed = client.get(f"/dev/mail/{message.public_id}/html")
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Is this your address?" in framed.text
    assert client.get("/dev/mail/unknown").status_code == 404
    assert client.get("/dev/mail?to=nobody&after=nonsense").status_code == 200


@pytest.mark.parametrize("locale", ("en", "zh"))
def test_every_link_of_a_mail_leads_to_a_page(app, locale):
    addresses = [
        links.home(locale),
        links.order("261124-3KX6BR", locale),
        links.review("261124-3KX6BR", "line1", locale),
        links.admin_order("261124-3KX6BR", locale),
        links.admin_inventory(locale),
        links.admin_reviews(locale),
        links.confirm_email("token", locale),
        links.reset_password("token", locale),
        links.sign_in(locale),
        links.forgot_password(locale),
    ]
    router = app.url_map.bind("localhost")
    for address in addresses:
        endpoint, _ = router.match(urlsplit(address).path, method="GET")
        assert endpoint


def test_units_that_a_count_did_not_find_are_told_to_the_store(app, kept):
    goods = store_with_goods(stock=3, contact_email="desk@example.com")
    placed = paid_order({goods.variant: 2})
    inline.run_all()
    with transaction():
        inventory.set_on_hand(
            goods.variant, goods.location_id, 1, reason="counted", actor="operator"
        )
    inline.run_all()
    assert kept[-1]["To"] == "desk@example.com"
    assert kept[-1]["Subject"].startswith("1 unit of Thing")
    assert placed.number in text(kept[-1])
