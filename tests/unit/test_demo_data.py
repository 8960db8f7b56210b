"""The demo shop's data fits its own schema: both languages, real files, prices that add up."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from itertools import product as combinations
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

DEMO = Path(__file__).resolve().parents[2] / "shop" / "demo"
STORES = ("songjian", "harrow-pine")
HAN = re.compile(r"[\u4e00-\u9fff]")
# A space typed between Han and Latin or figures; the style sheet sets that gap.
TYPED_GAP = re.compile(r"[\u4e00-\u9fff] [A-Za-z0-9]|[A-Za-z0-9] [\u4e00-\u9fff]")
SHOUT = re.compile(r"[!！]")
MONEY = re.compile(r"\d+\.\d\d")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED_DOMAIN = re.compile(r"@([a-z-]+\.)*example(\.(com|net|org|cn))?$")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((DEMO / "data" / f"{name}.toml").read_text(encoding="utf-8"))


PRODUCTS: list[dict[str, Any]] = [p for store in STORES for p in _load(store)["product"]]
BY_SLUG = {p["slug"]: p for p in PRODUCTS}
CATEGORIES: list[dict[str, Any]] = _load("categories")["category"]
CUSTOMERS: list[dict[str, Any]] = _load("customers")["customer"]
REVIEWS: list[dict[str, Any]] = _load("reviews")["review"]


def _both(text: dict[str, str], where: str, longest: int | None = None) -> None:
    """Both languages are there, and each is in its own script."""
    assert set(text) == {"en", "zh"}, where
    for locale, words in text.items():
        assert words.strip(), f"{where}.{locale} is empty"
        assert not SHOUT.search(words), f"{where}.{locale} shouts"
        if longest is not None:
            assert len(words) <= longest, f"{where}.{locale} is over {longest} characters"
    assert not HAN.search(text["en"]), f"{where}.en holds Chinese"
    assert not TYPED_GAP.search(text["zh"]), f"{where}.zh has a typed gap"


def _money(value: str, where: str) -> Decimal:
    assert MONEY.fullmatch(value), f"{where}: {value!r} is not an amount with two decimals"
    return Decimal(value)


def _picture(stem: str) -> Path:
    path = DEMO / "pictures" / f"{stem}.jpg"
    assert path.is_file(), f"{stem}.jpg is missing"
    return path


@pytest.fixture(params=PRODUCTS, ids=lambda p: str(p["slug"]))
def item(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each product of both shops in turn."""
    product: dict[str, Any] = request.param
    return product


def test_the_shelves_are_full() -> None:
    kinds = Counter(p["kind"] for p in PRODUCTS)
    assert len(PRODUCTS) >= 60
    assert kinds["service"] >= 3
    assert kinds["digital"] >= 3
    assert set(kinds) == {"physical", "service", "digital"}
    assert sum(len(p["variants"]) for p in PRODUCTS) >= 130


def test_slugs_and_skus_are_unique() -> None:
    slugs = Counter(p["slug"] for p in PRODUCTS)
    skus = Counter(v["sku"] for p in PRODUCTS for v in p["variants"])
    titles = Counter(p["title"][loc] for p in PRODUCTS for loc in ("en", "zh"))
    for counted in (slugs, skus, titles):
        assert [value for value, times in counted.items() if times > 1] == []


def test_texts_are_in_both_languages(item: dict[str, Any]) -> None:
    assert SLUG.fullmatch(item["slug"])
    _both(item["title"], "title", 48)
    _both(item["fact"], "fact", 48)
    _both(item["lead"], "lead", 64)
    _both(item["description"], "description", 1200)
    for text in item["description"].values():
        assert set(re.findall(r"</?(\w+)", text)) <= {"p", "ul", "li"}
        assert text.count("<p>") == text.count("</p>") >= 2
    assert 3 <= len(item["specs"]) <= 8
    for spec in item["specs"]:
        _both(spec["name"], "spec name", 24)
        _both(spec["value"], "spec value", 80)
    names = [spec["name"]["en"] for spec in item["specs"]]
    assert len(names) == len(set(names))


def test_it_hangs_in_a_category_without_children(item: dict[str, Any]) -> None:
    parents = {c.get("parent") for c in CATEGORIES}
    assert item["category"] in {c["slug"] for c in CATEGORIES} - parents
    assert isinstance(item["new"], bool)
    assert isinstance(item["featured"], bool)
    assert item["days_ago"] > 0


