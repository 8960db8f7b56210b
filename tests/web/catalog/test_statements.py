"""A listing or product page runs at most 12 statements, however much the shop holds."""

import pytest
from sqlalchemy import insert

from shop.catalog import collection_services as collections
from shop.catalog.collection_services import CollectionData
from shop.catalog.models import (
    ListingRow,
    Product,
    ProductTranslation,
    Variant,
)
from shop.catalog.search.models import SearchEntry
from shop.core import changes, clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.membership import services as membership
from shop.review import services as reviews
from tests.factories.campaigns import make_coupon
from tests.factories.catalog import make_category, make_image
from tests.factories.orders import lines_of, received_order
from tests.factories.stores import make_store
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, code_of, pot, shop, signed_in

MOST = 12


@pytest.fixture
def visitors(app):
    """A guest with a cart and a member who has signed in, both with something in the cart."""

    def make(goods):
        guest = app.test_client()
        person = make_user()
        member = signed_in(app, person)
        with transaction():
            membership.create_level(
                goods.store_id, {"en": "Regular"}, rank=0, spend_from_minor=0, discount_bp=500
            )
            membership.join(goods.store_id, person.id)
        for browser in (guest, member):
            sent = browser.post("/en/cart/lines", data={"variant": code_of(goods.variant)})
            assert sent.status_code == 303
        return {"guest": guest, "member": member}

    return make


def fill(store_id: int, category_id: int, count: int) -> None:
    """Many products, written by statement: what matters is that they are there."""
    if not count:
        return
    now = clock.now()
    with transaction():
        ids_of = db.session.scalars(
            insert(Product).returning(Product.id, sort_by_parameter_order=True),
            [
                {
                    "store_id": store_id,
                    "category_id": category_id,
                    "slug": f"cup-{count}-{n}",
                    "status": "published",
                    "published_at": now,
                }
                for n in range(count)
            ],
        ).all()
        for model, rows in (
            (ProductTranslation, {"locale": "en", "title": "Cup"}),
            (Variant, {"signature": "", "price_minor": 1000}),
        ):
            db.session.execute(insert(model), [rows | {"product_id": made} for made in ids_of])
        entry = {"title": "cup", "sound": "", "body": ""}
        db.session.execute(
            insert(SearchEntry), [entry | {"product_id": made, "place": made} for made in ids_of]
        )
        shown = {
            "store_id": store_id,
            "category_id": category_id,
            "published_at": now,
            "price_minor": 1000,
            "price_max_minor": 1000,
            "currency": "CNY",
            "available": True,
            "variant_count": 1,
        }
        db.session.execute(insert(ListingRow), [shown | {"product_id": made} for made in ids_of])
        changes.note("product")


def rate(goods, product, count: int) -> None:
    for _ in range(count):
        placed = received_order(product.variants[0])
        line = lines_of(placed.order)[0]
        with transaction():
            review = reviews.post(
                placed.order,
                line.public_id,
                stars=4,
                title="Good",
                text="Pours well",
                locale="en",
                author="Mei",
                user_id=None,
            )
        with transaction():
            reviews.set_state(review, "published", store_ids=[goods.store_id])


def test_pages_run_few_statements_whatever_their_size(app, visitors, statements):
    goods = shop()
    make_store()  # several stores: they are named, and can be filtered by
    top = make_category("teaware")
    below = make_category("pots", parent_id=top)
    product = pot(goods, {"CE-S": 60, "CE-L": 3}, category_id=below, brand="Shan")
    with transaction():
        shelf = CollectionData(goods.store_id, {"en": "Shelf"}, {}, "shelf", published=True)
        collections.pick(collections.save(shelf), product.id)
    make_image(product.id, en="The pot")
    rate(goods, product, 2)
    make_coupon(goods.store_id, listed=True)
    browsers = visitors(goods)
    store = app.test_client().get("/en/").get_data(as_text=True).split("/en/s/")[1].split('"')[0]
    addresses = [
        "/en/c/teaware",
        "/en/c/all?sort=price-asc&stock=1",
        f"/en/c/teaware?store={store}",
        "/en/c/pots?stock=1&store=nobody",
        "/en/new",
        "/en/best-sellers",
        f"/en/s/{store}",
        "/en/collections",
        "/en/collections/shelf?stock=1",
        "/en/brands",
        "/en/b/shan",
        "/en/search?q=cup",
        "/en/search?q=nothing-of-the-kind",
        f"/en/p/{product.slug}",
        f"/zh/p/{product.slug}?sku=CE-L",
        f"/en/p/{product.slug}?sku=MO-S",  # sold out: one may wait for it
        f"/en/p/{product.slug}/reviews",
        f"/en/p/{product.slug}/reviews?photos=1&stars=4",
        f"/en/p/{product.slug}/related",
        f"/en/p/{product.slug}/together",
        f"/en/p/{product.slug}/questions",
        f"/en/compare?p={product.slug}",
        "/en/recent",
    ]
    seen = {}
    for more in (0, 29, 270):
        fill(goods.store_id, below, more)
        for lang in ("en", "zh"):  # the first to come reads what is kept for those who follow
            for first in (f"/{lang}/p/{product.slug}", f"/{lang}/c/all"):
                statements.clear()
                assert browsers["member"].get(first).status_code == 200
                assert len(statements) <= MOST, statements
        for who, headers in (("guest", {}), ("member", {}), ("member", PARTIAL)):
            for address in addresses:
                statements.clear()
                answer = browsers[who].get(address, headers=headers)
                assert answer.status_code == 200, address
                count = len(statements)
                assert count <= MOST, (who, address, count, statements)
                assert not statements.writes
                # The size changes nothing, but that there may now be something to show.
                # Whether the log of changes is asked is a matter of the clock.
                count -= sum("change_log" in one for one in statements)
                seen.setdefault((who, address, bool(headers)), set()).add(count)
    grown = {key: counts for key, counts in seen.items() if max(counts) - min(counts) > 1}
    assert not grown
