"""Coupons, campaigns, members, reviews and settings, through the pages."""

import re

import pytest
from sqlalchemy import select

from shop.campaigns.models import Coupon, Promotion
from shop.core import ids
from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.inventory.models import Location
from shop.membership import services as membership
from shop.membership.models import Level, Membership
from shop.order.models import OrderLine
from shop.review import followups
from shop.review import services as reviewing
from shop.review.models import Review, ReviewReply
from shop.store import queries as stores
from shop.store.models import StaffMember, Store
from tests.factories.campaigns import make_coupon, make_promotion
from tests.factories.orders import lines_of, paid_order, received_order
from tests.factories.users import make_user

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}

COUPON = {
    "kind": "amount",
    "amount": "30",
    "threshold": "200",
    "code": "AUTUMN30",
    "title_en": "Autumn",
    "title_zh": "秋日",
    "per_user": "1",
    "total": "500",
    "starts": "2026-12-01",
    "ends": "2026-12-12",
    "listed": "y",
}


def coupon() -> Coupon:
    db.session.rollback()
    return db.session.scalars(select(Coupon)).one()


def test_lists_begin_empty(merchant):
    for path in ("coupons", "campaigns", "members", "reviews", "inventory/ledger?x=1"):
        assert merchant.get(f"/en/admin/{path}").status_code == 200


def test_the_sentence_follows_what_is_typed(merchant):
    args = "&".join(f"{name}={value}" for name, value in COUPON.items())
    page = merchant.get(f"/en/admin/coupons/new?part=preview&{args}", headers=PARTIAL).get_data(
        as_text=True
    )
    sentence = re.sub(r"<[^>]+>", "", page.split("<output", 1)[1].split("</output", 1)[0])
    assert "¥30 off orders from ¥200" in sentence
    assert "500 available" in sentence
    assert "满" in page or "秋日" in page
    assert "¥</span>15,000" in page


def test_a_coupon_is_made_changed_and_ended(goods, merchant):
    assert merchant.post("/en/admin/coupons/new", data=COUPON).status_code == 303
    made = coupon()
    assert (made.value, made.threshold_minor, made.total_limit) == (3000, 20000, 500)
    # 1 December in Shanghai begins on 30 November in UTC; the last day is inside.
    assert made.starts_at.isoformat() == "2026-11-30T16:00:00+00:00"
    assert made.ends_at is not None
    assert made.ends_at.isoformat() == "2026-12-12T16:00:00+00:00"
    assert made.store_id == goods.store_id
    url = f"/en/admin/coupons/{made.public_id}"
    assert 'value="2026-12-12"' in merchant.get(url).get_data(as_text=True)
    share = COUPON | {"kind": "percentage", "percentage": "12.5", "amount": ""}
    assert merchant.post(url, data=share).status_code == 303
    assert (coupon().kind, coupon().value) == ("percentage", 1250)
    assert merchant.post(f"{url}/end").status_code == 303
    assert coupon().ended_at is not None
    assert merchant.post(f"{url}/end").status_code == 409
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {"coupon.create", "coupon.update", "coupon.end"} <= actions


def test_a_coupon_form_sent_twice_makes_one(merchant):
    data = COUPON | {"key": ids.token()}
    for _ in range(2):
        assert merchant.post("/en/admin/coupons/new", data=data).status_code == 303
    assert coupon()


