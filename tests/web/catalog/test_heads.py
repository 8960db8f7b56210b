"""What search engines and messengers read in the head of a page, parsed."""

import json
import re
from html.parser import HTMLParser

import pytest

from shop.core.transaction import transaction
from shop.review import services as reviews
from tests.factories.catalog import make_category, make_image, make_product
from tests.factories.orders import Goods, lines_of, received_order, store_with_goods
from tests.web.catalog.browsing import page, pot


class Head(HTMLParser):
    """Links, metas and JSON-LD of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.meta: dict[str, str] = {}
        self.data: list[dict] = []
        self._text: str | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.links.append(found)
        elif tag == "meta":
            self.meta[found.get("property") or found.get("name", "")] = found.get("content", "")
        elif tag == "script" and found.get("type") == "application/ld+json":
            self._text = ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "script" and self._text is not None:
            self.data.append(json.loads(self._text))
            self._text = None

    def of_type(self, name: str) -> dict:
        (found,) = [data for data in self.data if data["@type"] == name]
        assert found["@context"] == "https://schema.org"
        return found

    @property
    def canonical(self) -> list[str]:
        return [link["href"] for link in self.links if link.get("rel") == "canonical"]

    @property
    def languages(self) -> dict[str, str]:
        return {link["hreflang"]: link["href"] for link in self.links if "hreflang" in link}


@pytest.fixture
def goods(app) -> Goods:
    return store_with_goods()


def head(client, address: str) -> Head:
    return Head(page(client, address))


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_every_page_has_one_canonical_address_and_a_card(client, goods, lang):
    kind = make_category("pots")
    made = pot(goods, {"CE-S": 2}, category_id=kind)
    make_image(made.id, en="A pot")
    plain = {
        "/": "/",
        "/c/pots": "/c/pots",
        "/c/pots?stock=1&sort=price-asc": "/c/pots",
        "/c/pots?after=nonsense": "/c/pots",
        "/c/all": "/c/all",
        "/new": "/new",
        "/best-sellers": "/best-sellers",
        f"/p/{made.slug}": f"/p/{made.slug}",
        f"/p/{made.slug}?sku=CE-L": f"/p/{made.slug}",
        f"/p/{made.slug}/reviews": f"/p/{made.slug}",
        f"/p/{made.slug}/related": f"/p/{made.slug}",
        "/help/delivery": "/help/delivery",
        "/search?q=pot": "/search",
    }
    for address, canonical in plain.items():
        found = head(client, f"/{lang}{address}")
        assert found.canonical == [f"http://localhost/{lang}{canonical}"], address
        assert found.meta["og:url"] == found.canonical[0]
        assert found.meta["og:title"]
        assert found.meta["og:description"]
        assert found.meta["og:type"]
        assert found.meta["og:locale"] == {"en": "en_US", "zh": "zh_CN"}[lang]
        assert found.meta["twitter:card"] in {"summary", "summary_large_image"}
    listed = head(client, f"/{lang}/c/pots")
    assert listed.meta["og:image"].startswith("http://localhost/media/")
    assert listed.meta["twitter:card"] == "summary_large_image"


def test_both_languages_name_each_other_and_a_third_for_the_rest(client, goods):
    make_category("pots")
    for lang in ("en", "zh"):
        assert head(client, f"/{lang}/c/pots?sort=newest").languages == {
            "en": "http://localhost/en/c/pots",
            "zh": "http://localhost/zh/c/pots",
            "x-default": "http://localhost/en/c/pots",
        }
    assert head(client, "/en/").languages["x-default"] == "http://localhost/"


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_a_product_says_what_merchant_listings_ask_for(client, goods, lang):
    kind = make_category("pots", "Pots")
    made = pot(goods, {"CE-S": 2}, category_id=kind, brand="Kiln & <Co>")
    make_image(made.id, en="A pot")
    found = head(client, f"/{lang}/p/{made.slug}")
    product = found.of_type("Product")
    assert product["name"]
    assert product["description"]
    assert product["image"][0].startswith("http://localhost/media/")
    assert product["brand"] == {"@type": "Brand", "name": "Kiln & <Co>"}
    assert product["sku"] == "CE-S"
    assert [offer["sku"] for offer in product["offers"]] == ["CE-S", "CE-L", "MO-S"]
    for offer in product["offers"]:
        assert float(offer["price"]) > 0
        assert offer["priceCurrency"] == "CNY"
        assert offer["url"].startswith(f"http://localhost/{lang}/p/{made.slug}?sku=")
    assert [offer["availability"].rpartition("/")[2] for offer in product["offers"]] == [
        "InStock",
        "OutOfStock",
        "OutOfStock",
    ]
    assert "aggregateRating" not in product
    assert "review" not in product
    crumbs = found.of_type("BreadcrumbList")["itemListElement"]
    assert [step["position"] for step in crumbs] == [1, 2, 3]
    assert crumbs[1]["item"] == f"http://localhost/{lang}/c/pots"
    assert "item" not in crumbs[-1]
    assert crumbs[-1]["name"] == product["name"]
    assert found.meta["product:price:amount"] == "468.00"


def test_a_product_without_picture_brand_or_code_claims_none(client, goods):
    made = make_product(goods.store_id, "Cup")
    product = head(client, f"/en/p/{made.slug}").of_type("Product")
    assert not {"image", "brand", "sku", "category"} & set(product)
    assert "sku" not in product["offers"][0]


def test_ratings_are_told_once_buyers_gave_some(client, goods):
    made = pot(goods, {"CE-S": 9})
    for stars, text in ((4, "Pours </script> well"), (5, "")):
        placed = received_order(made.variants[0])
        with transaction():
            review = reviews.post(
                placed.order,
                lines_of(placed.order)[0].public_id,
                stars=stars,
                title="Good",
                text=text,
                locale="en",
                author="Mei",
                user_id=None,
            )
        assert "aggregateRating" not in head(client, f"/en/p/{made.slug}").of_type("Product") or (
            stars == 5
        )
        with transaction():
            reviews.set_state(review, "published", store_ids=[goods.store_id])
    product = head(client, f"/en/p/{made.slug}").of_type("Product")
    assert product["aggregateRating"]["ratingValue"] == 4.5
    assert product["aggregateRating"]["reviewCount"] == 2
    (said,) = product["review"]
    assert said["author"]["name"] == "Mei"
    assert said["reviewRating"]["ratingValue"] == 4
    assert said["reviewBody"] == "Pours </script> well"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", said["datePublished"])


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_the_front_page_says_who_and_how_to_search(client, goods, lang):
    found = head(client, f"/{lang}/")
    owner, site = found.of_type("Organization"), found.of_type("WebSite")
    assert owner["name"]
    assert owner["url"] == f"http://localhost/{lang}/"
    action = site["potentialAction"]
    assert action["target"]["urlTemplate"] == (
        f"http://localhost/{lang}/search?q={{search_term_string}}"
    )
    assert action["query-input"] == "required name=search_term_string"
