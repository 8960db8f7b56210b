"""Collections: which goods they hold, by hand and by rule, whoever changes the goods."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from shop.catalog import brand_queries, brands, bulk, categories, listing, prices, products
from shop.catalog import collection_members as members
from shop.catalog import collection_rules as rules
from shop.catalog import collection_services as collections
from shop.catalog import queries as catalog
from shop.catalog.collection_models import CollectionProduct
from shop.catalog.collection_services import CollectionData
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.jobs import catalog as jobs
from tests.factories.catalog import make_category, make_product
from tests.factories.stores import make_store


def rule(*conditions: dict, match: str = "all") -> rules.Rule:
    return rules.parse({"match": match, "conditions": list(conditions)})


def make(store_id=None, of=None, **fields) -> int:
    fields.setdefault("titles", {"en": "Winter table", "zh": "冬日茶席"})
    fields.setdefault("published", True)
    with transaction():
        return collections.save(CollectionData(store_id, texts={}, rule=of, **fields))


def held(collection_id: int, sort: str = "newest") -> list[str]:
    db.session.rollback()  # a job wrote in a session of its own
    page = catalog.listing(locale="en", collection_id=collection_id, sort=sort)
    return [card.title for card in page.items]


def test_a_rule_takes_in_what_fits_and_lets_go_of_what_no_longer_does(app):
    store = make_store()
    top = make_category("top")
    below = make_category("below", parent_id=top)
    inside = make_product(store, "Inside", category_id=below, tags=["Gift", "winter"])
    make_product(store, "Untagged", category_id=below)
    make_product(store, "Elsewhere", tags=["gift"])
    found = make(
        store,
        rule({"field": "category", "ids": [top]}, {"field": "tag", "texts": ["gift", "tea"]}),
    )
    assert held(found) == ["Inside"]
    with transaction():
        bulk.apply(inside.id, bulk.TagChange(remove=["gift"]))
    assert held(found) == []
    with transaction():
        bulk.apply(inside.id, bulk.TagChange(add=["tea"]))
    assert held(found) == ["Inside"]
    with transaction():
        products.set_status(inside.id, "draft")
    assert held(found) == []


def test_any_of_price_offer_stock_and_store(app):
    store, other = make_store(), make_store()
    cheap = make_product(store, "Cheap", price_minor=500)
    dear = make_product(store, "Dear", price_minor=9000)
    make_product(other, "Foreign", price_minor=9000)
    found = make(
        None,
        rule(
            {"field": "price", "from": None, "to": 1000},
            {"field": "offer"},
            {"field": "store", "ids": [other]},
            match="any",
        ),
    )
    assert set(held(found)) == {"Cheap", "Foreign"}
    with transaction():
        prices.set_price(dear.variants[0], 8000, 9000)
        prices.set_price(cheap.variants[0], 1001, None)
    assert set(held(found)) == {"Dear", "Foreign"}
    stocked = make(store, rule({"field": "stock"}))
    assert held(stocked) == []
    with transaction():
        listing.set_available(dear.id, True)
    assert held(stocked) == ["Dear"]


def test_time_and_the_category_tree_are_followed_by_the_job(app):
    store = make_store()
    old, new = make_category("old"), make_category("new")
    make_product(store, "Thing", category_id=new, published_at=clock.now() - timedelta(days=5))
    recent = make(store, rule({"field": "new", "days": 7}))
    kept = make(store, rule({"field": "category", "ids": [old]}))
    assert (held(recent), held(kept)) == (["Thing"], [])
    with transaction():
        categories.update_category(new, parent_id=old, position=0, image_name=None)
    with clock.at(clock.now() + timedelta(days=3)):
        jobs.follow_rules()
        assert (held(recent), held(kept)) == ([], ["Thing"])
        assert jobs.follow_rules() == 0


def test_the_doctor_and_batches(app, monkeypatch):
    store = make_store()
    for number in range(5):
        make_product(store, f"Thing {number}", price_minor=100)
    monkeypatch.setattr(members, "BATCH", 2)
    found = make(store, rule({"field": "price", "from": 100, "to": 100}))
    assert len(held(found)) == 2  # the rest waits for the job, which is no mistake
    assert members.differences() == []
    jobs.follow_rules()
    assert len(held(found)) == 5
    with transaction():
        db.session.execute(delete(CollectionProduct))
    assert members.differences() == [f"collection {found}: lacks 5 products against its rule"]


def test_picks_stand_in_the_order_of_the_merchant_and_page_by_it(app):
    store, other = make_store(), make_store()
    made = [make_product(store, name) for name in "ABCD"]
    found = make(store)
    with transaction():
        for product in made:
            assert collections.pick(found, product.id)
        assert not collections.pick(found, made[0].id)
        collections.move(found, made[3].id, 0)
        collections.move(found, made[0].id, 99)
        collections.unpick(found, made[1].id)
    first = catalog.listing(locale="en", collection_id=found, sort="hand", limit=2)
    second = catalog.listing(
        locale="en", collection_id=found, sort="hand", limit=2, after=first.next_cursor
    )
    assert [card.title for card in [*first.items, *second.items]] == ["D", "C", "A"]
    foreign = make_product(other)
    with pytest.raises(NotFound), transaction():
        collections.pick(found, foreign.id)
    by_rule = make(store, rule({"field": "stock"}))
    with pytest.raises(Invalid, match="collection-by-rule"), transaction():
        collections.pick(by_rule, made[0].id)


@pytest.mark.parametrize(
    "data",
    (
        {},
        {"match": "all", "conditions": []},
        {"match": "some", "conditions": [{"field": "stock"}]},
        {"match": "all", "conditions": [{"field": "sql"}]},
        {"match": "all", "conditions": [{"field": "brand", "ids": ["1 OR 1=1"]}]},
        {"match": "all", "conditions": [{"field": "price", "from": 9, "to": 1}]},
        {"match": "all", "conditions": [{"field": "new", "days": True}]},
        {"match": "all", "conditions": [{"field": "stock"}, {"field": "stock"}]},
    ),
)
def test_a_rule_is_plain_values_or_refused(data):
    with pytest.raises(Invalid):
        rules.parse(data)


def test_brands_that_are_one_are_merged_for_good(app):
    store = make_store()
    make_product(store, "First", brand="Shu Tang")
    make_product(store, "Second", brand="书堂")
    ids = brand_queries.ids_by_name(["shu tang", "书堂"])
    into, gone = ids["shu tang"], ids["书堂"]
    found = make(store, rule({"field": "brand", "ids": [gone]}))
    old = next(one.slug for one in brand_queries.for_staff("en", None) if one.id == gone)
    with transaction():
        assert brands.merge(gone, into)
    jobs.follow_rules()
    assert set(held(found)) == {"First", "Second"}
    assert [(one.name, one.count) for one in brand_queries.for_staff("en", None)] == [
        ("Shu Tang", 2)
    ]
    # An import that still says the old name, and one that says the old or the new of a renamed brand.
    with transaction():
        brands.update_brand(into, name="Shutang Press", slug="shutang", texts={"en": "Paper."})
    for name in ("书堂", "Shu Tang", "Shutang Press"):
        make_product(store, brand=name)
    assert [one.count for one in brand_queries.for_staff("en", None)] == [5]
    assert members.differences() == []
    assert old != "shutang"
    make_product(make_store(), brand="Shutang Press")
    with pytest.raises(Conflict, match="brand-shared"):
        brands.check_may_change(into, [store])