def test_variants_are_every_combination_of_the_option_values(item: dict[str, Any]) -> None:
    options = item["options"]
    assert len(options) <= 2
    for option in options:
        _both(option["name"], "option name", 24)
        keys = [value["key"] for value in option["values"]]
        assert len(keys) == len(set(keys)) >= 2
        for value in option["values"]:
            assert SLUG.fullmatch(value["key"])
            _both(value["label"], "option value", 32)
            assert re.fullmatch(r"#[0-9a-f]{6}", value.get("swatch", "#000000"))
    expected = set(combinations(*([v["key"] for v in o["values"]] for o in options)))
    given = [tuple(v["values"]) for v in item["variants"]]
    assert len(given) == len(set(given))
    assert set(given) == expected


def test_prices_and_stock_make_sense(item: dict[str, Any]) -> None:
    for variant in item["variants"]:
        price = _money(variant["price"], variant["sku"])
        cost = _money(variant["cost"], variant["sku"])
        assert 0 <= cost < price
        if "compare_at" in variant:
            assert _money(variant["compare_at"], variant["sku"]) > price
        assert variant["stock"] >= 0
        assert variant.get("threshold", 1) > 0
        assert (variant["weight"] > 0) == (item["kind"] == "physical")


def test_pictures_are_there_and_described(item: dict[str, Any]) -> None:
    assert item["images"]
    for image in item["images"]:
        _both(image["alt"], "alt", 160)
        with Image.open(_picture(image["file"])) as picture:
            assert picture.format == "JPEG"
            assert picture.size == (960, 1200)


def test_services_expire_and_downloads_exist(item: dict[str, Any]) -> None:
    assert ("validity_days" in item) == (item["kind"] == "service")
    assert ("file" in item) == (item["kind"] == "digital")
    if item["kind"] == "digital":
        path = DEMO / "downloads" / item["file"]
        assert path.read_bytes().startswith(b"%PDF-")
        assert path.stat().st_size <= 300_000
    counted = {v.get("tracked", True) for v in item["variants"]}
    assert counted == {item["kind"] != "digital"}


def test_the_celadon_teapot_is_as_drawn() -> None:
    teapot = BY_SLUG["teapot-celadon"]
    variants = {tuple(v["values"]): v for v in teapot["variants"]}
    labels = [[v["label"]["en"] for v in o["values"]] for o in teapot["options"]]
    assert labels == [["Celadon", "Moon white", "Tea dust"], ["160 ml", "220 ml", "300 ml"]]
    drawn = variants["celadon", "220-ml"]
    assert (drawn["price"], drawn["compare_at"], drawn["stock"]) == ("468.00", "520.00", 3)
    assert all(v["stock"] == 0 for k, v in variants.items() if k[0] == "tea-dust")


def test_categories_are_a_tree_of_two_levels() -> None:
    slugs = [c["slug"] for c in CATEGORIES]
    tops = [c["slug"] for c in CATEGORIES if "parent" not in c]
    assert len(slugs) == len(set(slugs))
    assert tops == ["tea", "teaware", "paper", "pens-ink", "home", "gifts"]
    for category in CATEGORIES:
        assert SLUG.fullmatch(category["slug"])
        assert category.get("parent", "tea") in tops
        _both(category["name"], category["slug"], 32)
        _picture(category["picture"])
    places = Counter((c.get("parent"), c["position"]) for c in CATEGORIES)
    assert max(places.values()) == 1
    filled = {p["category"] for p in PRODUCTS}
    assert filled == {c["slug"] for c in CATEGORIES if "parent" in c}


def test_stores_are_introduced_in_both_languages() -> None:
    stores = _load("stores")["store"]
    assert [s["slug"] for s in stores] == list(STORES)
    for store in stores:
        # A shop keeps its Latin name in Chinese, so the name is not checked for script.
        assert store["name"]["en"]
        assert store["name"]["zh"]
        for key in ("tagline", "about", "ships_from"):
            _both(store[key], key)
        assert store["currency"] == "CNY"
        assert _money(store["flat_delivery"], "flat_delivery") == Decimal("8.00")
        assert RESERVED_DOMAIN.search(store["contact_email"])
        assert (DEMO / "pictures" / "marks" / f"{store['mark']}.svg").is_file()


def test_attributes_are_of_goods_in_their_categories() -> None:
    parents = {c["slug"]: c.get("parent") for c in CATEGORIES}
    for attribute in _load("attributes")["attribute"]:
        _both(attribute["name"], "attribute", 40)
        assert set(attribute["categories"]) <= set(parents)
        for value in attribute["value"]:
            _both(value["label"], attribute["name"]["en"], 40)
            for slug in value["goods"]:
                category = BY_SLUG[slug]["category"]
                assert {category, parents[category]} & set(attribute["categories"]), slug


def test_customers_are_invented_and_complete() -> None:
    assert len(CUSTOMERS) >= 14
    for key in ("username", "email", "name", "phone"):
        assert len({c[key] for c in CUSTOMERS}) == len(CUSTOMERS)
    for customer in CUSTOMERS:
        assert customer["locale"] in ("en", "zh")
        assert RESERVED_DOMAIN.search(customer["email"])
        assert re.fullmatch(r"1\d{10}", customer["phone"])
        address = customer["address"]
        assert set(address) == {"country", "province", "city", "district", "street", "postcode"}
        assert address["country"] == "CN"
        assert all(address.values())
        assert re.fullmatch(r"\d{6}", address["postcode"])


