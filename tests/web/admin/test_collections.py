"""Collections and brands at the desk: made, picked, previewed, merged, and kept from others."""

import io

from shop.catalog import brand_queries, brands, collection_queries
from shop.catalog import queries as catalog
from shop.jobs import inline
from tests.factories.catalog import make_category, make_product, picture
from tests.factories.stores import make_store
from tests.factories.users import make_user

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def only(store_id: int) -> collection_queries.CollectionView:
    (found,) = collection_queries.for_staff("en", store_id, platform=True)
    return found


def test_a_rule_is_looked_at_first_and_then_kept(merchant, goods):
    make_category("tea")
    make_product(goods.store_id, "Oolong", brand="Shan", tags=["gift"], price_minor=5000)
    said = {"kind": "rule", "match": "all", "brands": "shan", "tags": "gift, other"}
    look = merchant.post("/en/admin/collections/new?part=preview", data=said, headers=PARTIAL)
    assert "1 product now" in look.text
    assert "Oolong" in look.text
    assert collection_queries.for_staff("en", goods.store_id, platform=True) == []
    plain = merchant.post("/en/admin/collections/new", data=said | {"look": "1"})
    assert "1 product now" in plain.text
    sent = merchant.post(
        "/en/admin/collections/new",
        data=said | {"title_en": "Gifts", "title_zh": "礼物", "published": "y", "price_to": "60"},
    )
    assert sent.status_code == 303
    found = only(goods.store_id)
    assert (found.slug, found.count, found.published) == ("gifts", 1, True)
    page = merchant.get(f"/en/admin/collections/{found.public_id}").text
    assert 'value="gift, other"' in page
    assert 'value="Shan"' in page
    assert 'value="60"' in page


def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(merchant, goods):
    bad = {"kind": "rule", "match": "all", "title_en": "Gifts", "brands": "Nobody"}
    page = merchant.post("/en/admin/collections/new", data=bad)
    assert page.status_code == 422
    assert "No product here is of the brand “Nobody”." in page.text
    assert 'value="Nobody"' in page.text
    for given, sentence in (
        ({"brands": "", "title_en": ""}, "Fill in at least one condition"),
        ({"brands": "", "price_from": "9", "price_to": "1"}, "must not be below"),
        ({"brands": "", "offer": "y", "title_en": ""}, "Please fill this in"),
        ({"brands": "", "offer": "y", "slug": "No Slug"}, "An address has small letters"),
    ):
        page = merchant.post("/en/admin/collections/new", data=bad | given)
        assert page.status_code == 422, given
        assert sentence in page.text


def test_products_are_found_picked_moved_and_taken_out(merchant, goods):
    sent = merchant.post(
        "/en/admin/collections/new", data={"kind": "hand", "match": "all", "title_zh": "茶席"}
    )
    assert sent.location.endswith("#picks")
    found = only(goods.store_id)
    here = f"/en/admin/collections/{found.public_id}"
    made = [make_product(goods.store_id, title) for title in ("Blue cup", "Red cup")]
    near = merchant.get(f"{here}?part=picks&find=cup", headers=PARTIAL).text
    assert made[0].public_id in near
    for one in made:
        answer = merchant.post(f"{here}/picks", data={"product": one.public_id, "find": "cup"})
        assert answer.location.endswith("?find=cup#picks")
    part = merchant.post(
        f"{here}/picks/position",
        data={"product": made[1].public_id, "position": "1"},
        headers=PARTIAL,
    )
    assert part.status_code == 200
    titles = [one.title for one in collection_queries.picked(found.id, "en")]
    assert titles == ["Red cup", "Blue cup"]
    wrong = merchant.post(
        f"{here}/picks/position",
        data={"product": made[1].public_id, "position": "x"},
        headers=PARTIAL,
    )
    assert wrong.status_code == 422
    assert "Write a place from 1" in wrong.text
    merchant.post(f"{here}/picks/removal", data={"product": made[1].public_id})
    page = catalog.listing(locale="en", collection_id=found.id, sort="hand")
    assert [card.title for card in page.items] == ["Blue cup"]
    foreign = make_product(make_store())
    assert merchant.post(f"{here}/picks", data={"product": foreign.public_id}).status_code == 404


def test_a_picture_is_shown_and_a_collection_taken_away(merchant, goods, client):
    merchant.post(
        "/en/admin/collections/new",
        data={
            "kind": "rule",
            "match": "all",
            "stock": "y",
            "title_en": "Stocked",
            "published": "y",
        },
    )
    found = only(goods.store_id)
    here = f"/en/admin/collections/{found.public_id}"
    file = {"picture": (io.BytesIO(picture()), "a.png")}
    assert merchant.post(f"{here}/picture", data=file).status_code == 303
    assert only(goods.store_id).image is not None
    assert "list-head__pic" in client.get("/en/collections/stocked").text
    merchant.post(f"{here}/picture", data={"remove": "1"})
    assert only(goods.store_id).image is None
    merchant.post(f"{here}/removal")
    assert client.get("/en/collections/stocked").status_code == 404


def test_a_brand_is_renamed_and_merged_but_not_over_the_head_of_another_store(
    merchant, goods, sign_in, client, monkeypatch
):
    make_product(goods.store_id, "Pot", brand="Shan")
    make_product(goods.store_id, "Cup", brand="Shan Tea")
    first, second = brand_queries.for_staff("en", None)
    here = f"/en/admin/brands/{first.public_id}"
    change = {"name": "Mountain", "slug": "mountain", "text_en": "From the hills."}
    assert merchant.post(here, data=change).status_code == 303
    assert "From the hills." in client.get("/en/b/mountain").text
    inline.run_all()
    assert "Pot" in client.get("/en/search?q=mountain").text
    assert client.get("/en/b/shan").status_code == 301
    taken = merchant.post(here, data=change | {"slug": second.slug})
    assert taken.status_code == 422
    assert "Another brand has this address already." in taken.text
    make_product(make_store(), brand="Shan Tea")
    merge = f"/en/admin/brands/{second.public_id}/merge"
    refused = merchant.post(merge, data={"into": first.public_id})
    assert refused.status_code == 409
    assert "Other stores sell this brand too" in refused.text
    operator = sign_in(make_user(is_operator=True))
    monkeypatch.setattr(brands, "BATCH", 1)  # two goods: one goes at once, a job takes the other
    assert operator.post(merge, data={"into": first.public_id}).status_code == 303
    assert {one.name: one.count for one in brand_queries.for_staff("en", None)} == {
        "Mountain": 2,
        "Shan Tea": 1,
    }
    inline.run_all()
    assert [(one.name, one.count) for one in brand_queries.for_staff("en", None)] == [
        ("Mountain", 3)
    ]


def test_only_operators_make_collections_of_all_stores(merchant, goods, sign_in):
    said = {"kind": "rule", "match": "all", "stock": "y", "title_en": "All", "platform": "y"}
    merchant.post("/en/admin/collections/new", data=said)
    assert only(goods.store_id).store_id == goods.store_id
    operator = sign_in(make_user(is_operator=True))
    operator.post("/en/admin/collections/new", data=said | {"title_en": "House"})
    kept = {one.title: one for one in collection_queries.for_staff("en", 0, platform=True)}
    assert kept["House"].store_id is None
    hidden = f"/en/admin/collections/{kept['House'].public_id}"
    assert merchant.get(hidden).status_code == 404
    assert operator.get(hidden).status_code == 200
