"""The invoice in its buyer's hands: with a signed link, once it is paid, and nobody else's."""

from shop.order import links
from tests.factories.orders import paid_order, place_order


def url(app, number, at=""):
    return f"/en/orders/{number}{at}?key={links.sign(number, app.config['SECRET_KEY'])}"


def test_a_guest_gets_the_invoice_of_what_is_paid(app, client, goods):
    number = paid_order(goods.variant).number
    assert "Get the invoice as PDF" in client.get(url(app, number)).get_data(as_text=True)
    assert client.get(url(app, number, "/invoice.pdf")).status_code == 404
    for _ in range(2):
        assert client.post(url(app, number, "/invoice")).status_code == 303
    page = client.get(url(app, number)).get_data(as_text=True)
    assert page.count("/invoice.pdf?") == 1
    answer = client.get(url(app, number, "/invoice.pdf"))
    assert answer.get_data().startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/en/orders/{number}/invoice.pdf").status_code == 404
    assert client.post(f"/en/orders/{number}/invoice").status_code == 404


def test_an_unpaid_order_offers_none_and_says_why(app, client, goods):
    number = place_order(goods.variant).number
    assert "Get the invoice as PDF" not in client.get(url(app, number)).get_data(as_text=True)
    answer = client.post(url(app, number, "/invoice"))
    assert answer.status_code == 409
    assert "An invoice is issued once the order is paid." in answer.get_data(as_text=True)
