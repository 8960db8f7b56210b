"""The demo's stores, categories and goods, made through the same services as anybody's."""

import random
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from shop.catalog import categories, images, products, rendering
from shop.catalog import html as rich
from shop.catalog.data import OptionData, OptionValueData, ProductData, Spec, Text, VariantData
from shop.catalog.media import Storage
from shop.catalog.rendering import Rendered
from shop.core import clock, money, settings
from shop.demo import texts
from shop.documents.settings import KEY
from shop.inventory import services as inventory
from shop.membership import services as membership
from shop.store import services as stores
from shop.store import tax_services
from shop.store.data import StoreText
from shop.store.tax_data import RateData, TaxSettings, parse_rate

LOCALES = ("en", "zh")
Step = Callable[[], None]


def render_pictures(storage: Storage, step: Step) -> dict[str, Rendered]:
    """Make every size of every picture, in two processes; file stem → rendered."""
    paths = texts.pictures()
    made = {}
    for path, rendered in zip(
        paths, rendering.render_many((path.read_bytes() for path in paths), 2), strict=True
    ):
        storage.save_all(rendered.files)
        made[path.stem] = rendered
        step()
    return made


def copy_downloads(folder: Path) -> None:
    """Put the files of digital goods where only buyers get them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in texts.DOWNLOADS.iterdir():
        shutil.copyfile(file, folder / file.name)


def make_stores() -> dict[str, int]:
    """Both stores with a location and member levels; slug → id."""
    made = {}
    for position, data in enumerate(texts.read("stores")["store"]):
        wording = {
            locale: StoreText(
                data["name"][locale],
                data["tagline"][locale],
                data["about"][locale],
                data["ships_from"][locale],
            )
            for locale in LOCALES
        }
        store = stores.create(
            data["slug"],
            {locale: text.name for locale, text in wording.items()},
            currency=data["currency"],
            contact_email=data["contact_email"],
            mark=data["mark"],
            position=position,
            flat_delivery_minor=money.parse(data["flat_delivery"]),
            texts=wording,
            settings={KEY: data["papers"]},
        )
        _tax(store.id, data["tax"])
        inventory.create_location(store.id, data["ships_from"]["en"])
        for rank, (en, zh, spend, off) in enumerate(
            (
                ("Guest of the house", "新客", 0, 0),
                ("Regular", "熟客", 50000, 300),
                ("Old friend", "老友", 200000, 600),
            )
        ):
            membership.create_level(
                store.id, {"en": en, "zh": zh}, rank=rank, spend_from_minor=spend, discount_bp=off
            )
        made[store.slug] = store.id
    return made


def _tax(store_id: int, given: Mapping[str, Any]) -> None:
    """Prices that hold their tax, as both shops' customers are used to."""
    tax_services.save_settings(store_id, TaxSettings(country=given["country"]))
    tax_services.save_rates(
        store_id,
        [
            RateData(code, country, "", name, parse_rate(rate))
            for code, country, name, rate in given["rates"]
        ],
    )


def make_categories(pictures: Mapping[str, Rendered]) -> dict[str, int]:
    """The category tree; slug → id."""
    made: dict[str, int] = {}
    for data in texts.read("categories")["category"]:
        parent = data.get("parent")
        category = categories.create_category(
            data["slug"],
            data["name"],
            parent_id=made[parent] if parent else None,
            position=data["position"],
            image_name=pictures[data["picture"]].name,
        )
        made[category.slug] = category.id
    return made


def make_product(
    store_id: int,
    category_id: int,
    data: Mapping[str, Any],
    pictures: Mapping[str, Rendered],
    chance: random.Random,
) -> int:
    """One product with its variants and pictures, published when it is said to have been."""
    published = clock.now() - timedelta(days=data["days_ago"], minutes=chance.randrange(600))
    product = products.save_product(
        ProductData(
            store_id=store_id,
            slug=data["slug"],
            kind=data["kind"],
            status="published",
            category_id=category_id,
            brand=data.get("brand", ""),
            featured=data.get("featured", False),
            published_at=published,
            texts={
                locale: Text(
                    data["title"][locale],
                    data["fact"][locale],
                    data["lead"][locale],
                    data["description"][locale],
                )
                for locale in LOCALES
            },
            specs={
                locale: [
                    Spec(spec["name"][locale], spec["value"][locale]) for spec in data["specs"]
                ]
                for locale in LOCALES
            },
            options=[
                OptionData(
                    option["name"],
                    [
                        OptionValueData(v["key"], v["label"], v.get("swatch"))
                        for v in option["values"]
                    ],
                )
                for option in data.get("options", [])
            ],
            variants=[_variant(row) for row in data["variants"]],
            digital_name=data.get("file"),
            validity_days=data.get("validity_days"),
            tax_class="" if data["kind"] == "physical" else "reduced",
        )
    )
    for image in data["images"]:
        images.add_image(product.id, pictures[image["file"]], image["alt"])
    return product.id


def _variant(row: Mapping[str, Any]) -> VariantData:
    compare_at = row.get("compare_at")
    return VariantData(
        price_minor=money.parse(row["price"]),
        values=tuple(row.get("values", ())),
        sku=row["sku"],
        compare_at_minor=money.parse(compare_at) if compare_at else None,
        cost_minor=money.parse(row["cost"]),
        weight_grams=row["weight"],
        tracked=row.get("tracked", True),
    )


def write_pages(pictures: Mapping[str, Rendered]) -> None:
    """What the home page shows, and the help pages, as clean HTML."""
    home = texts.read("home")
    for part in ("hero", "desk"):
        picture = pictures[home[part]["picture"]]
        home[part]["image"] = {
            "name": picture.name,
            "width": picture.width,
            "height": picture.height,
            "widths": list(picture.widths),
        }
    settings.put("home", home)
    markdown = MarkdownIt("commonmark", {"html": False})
    for page in texts.read("pages")["page"]:
        settings.put(
            f"page:{page['slug']}",
            {
                "title": page["title"],
                "body": {
                    locale: rich.clean(markdown.render(page["body"][locale])) for locale in LOCALES
                },
            },
        )
