"""A made-up catalogue of any size, written by statements of thousands of rows.

Titles are put together of real words of the trade in both languages, so that some words stand in half
the goods and some in a handful; the same number gives the same catalogue.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from shop.catalog import listing
from shop.catalog.facets.models import Facet, FacetValue, ProductFacet
from shop.catalog.models import (
    Brand,
    Category,
    CategoryTranslation,
    ListingRow,
    Product,
    ProductTranslation,
    Variant,
)
from shop.catalog.search import analyser, vocabulary
from shop.catalog.search.models import SearchEntry
from shop.catalog.search.place import place
from shop.core import clock, ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory.models import Location, StockLevel
from shop.store.models import Store, StoreTranslation

BATCH = 2000
GLAZES = (("celadon", "青瓷"), ("ash", "灰釉"), ("tenmoku", "天目"), ("white", "白瓷"), ("indigo", "靛蓝"),
          ("persimmon", "柿釉"), ("moon", "月白"), ("iron", "铁锈"), ("cobalt", "青花"), ("amber", "琥珀"))  # fmt: skip
THINGS = (("teapot", "茶壶"), ("cup", "茶杯"), ("bowl", "碗"), ("tray", "茶盘"), ("vase", "花器"),
          ("plate", "盘"), ("jar", "茶罐"), ("pitcher", "公道杯"), ("kettle", "烧水壶"), ("whisk", "茶筅"),
          ("notebook", "笔记本"), ("pen", "钢笔"), ("pencil", "铅笔"), ("ink", "墨水"), ("letter set", "信笺"),
          ("planner", "手账"), ("tape", "胶带"), ("lamp", "台灯"), ("runner", "茶席"), ("basket", "竹篮"))  # fmt: skip
PLACES = (
    "Longquan",
    "Jingdezhen",
    "Yixing",
    "Dehua",
    "Jianyang",
    "Hangzhou",
    "Suzhou",
    "Kyoto",
    "Seto",
    "Hagi",
)
NAMES = ("river", "cloud", "pine", "moss", "rain", "stone", "lotus", "crane", "willow", "plum", "maple", "snow", "mist", "dawn", "ember", "reed", "fern")  # fmt: skip


def make(size: int) -> None:
    """Fill an empty shop with two stores, forty categories and ``size`` published products."""
    draw = random.Random(20261128)
    with transaction():
        stores = [_store(name) for name in ("first", "second")]
        categories = _categories()
        facets = _facets()
    for start in range(0, size, BATCH):
        with transaction():
            _batch(draw, range(start, min(size, start + BATCH)), stores, categories, facets)
    with transaction():
        listing.recount()
        vocabulary.learn([*(f"{a} {b}" for a, _ in GLAZES for b, _ in THINGS), *PLACES, *NAMES])


def _store(name: str) -> tuple[int, int]:
    store = Store(slug=name, currency="CNY", timezone="Asia/Shanghai")
    db.session.add(store)
    db.session.flush()
    location = Location(store_id=store.id, name="Here", priority=0)
    db.session.add_all(
        [
            location,
            *(
                StoreTranslation(store_id=store.id, locale=lang, name=name.title())
                for lang in ("en", "zh")
            ),
        ]
    )
    db.session.flush()
    return store.id, location.id


def _categories() -> list[int]:
    leaves = []
    for top in range(5):
        parent = _category(f"top-{top}", f"Top {top}", None)
        leaves += [_category(f"leaf-{top}-{n}", f"Leaf {top} {n}", parent) for n in range(7)]
    return leaves


def _facets() -> tuple[list[int], list[int], list[int]]:
    """Brands, and the values of two facets: the glazes, and three sizes."""
    brands = [Brand(slug=name, name=name.title()) for name in NAMES]
    db.session.add_all(brands)
    values: list[list[FacetValue]] = []
    for key, labels in (("colour", [glaze for glaze, _ in GLAZES]), ("size", list("sml"))):
        facet = Facet(key=f"o.{key}", names={"en": key.title()})
        db.session.add(facet)
        db.session.flush()
        own = [FacetValue(facet_id=facet.id, key=one, labels={"en": one.title()}) for one in labels]
        values.append(own)
        db.session.add_all(own)
    db.session.flush()
    colours, sizes = ([one.id for one in own] for own in values)
    return [brand.id for brand in brands], colours, sizes


def _category(slug: str, name: str, parent_id: int | None) -> int:
    row = Category(slug=slug, parent_id=parent_id)
    db.session.add(row)
    db.session.flush()
    for lang in ("en", "zh"):
        db.session.add(CategoryTranslation(category_id=row.id, locale=lang, name=name))
    return row.id


def _batch(
    draw: random.Random,
    numbers: range,
    stores: Sequence[tuple[int, int]],
    categories: Sequence[int],
    facets: tuple[list[int], list[int], list[int]],
) -> None:
    drawn = [_draw(draw, number) for number in numbers]
    now = clock.now()
    brands, colours, sizes = facets
    glazes = [glaze for glaze, _ in GLAZES]
    made = db.session.scalars(
        insert(Product).returning(Product.id, sort_by_parameter_order=True),
        [
            {
                "public_id": ids.public_id(),
                "store_id": stores[number % 2][0],
                "category_id": categories[number % len(categories)],
                "brand_id": brands[number % 13],
                "slug": f"goods-{number}",
                "status": "published",
                "published_at": now - timedelta(minutes=number),
            }
            for number in numbers
        ],
    ).all()
    _many(ProductTranslation, _texts(made, drawn))
    variants = db.session.scalars(
        insert(Variant).returning(Variant.id, sort_by_parameter_order=True),
        [
            {
                "public_id": ids.public_id(),
                "product_id": product,
                "sku": f"XP-{number:06}",
                "price_minor": price,
                "tracked": True,
            }
            for product, number, (_, _, price, _) in zip(made, numbers, drawn, strict=True)
        ],
    ).all()
    _many(StockLevel, ({"variant_id": variant, "location_id": stores[number % 2][1], "on_hand": number % 9, "reserved": 0}
                       for variant, number in zip(variants, numbers, strict=True)))  # fmt: skip
    _many(
        ListingRow,
        (
            {
                "product_id": product,
                "store_id": stores[number % 2][0],
                "category_id": categories[number % len(categories)],
                "published_at": now - timedelta(minutes=number),
                "price_minor": price,
                "price_max_minor": price,
                "currency": "CNY",
                "available": number % 9 > 0,
                "variant_count": 1,
                "sales": sales,
                "rating_sum": 4 * (number % 5),
                "rating_count": number % 5,
                "rating_rank": (4000 * (number % 5) + 12_000) // (number % 5 + 3),
            }
            for product, number, (_, _, price, sales) in zip(made, numbers, drawn, strict=True)
        ),
    )
    _many(SearchEntry, _entries(made, numbers, drawn))
    _many(
        ProductFacet,
        (
            {"product_id": product, "value_id": value}
            for product, number, (title, _, _, _) in zip(made, numbers, drawn, strict=True)
            for value in (colours[glazes.index(title.split()[1])], sizes[number % 3])
        ),
    )


def _draw(draw: random.Random, number: int) -> tuple[str, str, int, int]:
    glaze, thing = draw.choice(GLAZES), draw.choice(THINGS)
    title = f"{draw.choice(PLACES)} {glaze[0]} {thing[0]} {draw.choice(NAMES)} {number}"
    sales = int(draw.paretovariate(0.7)) % 5000
    return title, f"{glaze[1]}{thing[1]}{number}号", draw.randrange(900, 90000, 100), sales


def _texts(
    made: Sequence[int], drawn: Sequence[tuple[str, str, int, int]]
) -> Iterator[dict[str, Any]]:
    for product, (english, chinese, _, _) in zip(made, drawn, strict=True):
        for locale, title in (("en", english), ("zh", chinese)):
            yield {
                "product_id": product,
                "locale": locale,
                "title": title,
                "fact": "One of many",
                "description_html": "<p>Thrown by hand and fired twice.</p>",
            }


def _entries(
    made: Sequence[int], numbers: range, drawn: Sequence[tuple[str, str, int, int]]
) -> Iterator[dict[str, Any]]:
    for product, number, (english, chinese, _, sales) in zip(made, numbers, drawn, strict=True):
        yield {
            "product_id": product,
            "place": place(product, available=number % 9 > 0, sales=sales),
            "title": " ".join(
                dict.fromkeys([*analyser.title_tokens(english), *analyser.title_tokens(chinese)])
            ),
            "sound": " ".join(analyser.sound_tokens(chinese)),
            "body": " ".join(
                [
                    analyser.code(f"XP-{number:06}"),
                    *analyser.body_tokens(["Thrown by hand and fired twice"]),
                ]
            ),
        }


def _many(model: Any, rows: Any) -> None:
    db.session.execute(insert(model), list(rows))
