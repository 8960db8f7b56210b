"""Only who has received a thing reviews it, once."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import links
from shop.review import photos
from shop.review.models import Review
from shop.store import services as stores
from shop.web.ui import photo_choice
from tests.factories import orders as made
from tests.factories.catalog import picture
from tests.web.order.conftest import HTMX
from tests.web.order.markup import form_of


def path(app, placed, line=None, lang="en"):
    line = line or made.lines_of(placed.order)[0].public_id
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    return f"/{lang}/orders/{placed.number}/lines/{line}/review?key={key}"


def reviews():
    db.session.rollback()
    return list(db.session.scalars(select(Review)))


def test_a_received_line_is_reviewed_once(app, client, goods):
    placed = made.received_order(goods.variant)
    given = {"stars": "4", "title": "Good pot", "text": "Pours well.\nLid fits."}
    answer = client.post(path(app, placed), data=given)
    assert answer.status_code == 303
    [row] = reviews()
    assert (row.stars, row.title, row.state, row.author, row.locale) == (
        4,
        "Good pot",
        "pending",
        "Lin W.",
        "en",
    )
    text = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Your review is with the shop" in text
    again = client.post(path(app, placed), data=given)
    assert again.status_code == 409
    assert "You have reviewed this already" in again.get_data(as_text=True)
    assert len(reviews()) == 1


@pytest.mark.parametrize("make", (made.place_order, made.paid_order, made.shipped_order))
def test_not_before_it_has_arrived(app, client, goods, make):
    placed = make(goods.variant)
    assert "/review" not in client.get(
        f"/en/orders/{placed.number}?key={links.sign(placed.number, app.config['SECRET_KEY'])}"
    ).get_data(as_text=True)
    answer = client.post(path(app, placed), data={"stars": "5"})
    assert answer.status_code == 409
    assert reviews() == []


@pytest.mark.parametrize("stars", ("", "0", "6", "-1", "five", "5.0"))
def test_stars_are_from_one_to_five_and_words_are_kept(app, client, goods, stars):
    placed = made.received_order(goods.variant)
    answer = client.post(
        path(app, placed), data={"stars": stars, "title": "T", "text": "Much <b>text</b>"}
    )
    assert answer.status_code == 422
    kept = form_of(answer.get_data(as_text=True), "review-form")
    assert (kept["title"], kept["text"]) == ("T", "Much <b>text</b>")
    assert db.session.scalar(select(func.count()).select_from(Review)) == 0


def test_a_review_is_added_to_once(app, client, goods):
    placed = made.received_order(goods.variant)
    address = path(app, placed).replace("/review?", "/review/addition?")
    assert client.get(address).status_code == 404  # nothing to add to
    client.post(path(app, placed), data={"stars": "4"})
    order = client.get(address.replace("/lines/" + address.split("/lines/")[1].split("?")[0], ""))
    assert "Add to your review" in order.get_data(as_text=True)
    assert client.get(address).status_code == 200
    empty = client.post(address, data={"text": " "}, headers=HTMX)
    assert empty.status_code == 422
    assert "Write what you would add." in empty.get_data(as_text=True)
    sent = client.post(address, data={"text": "Still <b>good</b>."})
    assert sent.status_code == 303
    text = client.get(sent.headers["Location"]).get_data(as_text=True)
    assert "What you added is with the shop" in text
    again = client.post(address, data={"text": "Once more, typed long."})
    assert again.status_code == 409
    assert "Once more, typed long." in again.get_data(as_text=True)


def uploaded(*names, **fields):
    """A form as a browser sends it with these files."""
    return fields | {"photos": [(io.BytesIO(file), name) for name, file in names]}


def words_of(html):
    """The signed words of the photos that a form keeps."""
    return re.findall(r'name="photo" id="photo-\d+" value="([^"]+)" checked', html)


def test_what_is_added_may_have_photos(app, client, goods, person, enter):
    placed = made.received_order(goods.variant)
    address = path(app, placed).replace("/review?", "/review/addition?")
    client.post(path(app, placed), data={"stars": "4"})
    shots = [(f"{at}.png", picture(200, 200)) for at in range(10)]
    refused = client.post(address, data=uploaded(*shots, text="Still good."), headers=HTMX)
    assert refused.status_code == 422
    kept = words_of(refused.get_data(as_text=True))
    assert len(kept) == 9
    own = client.post(path(app, placed), data={"photo": kept, "add": "1"})
    assert words_of(own.get_data(as_text=True)) == []  # signed for the other form
    sent = client.post(address, data={"text": "Still good.", "photo": kept[:2], "post": "1"})
    assert sent.status_code == 303
    with transaction():
        stores.add_staff(goods.store_id, person.id, "owner")
    assert enter(person.username).get("/en/admin/reviews").text.count(", larger") == 2


def test_photos_are_kept_by_the_form_stripped_and_posted_with_it(app, client, goods):
    placed = made.received_order(goods.variant)
    raw = picture(600, 800, "JPEG", exif=b"Exif\x00\x00secret place")
    media = Path(app.config["MEDIA_FOLDER"])
    # Stars are missing: what was uploaded is not lost.
    answer = client.post(
        path(app, placed), data=uploaded(("a.jpg", raw), ("b.png", picture(200, 200)), text="Fine")
    )
    assert answer.status_code == 422
    kept = words_of(answer.get_data(as_text=True))
    assert len(kept) == 2
    # Another one is added without posting, and one that is none is named.
    more = uploaded(("c.webp", picture(300, 200, "WEBP")), ("evil.svg", b"<svg/>"), photo=kept)
    more |= {"stars": "5"}  # sent by the script of the page, which presses no button
    answer = client.post(path(app, placed), data=more, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "evil.svg: This file is no picture that can be read." in html
    kept = words_of(html)
    assert len(kept) == 3
    # Signed for another line, or by nobody, they are not taken.
    other = made.lines_of(made.received_order(goods.variants[1]).order)[0].public_id
    assert words_of(client.get(path(app, placed)).get_data(as_text=True)) == []
    with app.test_request_context():
        stranger = photo_choice._serializer(f"review-photo:{other}").dumps(["../etc", 1, 1, 160])
    given = {"stars": "5", "photo": [kept[2], kept[0], stranger, "x", kept[0]]}
    assert client.post(path(app, placed), data=given).status_code == 303
    found = photos.of_reviews([reviews()[0].id])[reviews()[0].id].first
    assert [one.width for one in found] == [300, 600]
    for one in found:
        assert one.name.startswith("reviews/")
        for file in (media / one.name).parent.glob("*"):
            with Image.open(file) as shown:
                assert not shown.getexif()
            assert b"secret place" not in file.read_bytes()
    # Nothing is made for who cannot post.
    before = len(list(media.rglob("*.jpg")))
    assert client.post(path(app, placed), data=uploaded(("a.jpg", raw), add="1")).status_code != 200
    assert len(list(media.rglob("*.jpg"))) == before


def test_a_review_has_nine_photos_at_most(app, client, goods):
    placed = made.received_order(goods.variant)
    files = [(f"{n}.png", picture(20, 20 + n)) for n in range(10)]
    answer = client.post(path(app, placed), data=uploaded(*files, stars="5"))
    html = answer.get_data(as_text=True)
    assert (answer.status_code, len(words_of(html))) == (422, 9)
    assert "At most 9 photos fit." in html
    assert 'type="file"' not in html
    assert reviews() == []


def test_the_form_alone_answers_htmx(app, client, goods):
    placed = made.received_order(goods.variant)
    answer = client.post(path(app, placed), data={}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).lstrip().startswith("<form")


def test_a_line_of_another_order_is_not_here(app, client, goods):
    placed = made.received_order(goods.variant)
    other = made.received_order(goods.variants[1])
    theirs = made.lines_of(other.order)[0].public_id
    assert client.get(path(app, placed, theirs)).status_code == 404
    assert client.post(path(app, placed, theirs), data={"stars": "1"}).status_code == 404
    assert reviews() == []