@pytest.mark.parametrize(
    ("fields", "said"),
    (
        ({"amount": ""}, "Write what the coupon gives"),
        ({"amount": "much"}, "Write an amount such as"),
        ({"code": ""}, "Write the code"),
        ({"code": "a b c"}, "letters"),
        ({"ends": "2026-11-01"}, "end"),
        ({"total": "0"}, "from 1 on"),
        ({"kind": "percentage", "percentage": "130"}, "0.01 to 100"),
    ),
)
def test_a_wrong_coupon_comes_back_as_typed(merchant, fields, said):
    answer = merchant.post("/en/admin/coupons/new", data=COUPON | fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="Autumn"' in page
    assert list(db.session.scalars(select(Coupon))) == []


def test_a_code_is_unique_within_the_store(goods, merchant):
    make_coupon(goods.store_id, code="autumn30")
    answer = merchant.post("/en/admin/coupons/new", data=COUPON)
    assert answer.status_code == 422


STEPS = {
    "title_en": "Winter",
    "title_zh": "冬日",
    "over_0": "300",
    "off_0": "30",
    "over_1": "500",
    "off_1": "60",
    "starts": "2026-12-01",
}


def test_a_campaign_is_made_changed_and_ended(goods, merchant):
    assert merchant.post("/en/admin/campaigns/new", data=STEPS).status_code == 303
    db.session.rollback()
    made = db.session.scalars(select(Promotion)).one()
    assert made.rule["tiers"][1] == {"over_minor": 50000, "off_minor": 6000}
    url = f"/en/admin/campaigns/{made.public_id}"
    assert merchant.post(url, data=STEPS | {"off_1": "70"}).status_code == 303
    page = merchant.get("/en/admin/campaigns").get_data(as_text=True)
    assert "¥500 − ¥70" in page
    assert merchant.post(f"{url}/end").status_code == 303
    assert merchant.post(f"{url}/end").status_code == 409


@pytest.mark.parametrize(
    "fields",
    (
        {"off_0": ""},
        {"off_1": "20"},
        {"over_0": "", "off_0": "", "over_1": "", "off_1": ""},
        {"over_0": "x"},
    ),
)
def test_a_wrong_campaign_comes_back_as_typed(merchant, fields):
    answer = merchant.post("/en/admin/campaigns/new", data=STEPS | fields)
    assert answer.status_code == 422
    assert 'value="Winter"' in answer.get_data(as_text=True)
    assert list(db.session.scalars(select(Promotion))) == []


def test_an_ended_campaign_offers_no_save(goods, merchant):
    made = db.session.get_one(Promotion, make_promotion(goods.store_id))
    merchant.post(f"/en/admin/campaigns/{made.public_id}/end")
    page = merchant.get(f"/en/admin/campaigns/{made.public_id}").get_data(as_text=True)
    assert "Save changes" not in page


def test_levels_move_members(goods, merchant):
    person = make_user()
    with transaction():
        membership.add_spent(goods.store_id, person.id, 60000)
    data = {"name_en": "Regular", "name_zh": "熟客", "spend_from": "500", "discount": "3"}
    assert merchant.post("/en/admin/members/levels/new", data=data).status_code == 303
    db.session.rollback()
    level = db.session.scalars(select(Level)).one()
    assert db.session.scalars(select(Membership.level_id)).one() == level.id
    changed = data | {"spend_from": "900"}
    url = f"/en/admin/members/levels/{level.public_id}"
    assert merchant.post(url, data=changed).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Membership.level_id)).one() is None
    wrong = merchant.post(url, data=data | {"discount": "95"})
    assert wrong.status_code == 422
    assert 'value="Regular"' in wrong.get_data(as_text=True)


def test_a_member_shows_orders_and_spending(goods, merchant):
    from shop.cart.owner import Owner

    person = make_user()
    placed = paid_order(goods.variant, owner=Owner(user_id=person.id))
    page = merchant.get("/en/admin/members").get_data(as_text=True)
    assert person.public_id in page
    page = merchant.get(f"/en/admin/members/{person.public_id}").get_data(as_text=True)
    assert placed.number in page
    assert person.email in page


def a_review(goods) -> str:
    placed = received_order(goods.variant)
    with transaction():
        return reviewing.post(
            placed.order,
            lines_of(placed.order)[0].public_id,
            stars=2,
            title="Thin",
            text="<i>Too</i> thin",
            locale="en",
            author="Zhou Meng",
            user_id=None,
        )


def test_a_review_is_published_hidden_and_answered(goods, merchant):
    review = a_review(goods)
    page = merchant.get("/en/admin/reviews").get_data(as_text=True)
    assert "&lt;i&gt;Too&lt;/i&gt; thin" in page
    url = f"/en/admin/reviews/{review}"
    answer = merchant.post(f"{url}/state", data={"state": "published"}, headers=PARTIAL)
    assert answer.status_code == 200
    assert "undo" in answer.headers["HX-Trigger"]
    assert merchant.post(f"{url}/state", data={"state": "loved"}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Review.state)).one() == "published"
    data = {"text": "Thank you, we mend it."}
    assert merchant.post(f"{url}/reply", data=data).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(ReviewReply.text)).one() == data["text"]
    long = merchant.post(f"{url}/reply", data={"text": "x" * 4001}, headers=PARTIAL)
    assert long.status_code == 422
    assert "x" * 4001 in long.get_data(as_text=True)


