"""Publishing at an hour, looking before that, and duplicating."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shop.catalog import products
from shop.catalog import queries as catalog
from shop.catalog.data import VariantData
from shop.catalog.models import Category, Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.inventory import queries as stock
from shop.jobs import catalog as jobs
from shop.jobs import schedule
from tests.factories.catalog import make_category, make_image, make_product, options
from tests.web.admin.conftest import staff_of
from tests.web.admin.test_goods import editor, typed
from tests.web.catalog.browsing import PARTIAL, words

NOON = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture
def draft(goods):
    return make_product(goods.store_id, "Winter cup", status="draft", slug="winter-cup")


def stored(product_id: int) -> Product:
    db.session.rollback()
    return db.session.get_one(Product, product_id, populate_existing=True)


def plan(browser, made, **data):
    return browser.post(f"/en/admin/products/{made.public_id}/schedule", data=data)


def test_a_draft_goes_on_sale_at_its_hour_and_once(goods, sign_in, client, draft):
    with clock.at(NOON):
        merchant = sign_in(staff_of(goods.store_id))
        assert plan(merchant, draft, publish_at="2026-12-01T09:00").status_code == 303
        assert stored(draft.id).publish_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
        page = merchant.get(f"/en/admin/products/{draft.public_id}").get_data(as_text=True)
        assert 'value="2026-12-01T09:00"' in page
        assert jobs.publish_due() == 0
    with clock.at(NOON + timedelta(hours=20, minutes=59)):
        assert jobs.publish_due() == 0
        assert client.get("/en/p/winter-cup").status_code == 404
    with clock.at(NOON + timedelta(hours=21)):
        assert jobs.publish_due() == 1
        assert jobs.publish_due() == 0
        assert client.get("/en/p/winter-cup").status_code == 200
        assert stored(draft.id).publish_at is None
        assert stored(draft.id).published_at == clock.now()
    seen = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "product.publish"))
    assert len(seen.all()) == 1


def test_the_job_runs_at_least_every_minute():
    assert next(job for job in schedule.PERIODIC if job.name == "publish-due").every <= 60


def test_it_can_be_put_off_and_an_edit_keeps_it(merchant, draft):
    plan(merchant, draft, publish_at="2027-01-01T09:00")
    found = catalog.admin_product(draft.public_id, [stored(draft.id).store_id])
    assert found is not None
    with transaction():
        products.save_product(found.data, product_id=draft.id)
    assert stored(draft.id).publish_at is not None
    assert plan(merchant, draft, act="clear").status_code == 303
    assert stored(draft.id).publish_at is None


def test_publishing_or_archiving_ends_the_plan(merchant, draft):
    for status in ("published", "archived"):
        with transaction():
            products.set_status(draft.id, "draft")
        plan(merchant, draft, publish_at="2027-01-01T09:00")
        with transaction():
            products.set_status(draft.id, status)
        assert stored(draft.id).publish_at is None


@pytest.mark.parametrize(
    ("typed", "said"),
    (
        ("", "Write a day"),
        ("tomorrow", "Write a day"),
        ("2026-02-31T09:00", "Write a day"),
        ("0001-01-01T00:00", "Write a day|has passed"),
        ("2020-01-01T09:00", "has passed"),
        ("2099-01-01T09:00", "two years"),
    ),
)
def test_an_hour_that_cannot_be(merchant, draft, typed, said):
    answer = plan(merchant, draft, publish_at=typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert re.search(said, words(page))
    assert f'name="publish_at" value="{typed}"' in page
    assert stored(draft.id).publish_at is None


def test_what_is_on_sale_is_not_planned(merchant, goods):
    answer = plan(merchant, goods.products[0], publish_at="2027-01-01T09:00")
    assert answer.status_code == 409


def test_a_download_without_its_file_stays_a_draft(merchant, goods):
    made = make_product(goods.store_id, "Paper", kind="digital", status="draft")
    assert plan(merchant, made, publish_at="2027-01-01T09:00").status_code == 422
    with transaction():
        db.session.get_one(Product, made.id).publish_at = clock.now() - timedelta(minutes=1)
    assert jobs.publish_due() == 0
    assert stored(made.id).status == "draft"
    assert stored(made.id).publish_at is None


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_a_preview_needs_the_link_and_no_account(app, merchant, client, draft, lang):
    page = merchant.get(f"/en/admin/products/{draft.public_id}").get_data(as_text=True)
    link = re.search(r'href="http://localhost(/en/preview/[^"]+)"', page)
    assert link is not None
    path = link[1].replace("/en/", f"/{lang}/")
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Winter cup" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert 'name="robots" content="noindex' in answer.get_data(as_text=True)
    assert 'id="add"' not in answer.get_data(as_text=True)
    for wrong in (
        path[:-1],
        path + "x",
        path.replace(draft.public_id, "x" * 16),
        f"/{lang}/preview/a.b",
    ):
        assert client.get(wrong).status_code == 404
    with clock.at(clock.now() + timedelta(days=6)):
        assert client.get(path).status_code == 200
    with clock.at(clock.now() + timedelta(days=9)):
        assert client.get(path).status_code == 404
    with transaction():
        products.set_status(draft.id, "archived")
    assert client.get(path).status_code == 404


def test_a_copy_has_everything_but_stock(merchant, goods):
    made = make_product(
        goods.store_id,
        "Pot",
        options=options(Size=["S", "L"]),
        variants=[
            VariantData(price_minor=100, values=("S",), sku="P-S", barcode="1"),
            VariantData(price_minor=200, values=("L",), sku="P-L"),
        ],
        tags=["new"],
    )
    picture = make_image(made.id, en="A pot")
    found = catalog.admin_product(made.public_id, [goods.store_id])
    assert found is not None
    with transaction():
        large = VariantData(price_minor=200, values=("L",), sku="P-L", image=picture)
        data = found.data
        products.save_product(
            type(data)(
                store_id=data.store_id,
                texts=data.texts,
                options=data.options,
                tags=data.tags,
                status="published",
                variants=[data.variants[0], large],
            ),
            product_id=made.id,
        )
    answer = merchant.post(f"/en/admin/products/{made.public_id}/copy")
    assert answer.status_code == 303
    copy = catalog.admin_product(answer.location.rpartition("/")[2], [goods.store_id])
    assert copy is not None
    assert copy.public_id != made.public_id
    assert copy.slug not in {"", made.slug}
    assert copy.data.status == "draft"
    assert copy.data.texts["en"].title == "Pot (copy)"
    assert copy.data.texts["zh"].title.endswith("（副本）")
    assert [variant.sku for variant in copy.data.variants] == ["P-S-COPY", "P-L-COPY"]
    assert [variant.price_minor for variant in copy.data.variants] == [100, 200]
    assert list(copy.data.tags) == ["new"]
    (image,) = copy.images
    assert image.alts == {"en": "A pot"}
    assert image.public_id != picture
    assert copy.data.variants[1].image == image.public_id
    left = stock.availability([variant.id for variant in copy.variants])
    assert set(left.values()) == {0}
    again = merchant.post(f"/en/admin/products/{made.public_id}/copy")
    assert again.location != answer.location


def both_save(merchant, made, mine: dict[str, str], theirs: dict[str, str]) -> str:
    """Two open the editor; the other saves first. The page that the slower one gets."""
    url = f"/en/admin/products/{made.public_id}"
    fields = editor(merchant, made.public_id)
    assert merchant.post(url, data=fields | theirs).status_code == 303
    answer = merchant.post(url, data=fields | mine)
    assert answer.status_code == 409
    return answer.get_data(as_text=True)


def test_a_conflict_is_settled_field_by_field(merchant, goods, draft):
    kind = make_category("cups", "Cups")
    public = db.session.get_one(Category, kind).public_id
    page = both_save(
        merchant,
        draft,
        {"title-en": "Mine", "tags": "mine", "variant-0-price": "11"},
        {"title-en": "Theirs", "variant-0-price": "22", "category": public, "brand": "Kiln"},
    )
    rows = re.findall(r'<th scope="row">(.*?)</th>', page)
    assert {"Title (English)", "Tags", "Brand", "Category", "Price"} == set(rows)
    assert "Cups" in words(page)
    fields = typed(page)
    assert fields["title-en"] == "Mine"
    variant = db.session.scalars(
        select(Variant.public_id).where(Variant.product_id == draft.id)
    ).one()
    chosen = {
        "take-title-en": "theirs",
        f"take-variant-{variant}-price": "theirs",
        "take-brand": "theirs",
        "take-category": "mine",
    }
    again = merchant.post(f"/en/admin/products/{draft.public_id}", data=fields | chosen)
    assert again.status_code == 303
    found = catalog.admin_product(draft.public_id, [goods.store_id])
    assert found is not None
    assert found.data.texts["en"].title == "Theirs"
    assert found.data.variants[0].price_minor == 2200
    assert found.data.brand == "Kiln"
    assert found.data.category_id is None
    assert list(found.data.tags) == ["mine"]


def test_who_chooses_nothing_keeps_what_they_typed(merchant, goods, draft):
    page = both_save(merchant, draft, {"title-en": "Mine"}, {"title-en": "Theirs"})
    url = f"/en/admin/products/{draft.public_id}"
    assert merchant.post(url, data=typed(page)).status_code == 303
    found = catalog.admin_product(draft.public_id, [goods.store_id])
    assert found is not None
    assert found.data.texts["en"].title == "Mine"


def test_a_conflict_without_a_difference_says_so(merchant, draft):
    page = both_save(merchant, draft, {}, {})
    assert "No text or price differs" in words(page)


def test_a_picture_is_described_in_one_language_at_least(merchant, goods, draft):
    picture = make_image(draft.id, en="A cup")
    url = f"/en/admin/images/{picture}/alt"
    answer = merchant.post(url, data={"alt_en": " ", "alt_zh": ""}, headers=PARTIAL)
    assert answer.status_code == 422
    assert merchant.post(url, data={"alt_zh": "杯"}, headers=PARTIAL).status_code == 200
    found = catalog.admin_product(draft.public_id, [goods.store_id])
    assert found is not None
    assert found.images[0].alts == {"zh": "杯"}
