"""Merchants issue cards, end them and credit balances; the code is seen in its mail alone."""

import re

from sqlalchemy import select

from shop.core.db import db
from shop.core.models import AuditEntry
from shop.jobs import inline
from shop.notifications import senders
from shop.payment.card_models import GiftCard
from tests.factories.cards import card, code_of, entries, make_card
from tests.factories.orders import Owner, paid_order
from tests.factories.users import make_user
from tests.web.admin.conftest import staff_of


def token_of(page: str) -> dict[str, str]:
    """The key of a form that counts once."""
    return {"key": re.search(r'name="key"[^>]*value="([^"]+)"', page)[1]}


def sent() -> list[str]:
    """The texts of the mails that went out."""
    inline.run_all()
    return [mail.get_body(("plain",)).get_content() for mail in senders.memory()]


def test_a_card_is_issued_and_its_code_goes_out_by_mail_alone(merchant, goods):
    page = merchant.get("/en/admin/gift-cards/new").get_data(as_text=True)
    form = token_of(page) | {
        "amount": "88.80",
        "recipient": "friend@example.com",
        "language": "zh",
        "message": "生日快乐",
    }
    wrong = merchant.post("/en/admin/gift-cards/new", data=form | {"recipient": "friend"})
    assert wrong.status_code == 422
    assert 'value="88.80"' in wrong.get_data(as_text=True)
    answer = merchant.post("/en/admin/gift-cards/new", data=form)
    again = merchant.post("/en/admin/gift-cards/new", data=form)
    assert answer.headers["Location"] == again.headers["Location"]
    db.session.rollback()
    [made] = db.session.scalars(select(GiftCard))
    code = code_of(made.public_id)
    shown = merchant.get(answer.headers["Location"]).get_data(as_text=True)
    assert code[-4:] in shown
    assert code not in shown.replace("-", "")
    [text] = [text for text in sent() if "生日快乐" in text]
    assert code in text.replace("-", "")
    assert entries(made.public_id) == [("issued", 8880)]
    listed = merchant.get("/en/admin/gift-cards", query_string={"q": code[-4:]})
    assert "friend@example.com" in listed.get_data(as_text=True)


def test_a_card_is_mailed_anew_and_ended(merchant, goods):
    name = make_card(goods.store_id, 5000)
    before = code_of(name)
    path = f"/en/admin/gift-cards/{name}"
    assert merchant.post(f"{path}/mail", data={"recipient": "new@example.com"}).status_code == 303
    assert code_of(name) != before
    assert any(code_of(name) in text.replace("-", "") for text in sent())
    assert merchant.post(f"{path}/end", data={"reason": ""}).status_code == 422
    assert merchant.post(f"{path}/end", data={"reason": "Lost"}).status_code == 303
    assert merchant.post(f"{path}/end", data={"reason": "Lost"}).status_code == 409
    assert (card(name).state, entries(name)[-1]) == ("void", ("voided", -5000))
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["gift_card.mail", "gift_card.void"]


def test_a_balance_is_credited_for_a_reason_and_the_member_reads_it(merchant, goods, sign_in):
    buyer = make_user()
    paid_order(goods.variant, owner=Owner(user_id=buyer.id))
    path = f"/en/admin/members/{buyer.public_id}/balance"
    form = token_of(merchant.get(path).get_data(as_text=True)) | {"amount": "20"}
    assert merchant.post(path, data=form).status_code == 422
    form["reason"] = "Late parcel"
    assert merchant.post(path, data=form).status_code == 303
    merchant.post(path, data=form)
    mine = sign_in(buyer).get("/en/account/balance").get_data(as_text=True)
    assert "Late parcel" in mine
    assert "+¥20.00" in re.sub(r"<[^>]+>", "", mine)


def test_staff_see_cards_and_give_nothing_away(goods, sign_in):
    helper = sign_in(staff_of(goods.store_id, "staff"))
    name = make_card(goods.store_id)
    page = helper.get(f"/en/admin/gift-cards/{name}")
    assert page.status_code == 200
    assert "Make it void" not in page.get_data(as_text=True)
    for path in ("/new", f"/{name}/end", f"/{name}/mail"):
        assert helper.post(f"/en/admin/gift-cards{path}", data={"reason": "x"}).status_code == 403
