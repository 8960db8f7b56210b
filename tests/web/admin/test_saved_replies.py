"""Saved replies: written on a page of settings, chosen with one click where reviews and questions are answered."""

from sqlalchemy import select

from shop.core.db import db
from shop.core.transaction import transaction
from shop.review import questions, saved_replies
from shop.review import services as reviews
from shop.review.models import ReviewReply
from tests.factories.orders import lines_of, received_order
from tests.factories.replies import reply_of
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL

AT = "/en/admin/settings/replies"


def titles(store_id: int) -> list[str]:
    db.session.rollback()
    return [one.title for one in saved_replies.of_store(store_id)]


def test_texts_are_written_changed_and_taken_away(merchant, goods):
    assert "None yet." in merchant.get(AT).text
    given = {"title": " So  sorry ", "text": "We send another one.\r\nToday."}
    assert merchant.post(AT, data=given).status_code == 303
    assert titles(goods.store_id) == ["So sorry"]
    for wrong, said in (
        ({"title": "so SORRY"}, "There is a saved reply of this title already."),
        ({"title": ""}, "Give it a title that you find it by."),
        ({"text": "x" * 1001}, "Use at most 1,000 characters."),
    ):
        refused = merchant.post(AT, data={"title": "Other", "text": "Typed long."} | wrong)
        assert refused.status_code in (409, 422)
        assert said in refused.text
    (kept,) = saved_replies.of_store(goods.store_id)
    own = f"{AT}/{kept.public_id}"
    assert "We send another one." in merchant.get(own).text
    assert merchant.post(own, data=given | {"text": "Sorry."}).status_code == 303
    for number in range(saved_replies.MOST - 1):
        reply_of(goods.store_id, title=f"Text {number}")
    full = merchant.post(AT, data={"title": "One more", "text": "Typed long."})
    assert full.status_code == 409
    assert "At most 12 saved replies fit." in full.text
    assert merchant.post(f"{own}/removal").status_code == 303
    assert "So sorry" not in titles(goods.store_id)
    assert merchant.post(f"{own}/removal").status_code == 404


def test_one_click_puts_a_text_into_the_answer(merchant, stranger, goods):
    saved = reply_of(goods.store_id, "Thanks", "Thank you.\nGreetings.")
    placed = received_order(goods.variant)
    line = lines_of(placed.order)[0]
    writer = make_user()
    about = {"locale": "en", "author": "Lin", "user_id": writer.id}
    with transaction():
        review = reviews.post(placed.order, line.public_id, stars=5, title="", text="Good", **about)
        question = questions.ask(line.product_id, "Does it pour?", **about)
    replied, asked = (
        f"/en/admin/reviews/{review}/reply",
        f"/en/admin/questions/{question}/answer",
    )
    for desk, answer in (("reviews", replied), ("questions", asked)):
        assert f'name="use" value="{saved}"' in merchant.get(f"/en/admin/{desk}").text
        for headers in ({}, PARTIAL):  # without scripts it is a page, with what was typed before
            form = {"text": "Dear Lin", "use": saved}
            filled = merchant.post(answer, data=form, headers=headers)
            assert filled.status_code == 200
            assert "\nDear Lin\n\nThank you.\nGreetings.</textarea>" in filled.text
        assert merchant.post(answer, data={"text": "", "use": "nothing"}).status_code == 404
        assert stranger.post(answer, data={"text": "", "use": saved}).status_code == 404
    db.session.rollback()
    assert db.session.scalar(select(ReviewReply.text)) is None  # nothing is said yet
    long = merchant.post(replied, data={"text": "x" * 4001})
    assert (long.status_code, "x" * 4001 in long.text) == (422, True)
    merchant.post(replied, data={"text": "Thank you.", "publish": "1"})
    assert db.session.scalar(select(ReviewReply.text)) == "Thank you."
