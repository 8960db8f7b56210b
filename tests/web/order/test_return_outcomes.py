"""What a shopper wants for goods, with photos that nobody else sees: through the page of the order."""

import html
import io
import re
from pathlib import Path

from shop.core.db import db
from shop.order import links, return_queries
from shop.payment import queries as payments
from tests.factories import orders as made
from tests.factories.catalog import picture
from tests.factories.orders import assert_sound, lines_of


def asked_of(order_id):
    db.session.rollback()
    (found,) = return_queries.of_order(order_id, "en")
    return found


def test_photos_stay_in_the_form_and_are_seen_by_the_shopper_and_the_shop_alone(app, client, goods):
    placed = made.received_order(goods.variant)
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    at = f"/en/orders/{placed.number}/returns"
    line = lines_of(placed.order)[0].public_id
    form = {
        "key": key,
        "once": "once-for-photos",
        "outcome": "money",
        f"quantity-{line}": "1",
        f"reason-{line}": "damaged",
        f"note-{line}": "A long <scratch>",
    }
    first = client.post(
        at, data=form | {"do": "quote", "photos": [(io.BytesIO(picture(40, 30)), "scratch.png")]}
    )
    page = first.get_data(as_text=True)
    assert "You send nothing." in page
    (word,) = re.findall(r'name="photo" [^>]*value="([^"]+)"', page)
    small = html.unescape(re.search(r'<img src="([^"]*/photos/[^"]+)"', page)[1])
    assert client.get(small).mimetype == "image/jpeg"
    assert client.get(small.replace(key, "x" * len(key))).status_code == 404
    wrong = client.post(at, data=form | {"do": "send", "photos": [(io.BytesIO(b"no"), "a.png")]})
    assert (wrong.status_code, "a.png" in wrong.get_data(as_text=True)) == (422, True)
    sent = client.post(at, data=form | {"do": "send", "photo": word})
    assert sent.status_code == 303
    asked = asked_of(placed.order)
    assert (asked.outcome, asked.lines[0].note) == ("money", "A long <scratch>")
    shown = client.get(f"{at}?key={key}").get_data(as_text=True)
    assert "A long &lt;scratch&gt;" in shown
    large = html.unescape(re.search(r'<a href="([^"]*/photos/[^"]+)"', shown)[1])
    assert "public" not in client.get(large).headers["Cache-Control"]
    folder = Path(app.config["MEDIA_FOLDER"])
    stored = next(folder.glob("private/returns/**/*.jpg")).relative_to(folder)
    assert client.get(f"/media/{stored.as_posix()}").status_code == 404
    assert_sound()


def test_an_exchange_is_asked_for_and_followed_to_the_order_that_replaces(app, client, goods):
    placed = made.received_order(goods.variant)
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    at = f"/en/orders/{placed.number}/returns"
    line = lines_of(placed.order)[0]
    page = client.get(f"{at}?key={key}").get_data(as_text=True)
    (same,) = re.findall(rf'name="variant-{line.public_id}">\s*<option value="([^"]+)"', page)
    form = {
        "key": key,
        "once": "once-for-exchange",
        "outcome": "exchange",
        f"quantity-{line.public_id}": "1",
        f"reason-{line.public_id}": "damaged",
        "do": "send",
    }
    missing = client.post(at, data=form | {f"variant-{line.public_id}": "nothing"})
    assert missing.status_code == 422
    assert "Choose what you want in exchange." in missing.get_data(as_text=True)
    assert client.post(at, data=form | {f"variant-{line.public_id}": same}).status_code == 303
    made.approve(asked_of(placed.order).public_id)
    instead = made.exchange(asked_of(placed.order).public_id, [line.public_id])
    number = made.order(instead).number
    assert f"Follow order {number}" in client.get(f"{at}?key={key}").get_data(as_text=True)
    key = links.sign(number, app.config["SECRET_KEY"])
    status = client.get(f"/en/orders/{number}?key={key}").get_data(as_text=True)
    assert "so you pay nothing" in status
    assert placed.number in status
    assert client.post(f"/en/orders/{number}/cancellation", data={"key": key}).status_code == 303
    db.session.rollback()
    assert [refund.amount_minor for refund in payments.of_order(placed.order).refunds] == [
        lines_of(placed.order)[0].unit_price_minor
    ]
    assert_sound()
