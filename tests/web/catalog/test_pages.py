"""Pages of words, written or not yet."""

import pytest

from shop.core import settings
from shop.core.transaction import transaction
from tests.factories.stores import make_store
from tests.web.catalog.browsing import page, words


def test_an_operators_words_are_shown_in_their_language(client, app):
    with transaction():
        settings.put(
            "page:returns",
            {
                "title": {"en": "Returns", "zh": "退换货"},
                "body": {"en": "<p>Thirty <b>days</b></p>"},
            },
        )
    html = page(client, "/en/help/returns")
    assert "<h1>Returns</h1>" in html
    assert "<p>Thirty <b>days</b></p>" in html
    assert "<h1>退换货</h1>" in page(client, "/zh/help/returns")


@pytest.mark.parametrize("slug", ("delivery", "returns", "contact", "about", "privacy"))
def test_pages_that_the_layout_links_to_are_always_there(client, app, slug):
    make_store(
        names={"en": "Songjian"},
        contact_email="hello@songjian.example",
        flat_delivery_minor=800,
        free_delivery_from_minor=19900,
    )
    html = page(client, f"/en/help/{slug}")
    assert "mailto:hello@songjian.example" in html
    assert ("Delivery ¥8, free over ¥199." in words(html)) is (slug == "delivery")


@pytest.mark.parametrize("slug", ("nothing", "x" * 200, "a%00b"))
def test_others_are_not(client, app, slug):
    page(client, f"/en/help/{slug}", status=404)


@pytest.mark.parametrize(
    ("address", "status"),
    (
        ("/en/p/a%00b", 404),
        ("/en/c/a%00b", 404),
        ("/en/s/a%00b", 404),
        ("/en/search?q=%00", 400),
        ("/en/new?after=%00", 400),
        ("/en/cart?x=%00", 400),
        ("/en/coupons?tab=%00", 400),
    ),
)
def test_nul_is_refused_before_it_reaches_the_database(client, app, address, status):
    page(client, address, status=status)
