"""The searches page of the admin, and synonyms."""

from datetime import timedelta

from sqlalchemy import select

from shop.catalog import queries
from shop.catalog.search import synonyms, tallies
from shop.core import clock
from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.jobs import searches
from tests.factories.catalog import make_product


def test_what_was_searched_for_is_shown(merchant):
    assert "will be counted here" in merchant.get("/en/admin/search").get_data(as_text=True)
    today = clock.now().date()
    with transaction():
        tallies.add(
            [
                tallies.Searched(today, "celadon", 7, 3),
                tallies.Searched(today - timedelta(days=2), "celadon", 5, 0),
                tallies.Searched(today, "<b>", 2, 0),
                tallies.Searched(today - timedelta(days=90), "long ago", 9, 0),
            ]
        )
    html = merchant.get("/en/admin/search").get_data(as_text=True)
    assert "celadon" in html
    assert ">12<" in html
    assert "&lt;b&gt;" in html
    assert "long ago" not in html
    html = merchant.get("/en/admin/search?view=nothing").get_data(as_text=True)
    assert "celadon" not in html
    assert "&lt;b&gt;" in html


def test_words_are_kept_changed_and_forgotten(goods, merchant):
    make_product(goods.store_id, "Tea mug")
    answer = merchant.post("/en/admin/search/synonyms", data={"words": "mug，beaker\n马克杯"})
    assert answer.status_code == 303
    merchant.post("/en/admin/search/synonyms", data={"words": "beaker, mug, 马克杯"})  # once more
    [one] = synonyms.of_store(goods.store_id)
    assert one.words == ["mug", "beaker", "马克杯"]
    searches.reindex_store({"store_id": goods.store_id}, 1)
    assert queries.listing(locale="zh", search="马克杯").items
    url = f"/en/admin/search/synonyms/{one.public_id}"
    assert merchant.post(url, data={"words": "mug, tankard"}).status_code == 303
    assert synonyms.of_store(goods.store_id)[0].words == ["mug", "tankard"]
    assert merchant.post(f"{url}/removal").status_code == 303
    assert synonyms.of_store(goods.store_id) == []
    assert merchant.post(f"{url}/removal").status_code == 404
    db.session.rollback()
    written = db.session.execute(
        select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
        .where(AuditEntry.store_id == goods.store_id, AuditEntry.action.startswith("synonyms."))
        .order_by(AuditEntry.id)
    ).all()
    named = f"synonyms {one.public_id}"
    assert [tuple(row) for row in written] == [
        ("synonyms.add", named, {"words": ["mug", "beaker", "马克杯"]}),
        ("synonyms.change", named, {"words": ["mug", "tankard"]}),
        ("synonyms.remove", named, {"words": ["mug", "tankard"]}),
    ]


def test_what_is_refused_stays_in_its_field(goods, merchant):
    for words in ("mug", "mug, mug", "!!, ??", ", ".join("abcdefghijklmn")):
        answer = merchant.post("/en/admin/search/synonyms", data={"words": words})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
    with transaction():
        one = synonyms.add(goods.store_id, ["mug", "beaker"])
    answer = merchant.post(f"/en/admin/search/synonyms/{one}", data={"words": "only"})
    assert answer.status_code == 422
    assert 'value="only"' in answer.get_data(as_text=True)
    assert synonyms.of_store(goods.store_id)[0].words == ["mug", "beaker"]
