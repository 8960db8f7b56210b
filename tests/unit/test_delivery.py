"""Rates of parcels, dates of arrival and zones: pure rules, for whatever a shop sets up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.campaigns.engine.delivery import parcel, rate
from shop.campaigns.engine.values import DeliveryRule, Line
from shop.store.delivery import Method, Plan, Slot, Zone
from shop.store.places import Destination, Region
from shop.store.promise import Calendar, promise

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Auckland")]
SHANGHAI = ZONES[0]

calendars = st.builds(
    Calendar,
    handling_days=st.integers(0, 5),
    cutoff_minute=st.integers(0, 1440),
    working_days=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(st.dates(date(2026, 11, 1), date(2027, 1, 31)), max_size=20),
)
moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
journeys = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda two: (min(two), sum(two)))


@given(moments, st.sampled_from(ZONES), calendars, journeys)
def test_a_promise_lies_ahead_and_on_open_days(now, zone, calendar, journey):
    made = promise(now, zone, calendar, *journey)
    days = [made.ship_by, made.first, made.last]
    assert days == sorted(days)
    assert made.ship_by >= now.astimezone(zone).date()
    assert all(calendar.open_on(day) for day in days)


@given(
    moments,
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.sampled_from(ZONES),
    calendars,
    journeys,
)
def test_who_orders_later_or_longer_is_not_promised_less(now, later, zone, calendar, journey):
    made = promise(now, zone, calendar, *journey)
    after = promise(now + later, zone, calendar, *journey)
    longer = promise(now, zone, calendar, journey[0] + 1, journey[1] + 1)
    assert (after.ship_by, after.first, after.last) >= (made.ship_by, made.first, made.last)
    assert after.first >= made.first
    assert after.last >= made.last
    assert (longer.first, longer.last) > (made.first, made.last)


def test_the_cutoff_counts_in_the_stores_own_zone():
    weekdays = frozenset(range(5))
    calendar = Calendar("CN", 1, 15 * 60, weekdays, frozenset({date(2026, 11, 30)}))
    friday = datetime(2026, 11, 27, 6, 59, tzinfo=UTC)  # 14:59 in Shanghai
    before = promise(friday, SHANGHAI, calendar, 1, 2)
    after = promise(friday + timedelta(minutes=1), SHANGHAI, calendar, 1, 2)
    # Monday the 30th is a holiday: the working day after Friday is Tuesday.
    assert [d.day for d in (before.ship_by, before.first, before.last)] == [1, 2, 3]
    assert [d.day for d in (after.ship_by, after.first, after.last)] == [2, 3, 4]


def goods(quantity: int = 1, grams: int = 0, kind: str = "physical") -> Line:
    return Line(1, 1, 1, None, kind, 1000, quantity, grams)


@pytest.mark.parametrize(
    ("kind", "cost"), (("flat", 800), ("weight", 1500), ("price", 1500), ("count", 800))
)
def test_each_kind_measures_its_own(kind, cost):
    limits = {"weight": 1000, "price": 2500, "count": 4}
    rule = DeliveryRule(800, None, kind, ((limits.get(kind, 1), 1500),) if kind != "flat" else ())
    lines = [goods(3, 400), goods(9, 9000, "digital")]  # what does not travel weighs nothing
    assert rate(rule, 3000, lines) == cost
    assert rate(DeliveryRule(300, None, "per_item"), 3000, lines) == 900


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), unique_by=lambda t: t[0]),
    st.integers(0, 50),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_a_heavier_parcel_costs_what_its_tier_says(tiers, first, light, more):
    tiers = sorted((value, first + price) for value, price in tiers)
    rising = tuple((v, max(p for _, p in tiers[: n + 1])) for n, (v, _) in enumerate(tiers))
    rule = DeliveryRule(first, None, "weight", rising)
    lines = [goods(1, grams) for grams in (light, light + more)]
    assert rate(rule, 0, lines[:1]) <= rate(rule, 0, lines[1:])
    assert rate(rule, 0, lines[:1]) in {first, *(price for _, price in rising)}


def test_the_way_to_free_delivery_is_told_by_what_is_missing():
    rule = DeliveryRule(800, 19900, "weight", ((1000, 1500),))
    near = parcel(1, rule, 17800, [goods(2, 600)])
    assert (near.fee_minor, near.progress.missing_minor, near.progress.off_minor) == (
        1500,
        2100,
        1500,
    )
    assert parcel(1, rule, 19900, [goods(2, 600)]).waived


def method(number: int, kind: str = "flat", **fields: object) -> Method:
    return Method(number, f"m{number}", kind, {"en": "Post"}, 800, **fields)


def test_the_zone_that_is_most_about_a_place_sends_its_parcels():
    home = Zone(1, "a", "China", False, (Region("CN"),), (method(1),))
    far = Zone(2, "b", "Far", False, (Region("CN", "新疆维吾尔自治区"),), (method(2),))
    near = Zone(3, "c", "Near", False, (Region("CN", "", "2000"),), (method(3, "local"),))
    world = Zone(4, "d", "World", True, (), (method(4),))
    plan = Plan(1, "Asia/Shanghai", zones=(world, home, far, near), pickups=(method(5, "pickup"),))

    def offered(*place: str) -> list[int | None]:
        return [one.id for one in plan.methods(Destination(*place))]

    assert offered("CN", "浙江省") == [1, 5]
    assert offered("CN", "新疆维吾尔自治区") == offered("CN", "新疆") == [2, 5]
    assert offered("CN", "", "830000") == [2, 5]  # in Latin letters the postcode tells the province
    assert offered("CN", "", "310000") == [1, 5]
    assert offered("CN", "上海市", "2000 01") == [1, 3, 5]
    assert offered("DE") == [4, 5]
    assert Plan(1, "UTC", zones=(home,)).methods(Destination("DE")) == []


def test_a_slot_is_offered_until_it_begins_or_is_full():
    slots = (Slot(1, "s1", 0, 600, 720, 2), Slot(2, "s2", 0, 840, 960, 2))
    local = method(1, "local", slots=slots, min_days=0, max_days=0)
    zone = Zone(1, "a", "Near", True, (), (local,))
    plan = Plan(1, "Asia/Shanghai", zones=(zone,))
    monday = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)  # noon
    full = {(1, date(2026, 12, 7)): 2, (2, date(2026, 12, 7)): 1}
    shown = [(one.slot.id, one.day.day, one.left) for one in plan.windows(local, monday, full)]
    assert shown == [(2, 30, 2), (2, 7, 1)]
