"""Settings of delivery: zones, methods and working days, and what they come to in words."""

import re
from datetime import date

import pytest

from shop.core import clock
from shop.core.db import db
from shop.order.delivery_models import OrderDelivery
from shop.store.places import Destination
from tests.factories.delivery import make_method, make_zone, plan_of
from tests.factories.orders import order, paid_order, place_order

PAGE = "/en/admin/settings/delivery"


def text(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def test_a_merchant_sets_up_a_zone_with_steps_by_weight(app, goods, merchant):
    assert "Everywhere the store ships" in text(merchant.get(PAGE))
    answer = merchant.post(
        f"{PAGE}/zones/new",
        data={"name": "Far", "home": ["新疆维吾尔自治区"], "others": "Germany\nUS, CA\nCN,*,2000"},
    )
    assert answer.status_code == 303
    zone = answer.headers["Location"].rsplit("/", 1)[1]
    row = {"tier_from": ["1.5", ""], "tier_price": ["18", ""], "active": "y"}
    days = {"min_days": "2", "max_days": "3", "price": "8", "name_en": "Post"}
    answer = merchant.post(f"{PAGE}/zones/{zone}/methods/new?kind=weight", data=row | days)
    assert answer.status_code == 303
    plan = plan_of(goods.store_id)
    (method,) = plan.methods(Destination("CN", "新疆"))
    assert (method.kind, method.price_minor, method.tiers) == ("weight", 800, ((1500, 1800),))
    places = {(r.country, r.province, r.postcode) for r in plan.zones[0].regions}
    assert ("CN", "", "2000") in places
    assert ("US", "CA", "") in places
    page = text(merchant.get(PAGE))
    assert "¥8, from 1.5 kg ¥18" in page
    assert "An order placed now for 新疆维吾尔自治区 arrives" in page or "arrives" in page
    kept = text(merchant.get(f"{PAGE}/zones/{zone}"))
    assert "Germany" in kept
    assert merchant.post(f"{PAGE}/zones/{zone}/removal").status_code == 303
    assert plan_of(goods.store_id).zones == ()


def test_provinces_are_named_in_the_readers_script(merchant):
    for lang, name, other in (("en", "Anhui", "安徽省"), ("zh", "安徽省", "Anhui")):
        answer = merchant.get(f"/{lang}/admin/settings/delivery/zones/new")
        page = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
        assert name in page
        assert other not in page


def test_what_cannot_be_is_said_and_what_was_typed_stays(goods, merchant):
    make_zone(goods.store_id, "Home", "CN")
    for sent, said in (
        ({"name": "Other", "others": "Atlantis"}, "no place we know"),
        ({"name": "Other", "home": "*"}, "lies in another zone already"),
        ({"name": "Home", "others": "DE"}, "zone of this name"),
        ({"name": "Other"}, "one place at least"),
    ):
        answer = merchant.post(f"{PAGE}/zones/new", data=sent)
        assert answer.status_code == 422
        assert said in text(answer)
        assert sent["name"] in text(answer)
    answer = merchant.post(
        f"{PAGE}/pickups/new", data={"name_en": "Our shop", "price": "0", "active": "y"}
    )
    assert (answer.status_code, "Write the address" in text(answer)) == (422, True)
    week = {"handling_days": "1", "country": "CN", "cutoff": "15:00", "holidays": "soon"}
    answer = merchant.post(PAGE, data=week)
    assert (answer.status_code, "Tick one day" in text(answer)) == (422, False)
    assert "“soon” is no day" in text(answer)


def test_the_week_sets_the_dates(goods, merchant):
    week = {
        "handling_days": "1",
        "country": "CN",
        "cutoff": "15:00",
        "working": ["0", "1", "2", "3", "4"],
        "holidays": "2027-01-01",
    }
    assert merchant.post(PAGE, data=week).status_code == 303
    calendar = plan_of(goods.store_id).calendar
    assert (calendar.cutoff_minute, calendar.handling_days) == (900, 1)
    assert calendar.holidays == {date(2027, 1, 1)}
    assert not calendar.open_on(date(2026, 11, 28))  # a Saturday


def test_a_pick_up_is_laid_ready_and_handed_over(app, goods, merchant):
    make_method(goods.store_id, None, "pickup")
    counter = plan_of(goods.store_id).pickups[0]
    slug = merchant_slug(goods)
    placed = place_order(
        goods.variant,
        methods={slug: counter.public_id},
        expected_total_minor=1000,
        method="cod",
    )
    page = f"/en/admin/orders/{placed.number}"
    assert "It lies ready" in text(merchant.get(page))
    assert merchant.post(f"{page}/ready").status_code == 303
    assert merchant.post(f"{page}/ready").status_code == 409
    answer = merchant.post(f"{page}/collection", data={"key": "k" * 12, "code": "12"})
    assert (answer.status_code, "not the number" in text(answer)) == (422, True)
    sent = {"key": "k" * 12, "seen": "y"}
    assert merchant.post(f"{page}/collection", data=sent).status_code == 303
    assert order(placed.order).shipping_state == "received"
    assert "the name was checked" in text(merchant.get(page))


def merchant_slug(goods) -> str:
    from shop.store import queries

    return queries.get(goods.store_id).slug


@pytest.mark.parametrize("days", (0, 3))
def test_late_is_what_has_not_left_when_it_was_promised(goods, merchant, days):
    placed = paid_order(goods.variant)
    db.session.rollback()
    due = db.session.get_one(OrderDelivery, placed.order).late_at
    db.session.rollback()
    with clock.at(due if days else clock.now()):
        page = text(merchant.get("/en/admin/orders?view=late"))
    assert (placed.number in page) == bool(days)
