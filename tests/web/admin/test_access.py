"""Who finds the admin, and that another store's things do not exist in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.routing import Rule

from shop.campaigns.models import Coupon, Promotion
from shop.catalog.facets import attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.models import Variant
from shop.catalog.runs import services as runs
from shop.catalog.search import synonyms
from shop.core.db import db
from shop.core.transaction import transaction
from shop.documents import services as documents
from shop.membership import services as membership
from shop.order import return_photos
from shop.review import questions
from shop.review import services as reviews
from shop.store import queries as stores
from shop.store.models import StaffMember
from tests.factories.accounts import KEY, make_account
from tests.factories.campaigns import make_coupon, make_promotion
from tests.factories.cards import make_card
from tests.factories.catalog import gathered_of, make_image
from tests.factories.delivery import make_method, make_zone
from tests.factories.money import money_of
from tests.factories.orders import Owner, lines_of, received_order, request_return, store_with_goods
from tests.factories.replies import reply_of
from tests.factories.stock import stock_of
from tests.factories.taxes import taxes_of
from tests.factories.uploads import goods_file, make_upload, stored_photo
from tests.factories.users import make_user
from tests.web.admin.conftest import staff_of

OPERATORS = {
    f"admin.{name}"
    for name in (
        "attribute",
        "attribute_list",
        "attribute_new",
        "attribute_removal",
        "security_events",
        "payment_account",
        "payment_account_new",
        "payment_accounts",
    )
}


@dataclass(frozen=True)
class Things:
    """Something of a store for every placeholder that an address of the admin has."""

    ids: dict[str, str]


def things_of(store_id: int, goods) -> dict[str, str]:
    placed = received_order(goods.variant)
    line = lines_of(placed.order)[0]
    with transaction():
        documents.issue(placed.order, actor="system")
        review = reviews.post(
            placed.order,
            line.public_id,
            stars=5,
            title="",
            text="Good",
            locale="en",
            author="Lin",
            user_id=None,
        )
    member = make_user()
    with transaction():
        membership.join(store_id, member.id)
        level = membership.create_level(
            store_id, {"en": "Regular"}, rank=1, spend_from_minor=0, discount_bp=300
        ).public_id
        synonyms_id = synonyms.add(store_id, ["mug", "beaker"])
        run = runs.begin(store_id, "goods.csv", actor="command line").public_id
        # Names are the platform's, so each store's things bring one of their own.
        attribute_id = attributes.create({"en": f"Kind {store_id}"}, [ValueData({"en": "A"})], [])
    buyer = make_user()
    bought = received_order(goods.variant, owner=Owner(user_id=buyer.id))
    product_id = lines_of(bought.order)[0].product_id
    said = {"user_id": buyer.id, "author": "Lin", "locale": "en"}
    with transaction():
        question = questions.ask(product_id, "Does it pour?", **said)
        questions.set_state(question, "published", store_ids=[store_id])
        answer = questions.answer_as_buyer(question, "It does.", **said)
    coupon = db.session.get_one(Coupon, make_coupon(store_id)).public_id
    campaign = db.session.get_one(Promotion, make_promotion(store_id)).public_id
    variant = db.session.get_one(Variant, goods.variant).public_id
    helper = staff_of(store_id, "staff")
    staff = db.session.scalar(select(StaffMember.public_id).where(StaffMember.user_id == helper.id))
    product = goods.products[0]
    zone = make_zone(store_id, "China", "CN")
    return_id = request_return(placed.order, pictures=[stored_photo()])
    return {
        "account": make_account(f"20210000{store_id:08d}"),
        "photo": next(iter(return_photos.of_returns([return_id])[return_id])),
        "zone": zone,
        "method": make_method(store_id, zone),
        "number": placed.number,
        "return_id": return_id,
        "line": line.public_id,
        "product": product.public_id,
        "variant": variant,
        "image": make_image(product.id),
        "coupon": coupon,
        "card": make_card(store_id),
        "campaign": campaign,
        "user": member.public_id,
        "level": level,
        "review": review,
        "question": question,
        "answer": answer,
        "reply": reply_of(store_id),
        "member": str(staff),
        **money_of(goods.variant),
        "synonyms_id": synonyms_id,
        "run": run,
        "upload": make_upload(store_id, goods_file("cup,,Maker,8.00,,,active")).public_id,
        "attribute_id": attribute_id,
        **taxes_of(store_id),
        **gathered_of(store_id),
        **stock_of(store_id, goods.variant),
    }


def admin_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin."):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def address(app: Flask, rule: Rule, ids: dict[str, str]) -> str:
    values = {name: ids[name] for name in rule.arguments - {"lang"}}
    with app.test_request_context():
        return url_for(rule.endpoint, lang="en", **values)


def test_every_address_with_an_id_of_another_store_is_404(app, goods, stranger):
    """Walks the URL map: a new placeholder without a thing here is a failure, not a gap."""
    ids = things_of(goods.store_id, goods)
    walked = 0
    for rule, method in admin_rules(app):
        if not rule.arguments - {"lang"}:
            continue
        response = stranger.open(address(app, rule, ids), method=method)
        assert response.status_code == 404, (rule.rule, method, response.status_code)
        walked += 1
    assert walked > 20


def test_the_same_addresses_exist_for_the_stores_own_owner(app, goods, merchant, sign_in):
    """Else the walk above would prove nothing. What is the platform's, operators see and owners do not."""
    app.config["PAYMENT_SECRETS_KEY"] = KEY
    ids = things_of(goods.store_id, goods)
    operator = sign_in(make_user(is_operator=True))
    for rule, method in admin_rules(app):
        if method == "GET":
            response = merchant.get(address(app, rule, ids))
            if rule.endpoint in OPERATORS:
                assert response.status_code == 404, rule.rule
                response = operator.get(address(app, rule, ids))
            assert response.status_code == 200, (rule.rule, response.status_code)


