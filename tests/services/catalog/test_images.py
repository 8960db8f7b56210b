"""A product's gallery."""

import pytest

from shop.catalog import images, queries, rendering
from shop.catalog.media import Storage
from shop.catalog.models import ListingRow
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.transaction import transaction
from tests.factories.catalog import make_image, make_product, picture
from tests.factories.stores import make_store


@pytest.fixture
def store(app):
    return make_store()


def gallery(slug):
    return [view.alt for view in queries.product_page(slug, "en").images]


def test_pictures_are_added_moved_described_and_removed(store):
    made = make_product(store)
    a, b, c = (make_image(made.id, en=name) for name in "abc")
    ids = {public_id: images.image_id(public_id, [store]) for public_id in (a, b, c)}
    assert images.image_id(a, [store + 1]) is None
    with transaction():
        images.move_image(ids[c], 0)
    assert gallery(made.slug) == ["c", "a", "b"]
    row = db.session.get(ListingRow, made.id)
    assert (row.image_id, row.hover_image_id) == (ids[c], ids[a])
    with transaction():
        images.move_image(ids[c], 99)
        images.set_alt(ids[a], {"en": "first", "zh": "第一"})
    assert gallery(made.slug) == ["first", "b", "c"]
    with transaction():
        images.remove_image(ids[a])
    assert gallery(made.slug) == ["b", "c"]
    with pytest.raises(NotFound), transaction():
        images.remove_image(ids[a])


def test_a_stored_picture_can_be_read_and_nothing_else(tmp_path):
    storage = Storage(tmp_path / "media")
    rendered = rendering.render(picture(500, 400))
    storage.save_all(rendered.files)
    storage.save_all(rendered.files)
    for name, content in rendered.files.items():
        with storage.open(name) as file:
            assert file.read() == content
    assert not list(tmp_path.rglob(".new-*"))
    (tmp_path / "secret").write_text("x")
    for name in (
        "../secret",
        "/etc/passwd",
        "a/../../secret",
        "",
        ".hidden",
        "a//b",
        "a\\b",
        "c:/x",
        "\0",
    ):
        with pytest.raises(Invalid):
            storage.open(name)
    for name in ("absent.webp", rendered.name.split("/")[0]):
        with pytest.raises(NotFound):
            storage.path(name)