def test_reviews_name_goods_options_and_customers_that_exist() -> None:
    authors = {c["name"]: c["locale"] for c in CUSTOMERS}
    assert len(REVIEWS) >= 110
    assert len({r["product"] for r in REVIEWS}) >= 40
    assert max(Counter((r["product"], r["author"]) for r in REVIEWS).values()) == 1
    assert {r["locale"] for r in REVIEWS} == {"en", "zh"}
    assert sum(r["stars"] <= 3 for r in REVIEWS) >= 4
    assert sum("reply" in r for r in REVIEWS) >= 10
    for review in REVIEWS:
        goods = BY_SLUG[review["product"]]
        assert authors[review["author"]] == review["locale"]
        assert 1 <= review["stars"] <= 5
        assert review["title"]
        assert len(review["title"]) <= 60
        assert review["text"]
        assert len(review["text"]) <= 400
        assert 0 < review["days_ago"] < goods["days_ago"]
        chosen = review.get("values", [])
        assert chosen in [v["values"] for v in goods["variants"]], review["title"]
        for stem in (*review.get("photos", ()), *review.get("followup", {}).get("photos", ())):
            _picture(stem)
        if "reply" in review:
            assert review["reply"]["text"]
            assert 0 < review["reply"]["days_ago"] <= review["days_ago"]


def test_coupons_and_promotions_can_be_reckoned_with() -> None:
    campaigns = _load("campaigns")
    codes = [c["code"] for c in campaigns["coupon"]]
    assert len(codes) == len(set(codes)) >= 5
    for coupon in campaigns["coupon"]:
        assert coupon.get("store", STORES[0]) in STORES
        assert re.fullmatch(r"[A-Z0-9]{4,20}", coupon["code"])
        threshold = _money(coupon["threshold"], coupon["code"])
        if coupon["kind"] == "amount":
            assert 0 < _money(coupon["value"], coupon["code"]) < threshold
        else:
            assert coupon["kind"] == "percentage"
            assert 0 < int(coupon["value"]) < 100
        assert coupon["total_limit"] >= coupon["per_user_limit"] >= 1
        assert coupon["days"] > 0
        for key in ("title", "scope"):
            _both(coupon[key], key, 48)
    assert {p["store"] for p in campaigns["promotion"]} == set(STORES)
    for promotion in campaigns["promotion"]:
        _both(promotion["title"], "promotion", 64)
        tiers = [(_money(t["over"], "over"), _money(t["off"], "off")) for t in promotion["tiers"]]
        assert tiers == sorted(tiers)
        assert len(tiers) >= 2
        assert all(off < over for over, off in tiers)


def test_pages_are_written_in_both_languages() -> None:
    pages = _load("pages")["page"]
    assert [p["slug"] for p in pages] == ["delivery", "returns", "contact", "about", "privacy"]
    for page in pages:
        _both(page["title"], page["slug"], 48)
        _both(page["body"], page["slug"])


def test_home_points_at_what_exists() -> None:
    home = _load("home")
    slugs = {c["slug"] for c in CATEGORIES}
    assert len(home["sections"]) == len(set(home["sections"]))
    for name in ("hero", "desk"):
        block = home[name]
        with Image.open(_picture(block["picture"])) as picture:
            assert picture.width > picture.height
        for key in ("title", "text", "link_text", "alt"):
            _both(block[key], f"{name}.{key}")
        assert HAN.search(block["sign"]["zh"])
        assert block["category"] in slugs
    assert home["feature"]["product"] in BY_SLUG
    for key in ("title", "text"):
        _both(home["feature"][key], key)
    for line in home["best"]:
        assert line["product"] in BY_SLUG
        _both(line["line"], "best", 64)


def test_every_picture_is_used_and_all_are_light_enough() -> None:
    used = {i["file"] for p in PRODUCTS for i in p["images"]}
    used |= {_load("home")[name]["picture"] for name in ("hero", "desk")}
    pictures = list((DEMO / "pictures").glob("*.jpg"))
    assert {p.stem for p in pictures} == used
    weight = sum(p.stat().st_size for p in (DEMO / "pictures").rglob("*") if p.is_file())
    assert weight < 9_000_000
    for drawing in (DEMO / "pictures" / "svg").glob("*.svg"):
        source = drawing.read_text(encoding="utf-8")
        assert "<script" not in source
        assert "<image" not in source
        assert "<text" not in source
        assert (DEMO / "pictures" / f"{drawing.stem}.jpg").is_file()