def test_lists_show_nothing_of_another_store(app, goods, stranger):
    ids = things_of(goods.store_id, goods)
    hidden = {value for name, value in ids.items() if name not in {"level"}}
    for rule, method in admin_rules(app):
        if method == "GET" and not rule.arguments - {"lang"}:
            body = stranger.get(address(app, rule, ids)).get_data()
            assert [value for value in hidden if value.encode() in body] == [], rule.rule


@pytest.mark.parametrize("htmx", (False, True))
def test_nobody_is_sent_to_sign_in(app, client, htmx):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if htmx else {}
    for rule, method in admin_rules(app):
        if rule.arguments - {"lang"}:
            continue
        response = client.open(address(app, rule, {}), method=method, headers=headers)
        if htmx:
            assert response.status_code == 401, rule.rule
            assert "/sign-in" in response.headers["HX-Redirect"]
        else:
            assert response.status_code == 303, rule.rule
            assert "/sign-in" in response.location


def test_sign_in_leads_back(client):
    response = client.get("/en/admin/orders?view=to-ship")
    assert response.location.endswith("next=/en/admin/orders?view%3Dto-ship")


def test_a_shopper_finds_no_admin(app, goods, sign_in):
    browser = sign_in(make_user())
    for rule, method in admin_rules(app):
        if not rule.arguments - {"lang"}:
            assert browser.open(address(app, rule, {}), method=method).status_code == 404, rule.rule


def test_staff_of_several_stores_choose_one(app, goods, sign_in):
    other = store_with_goods(slug="second-shop", names={"en": "Second", "zh": "第二"})
    person = staff_of(goods.store_id)
    staff_both = sign_in(person)
    with transaction():
        from shop.store import services

        services.add_staff(other.store_id, person.id, "staff")
    second = next(store for store in stores.all_stores() if store.id == other.store_id)
    foreign = store_with_goods()
    third = next(store for store in stores.all_stores() if store.id == foreign.store_id)
    assert staff_both.post("/en/admin/store", data={"store": third.public_id}).status_code == 404
    assert staff_both.post("/en/admin/store", data={"store": second.public_id}).status_code == 303
    page = staff_both.get("/en/admin/products").get_data(as_text=True)
    assert other.products[0].public_id in page
    assert goods.products[0].public_id not in page


def test_operators_may_enter_any_store(goods, sign_in):
    browser = sign_in(make_user(is_operator=True))
    assert browser.get("/en/admin/products").status_code == 200


def test_only_owners_decide_who_works_here(goods, sign_in):
    helper = sign_in(staff_of(goods.store_id, "staff"))
    friend = make_user()
    assert helper.get("/en/admin/staff").status_code == 200
    data = {"login": friend.username, "role": "staff"}
    assert helper.post("/en/admin/staff", data=data).status_code == 404
    owner = sign_in(staff_of(goods.store_id))
    assert owner.post("/en/admin/staff", data=data).status_code == 303
    assert stores.role(goods.store_id, friend.id) == "staff"


def test_pages_are_never_kept_by_caches(merchant):
    response = merchant.get("/en/admin")
    assert response.headers["Cache-Control"] == "private, no-store"