def test_reviews_are_hidden_for_a_reason_and_decided_together(goods, merchant):
    first, second = a_review(goods), a_review(goods)
    url = "/en/admin/reviews"
    answer = merchant.post(f"{url}/{first}/state", data={"state": "hidden"}, headers=PARTIAL)
    assert "Choose a reason" in answer.headers["HX-Trigger"]
    data = {"state": "hidden", "reason": "personal"}
    merchant.post(f"{url}/{first}/state", data=data)
    assert "Personal data" in merchant.get(f"{url}?view=hidden").get_data(as_text=True)
    data = {"state": "published", "review": [first, second, "unknown"]}
    assert merchant.post(f"{url}/states", data=data).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Review.state)).all() == ["published", "published"]
    placed = db.session.execute(
        select(OrderLine.order_id, OrderLine.public_id).order_by(OrderLine.id)
    ).first()
    with transaction():
        followups.post(placed.order_id, placed.public_id, text="<i>Still</i> thin", locale="en")
    assert "&lt;i&gt;Still&lt;/i&gt; thin" in merchant.get(url).get_data(as_text=True)
    state = {"state": "published"}
    answer = merchant.post(f"{url}/{first}/followup/state", data=state, headers=PARTIAL)
    assert answer.status_code == 200
    assert "undo" in answer.headers["HX-Trigger"]
    assert merchant.post(f"{url}/{second}/followup/state", data=state).status_code == 404


def test_reply_and_publish_in_one(goods, merchant):
    review = a_review(goods)
    data = {"text": "Thank you.", "publish": "1"}
    merchant.post(f"/en/admin/reviews/{review}/reply", data=data)
    db.session.rollback()
    assert db.session.scalars(select(Review.state)).one() == "published"


SETTINGS = {
    "name_en": "Songjian",
    "name_zh": "松间",
    "tagline_en": "Tea",
    "contact_email": "hello@songjian.example",
    "timezone": "Asia/Shanghai",
    "delivery": "8",
    "free_from": "199",
}


def test_settings_are_saved_and_audited(goods, merchant):
    assert merchant.post("/en/admin/settings", data=SETTINGS).status_code == 303
    db.session.rollback()
    store = db.session.get_one(Store, goods.store_id)
    assert (store.flat_delivery_minor, store.free_delivery_from_minor) == (800, 19900)
    assert stores.as_view(store, "zh").name == "松间"
    assert "settings.save" in set(db.session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize(
    "fields",
    (
        {"delivery": ""},
        {"delivery": "cheap"},
        {"contact_email": "nobody"},
        {"timezone": "Moon/Base"},
        {"name_en": "", "name_zh": "", "tagline_en": "Tea"},
    ),
)
def test_wrong_settings_come_back_as_typed(merchant, fields):
    answer = merchant.post("/en/admin/settings", data=SETTINGS | fields)
    assert answer.status_code == 422
    assert 'value="Tea"' in answer.get_data(as_text=True)


def test_places_have_names_of_their_own(goods, merchant):
    url = "/en/admin/settings/locations"
    assert merchant.post(url, data={"name": "Shop floor"}).status_code == 303
    again = merchant.post(url, data={"name": "Shop floor"})
    assert again.status_code == 422
    assert "exists already" in again.get_data(as_text=True)
    assert merchant.post(url, data={"name": ""}).status_code == 422
    names = db.session.scalars(select(Location.name).where(Location.store_id == goods.store_id))
    assert set(names) == {"Main", "Shop floor"}


def test_a_store_keeps_an_owner(goods, merchant):
    db.session.rollback()
    owner = db.session.scalars(
        select(StaffMember).where(StaffMember.store_id == goods.store_id)
    ).one()
    answer = merchant.post(f"/en/admin/staff/{owner.public_id}/removal")
    assert answer.status_code == 409
    assert "keeps at least one owner" in answer.get_data(as_text=True)
    unknown = merchant.post("/en/admin/staff", data={"login": "nobody@x.example", "role": "staff"})
    assert unknown.status_code == 422
