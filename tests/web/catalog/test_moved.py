"""Old addresses lead on; what is gone says so and shows what there is instead."""

import pytest
from sqlalchemy import select

from shop.catalog import categories, products
from shop.core.db import db
from shop.core.models import SlugHistory
from shop.core.transaction import transaction
from shop.store import queries as store_queries
from shop.store import services as stores
from tests.factories.catalog import make_category, make_product, product_data
from tests.factories.stores import make_store
from tests.web.catalog.browsing import page, titles, words


def rename(made, store_id: int, slug: str) -> None:
    with transaction():
        products.save_product(product_data(store_id, "Cup", slug=slug), product_id=made.id)


@pytest.fixture
def store_id(app) -> int:
    return make_store()


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_a_renamed_product_is_found_in_one_step(client, store_id, lang):
    made = make_product(store_id, "Cup", slug="cup-a")
    rename(made, store_id, "cup-b")
    rename(made, store_id, "cup-c")
    for old in ("cup-a", "cup-b"):
        answer = client.get(f"/{lang}/p/{old}?sku=x&utm=%E8%8C%B6")
        assert answer.status_code == 301
        assert answer.location == f"/{lang}/p/cup-c?sku=x&utm=%E8%8C%B6"
    assert client.get(f"/{lang}/p/cup-a/reviews").location == f"/{lang}/p/cup-c/reviews"
    assert client.get(f"/{lang}/p/cup-c").status_code == 200


def test_who_takes_an_address_again_has_it(client, store_id):
    first = make_product(store_id, "Cup", slug="cup-a")
    rename(first, store_id, "cup-b")
    second = make_product(store_id, "Bowl", slug="cup-a")
    assert "Bowl" in page(client, "/en/p/cup-a")
    rename(second, store_id, "bowl")
    assert client.get("/en/p/cup-a").location == "/en/p/bowl"
    rename(first, store_id, "cup-a")
    assert client.get("/en/p/cup-a").status_code == 200
    assert client.get("/en/p/cup-b").location == "/en/p/cup-a"


def test_a_refused_rename_leaves_no_trace(client, store_id):
    make_product(store_id, "Bowl", slug="bowl")
    made = make_product(store_id, "Cup", slug="cup-a")
    with pytest.raises(Exception, match="slug-taken"):
        rename(made, store_id, "bowl")
    assert db.session.scalars(select(SlugHistory)).all() == []


def test_what_was_put_away_is_gone_and_has_successors(client, store_id):
    kind = make_category("cups", "Cups")
    gone = make_product(store_id, "Old cup", slug="cup-a", category_id=kind)
    make_product(store_id, "New cup", category_id=kind)
    with transaction():
        products.set_status(gone.id, "archived")
    english = client.get("/en/p/cup-a")
    assert english.status_code == 410
    assert titles(english.get_data(as_text=True)) == ["New cup"]
    assert "no longer sold" in words(english.get_data(as_text=True))
    assert 'content="noindex"' in english.get_data(as_text=True)
    chinese = client.get("/zh/p/cup-a")
    assert chinese.status_code == 410
    assert "no longer" not in words(chinese.get_data(as_text=True))
    assert client.get("/en/p/cup-a", headers={"HX-Request": "true"}).status_code == 410


def test_gone_without_category_or_neighbours(client, store_id):
    gone = make_product(store_id, "Old cup", slug="cup-a")
    with transaction():
        products.set_status(gone.id, "archived")
    assert client.get("/en/p/cup-a").status_code == 410


def test_a_draft_is_not_found_under_any_name(client, store_id):
    made = make_product(store_id, "Cup", slug="cup-a")
    rename(made, store_id, "cup-b")
    with transaction():
        products.set_status(made.id, "draft")
    assert client.get("/en/p/cup-a").status_code == 404
    assert client.get("/en/p/cup-b").status_code == 404


def test_categories_and_stores_lead_on(client, app, store_id):
    kind = make_category("cups", "Cups")
    make_product(store_id, "Cup", category_id=kind)
    old = store_queries.get(store_id).slug
    run = app.test_cli_runner().invoke
    assert run(args=["catalog", "rename-category", "cups", "drinking"]).exit_code == 0
    assert run(args=["stores", "rename", old, "moved-shop"]).exit_code == 0
    assert client.get("/en/c/cups?stock=1").location == "/en/c/drinking?stock=1"
    assert client.get(f"/zh/s/{old}").location == "/zh/s/moved-shop"
    assert client.get("/en/c/drinking").status_code == 200
    assert "no category" in run(args=["catalog", "rename-category", "cups", "x"]).output


def test_a_category_does_not_take_what_another_has(app):
    kind = make_category("cups")
    make_category("bowls")
    with pytest.raises(Exception, match="slug-taken"), transaction():
        categories.change_slug(kind, "bowls")
    with pytest.raises(Exception, match="slug-form"), transaction():
        categories.change_slug(kind, "No Slug")
    store_id = make_store()
    with pytest.raises(Exception, match="store-slug"), transaction():
        stores.change_slug(store_id, "No Slug")
