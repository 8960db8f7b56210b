"""Questions: asked by members, answered by the store and by those who bought, read by everybody."""

import pytest
from sqlalchemy import select

from shop.catalog.models import Product
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import inline
from shop.notifications import senders
from shop.review import questions
from shop.review.question_models import Answer, Question
from shop.store import services as stores
from tests.factories.catalog import make_product
from tests.factories.orders import Owner, paid_order, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, page, signed_in, words


@pytest.fixture
def goods(app):
    return store_with_goods(stock=20, names={"en": "Songjian", "zh": "松间"})


@pytest.fixture
def address(goods):
    return f"/en/p/{goods.products[0].slug}/questions"


@pytest.fixture
def merchant(app, goods):
    person = make_user()
    with transaction():
        stores.add_staff(goods.store_id, person.id, "owner")
    return signed_in(app, person)


def asked() -> str:
    db.session.rollback()
    return db.session.scalars(select(Question.public_id).order_by(Question.id.desc())).first()


def test_a_question_waits_is_answered_and_told(app, client, goods, address, merchant):
    person = make_user()
    asker = signed_in(app, person)
    assert asker.post(address, data={"text": " Does it <b>pour</b>? "}).status_code == 303
    assert "Waits for an answer" in words(page(asker, address))
    assert "pour" not in words(page(client, address))
    question = asked()
    assert "1 waiting" in words(page(merchant, "/en/admin"))
    queue = page(merchant, "/en/admin/questions")
    assert "Does it &lt;b&gt;pour&lt;/b&gt;?" in queue
    senders.memory().clear()
    sent = merchant.post(
        f"/en/admin/questions/{question}/answer", data={"text": "In a thin, even stream."}
    )
    assert sent.status_code == 303
    assert "Every question has its answer." in page(merchant, "/en/admin/questions")
    shown = words(page(client, address))
    assert "Does it <b>pour</b>?" in shown.replace("&lt;", "<").replace("&gt;", ">")
    assert "In a thin, even stream. Songjian" in shown
    inline.run_all()
    (mail,) = [one for one in senders.memory() if one["To"] == person.email]
    assert "Answered: your question about" in mail["Subject"]
    assert "In a thin, even stream." in mail.get_body(("plain",)).get_content()


def test_the_store_is_told_in_its_own_language(app, goods, address):
    owner = make_user(locale="zh")
    with transaction():
        stores.add_staff(goods.store_id, owner.id, "owner")
    asker = signed_in(app, make_user())
    asker.post(address, data={"text": "Does it <b>pour</b>?"})
    asker.post(address, data={"text": "Dealt with before the mail was made?"})
    latest = asked()
    with transaction():
        questions.set_state(latest, "hidden", store_ids=[goods.store_id], reason="spam")
    senders.memory().clear()
    inline.run_all()
    (mail,) = senders.memory()
    assert mail["To"] == owner.email
    assert "（中文）" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "Does it <b>pour</b>?" in text
    assert "/zh/admin/questions" in text
    assert "<b>pour" not in mail.get_body(("html",)).get_content()


def test_only_those_who_bought_it_answer_and_the_store_reads_it_first(
    app, client, goods, address, merchant
):
    asker, buyer, other = make_user(), make_user(), make_user()
    with transaction():
        question = questions.ask(
            goods.products[0].id, "Is it light?", user_id=asker.id, author="A", locale="en"
        )
        questions.set_state(question, "published", store_ids=[goods.store_id])
    paid_order(goods.variant, owner=Owner(user_id=buyer.id))
    target = f"/en/questions/{question}/answers"
    refused = signed_in(app, other).post(target, data={"text": "No idea."})
    assert refused.status_code == 403
    browser = signed_in(app, buyer)
    assert "Your answer" in page(browser, address)
    assert browser.post(target, data={"text": "180 grams."}).status_code == 303
    assert "the shop has yet to read it" in words(page(browser, address))
    assert "180 grams" not in page(client, address)
    db.session.rollback()
    answer = db.session.scalars(select(Answer.public_id)).one()
    merchant.post(f"/en/admin/questions/answers/{answer}/state", data={"state": "published"})
    shown = words(page(client, address))
    assert "180 grams." in shown
    assert "Bought it" in shown
    hidden = {"state": "hidden", "reason": "personal"}
    merchant.post(f"/en/admin/questions/answers/{answer}/state", data=hidden)
    assert "180 grams" not in page(client, address)
    assert "it holds personal data" in words(page(browser, address))


def test_what_is_hidden_says_why_to_the_asker_alone(app, client, goods, address, merchant):
    asker = signed_in(app, make_user())
    asker.post(address, data={"text": "Buy from me instead"})
    target = f"/en/admin/questions/{asked()}/state"
    headers = PARTIAL | {"HX-Current-URL": "http://localhost/en/admin/questions"}
    without = merchant.post(target, data={"state": "hidden"}, headers=headers)
    assert without.status_code == 422
    assert "Choose a reason." in without.get_data(as_text=True)
    assert merchant.post(target, data={"state": "hidden", "reason": "spam"}).status_code == 303
    assert "it advertises something" in words(page(asker, address))
    assert "Buy from me" not in page(client, address)


def test_what_was_typed_is_kept_when_it_is_refused(app, client, address):
    asker = signed_in(app, make_user())
    for headers in ({}, PARTIAL):
        sent = asker.post(address, data={"text": "x" * 1001}, headers=headers)
        html = sent.get_data(as_text=True)
        assert sent.status_code == 422
        assert "1000 characters fit" in html
        assert "x" * 1001 in html
        assert asker.post(address, data={"text": " "}, headers=headers).status_code == 422
    assert client.post(address, data={"text": "Me?"}).status_code == 303  # to sign in
    assert "Sign in to ask" in page(client, address)


def test_the_helpful_come_first_and_the_list_goes_on(app, client, goods, address, statements):
    asker, reader = make_user(), make_user()
    ids = []
    with transaction():
        for number in range(8):
            question = questions.ask(
                goods.products[0].id, f"Number {number}?", user_id=asker.id, author="A", locale="en"
            )
            questions.set_state(question, "published", store_ids=[goods.store_id])
            ids.append(question)
    browser = signed_in(app, reader)
    for _ in range(2):  # twice counts once
        browser.post(f"/en/questions/{ids[0]}/vote", data={"helpful": "1"})
    page(browser, address)
    statements.clear()
    html = page(browser, address)
    assert len(statements) <= 12, statements
    assert html.index("Number 0?") < html.index("Number 7?") < html.index("Number 3?")
    assert "Helpful (1)" in words(html)
    assert "Number 2?" not in html
    onward = html.split('id="load-questions" href="')[1].split('"')[0]
    more = browser.get(onward, headers=PARTIAL).get_data(as_text=True)
    assert "Number 2?" in more
    assert "Number 0?" not in more
    browser.post(f"/en/questions/{ids[0]}/vote", data={"helpful": "0"})
    assert "1 person found this helpful" not in words(page(client, address))


def test_a_question_of_a_product_that_is_gone_is_gone(app, client, goods):
    made = make_product(goods.store_id, status="draft")
    assert client.get(f"/en/p/{made.slug}/questions").status_code == 404
    assert db.session.scalar(select(Product.id).where(Product.slug == made.slug)) == made.id


def test_the_product_page_leads_there(client, goods, address):
    html = page(client, f"/en/p/{goods.products[0].slug}")
    assert f'hx-get="{address}" hx-trigger="revealed"' in html
    assert f'href="{address}">Read the questions, or ask one' in html
