"""A return through the page of its order and the merchant's commands."""

import re

import pypdfium2

from shop.core.db import db
from shop.order import links, return_queries
from tests.factories import orders as made
from tests.factories.orders import assert_sound, lines_of


def test_a_guest_asks_is_approved_sends_and_is_refunded(app, client, goods):
    placed = made.received_order(goods.variant)
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    at = f"/en/orders/{placed.number}/returns"
    line = lines_of(placed.order)[0].public_id

    def post(to, **fields):
        return client.post(to, data={"key": key, **fields})

    page = client.get(f"{at}?key={key}").get_data(as_text=True)
    once = re.search(r'name="once" value="([^"]+)"', page).group(1)
    form = {
        f"quantity-{line}": "1",
        f"reason-{line}": "size",
        f"note-{line}": "Too small",
        "once": once,
    }
    for wrong in ({f"quantity-{line}": "99"}, {f"quantity-{line}": "x"}, {f"reason-{line}": ""}):
        answer = post(at, **(form | wrong), do="send")
        assert answer.status_code == 422
        assert "Too small" in answer.get_data(as_text=True)
    shown = post(at, **form, do="quote").get_data(as_text=True)
    assert "will go back the way you paid" in shown
    db.session.rollback()
    assert return_queries.of_order(placed.order, "en") == []
    for _ in range(2):  # a second press asks for nothing more
        assert post(at, **form, do="send").status_code == 303
        db.session.rollback()
        (asked,) = return_queries.of_order(placed.order, "en")

    def run(*arguments):
        result = app.test_cli_runner().invoke(args=("returns", *arguments))
        db.session.rollback()
        assert result.exit_code == 0, result.output
        return result.output

    assert asked.public_id in run("list", "--state", "requested")
    run("approve", asked.public_id, "--instructions", "Send it to the returns desk")
    assert "Send it to the returns desk" in client.get(f"{at}?key={key}").get_data(as_text=True)
    label = f"{at}/{asked.public_id}/label.pdf"
    assert client.get(label).status_code == 404  # who does not hold the order's link
    with pypdfium2.PdfDocument(client.get(f"{label}?key={key}").get_data()) as document:
        text = document[0].get_textpage().get_text_range()
    assert "Send it to the returns desk" in " ".join(text.split())
    assert placed.number in text
    parcel = f"{at}/{asked.public_id}/parcel"
    assert post(parcel, tracking_number="").status_code == 422
    assert post(parcel, carrier="SF", tracking_number="SF99").status_code == 303
    assert client.get(f"{label}?key={key}").status_code == 404
    assert "SF99" in run("show", asked.public_id)
    run("receive", asked.public_id, "--restock", line)
    assert "goes back the way you paid" in client.get(f"{at}?key={key}").get_data(as_text=True)
    assert post(f"{at}/{asked.public_id}/withdrawal").status_code == 409
    assert_sound()
