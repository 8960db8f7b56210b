"""Catalogues of two Chinese shops, litemall and mall, told as this shop's own product file.

Both keep goods in MySQL; what is read here is their tables as JSON (packed with gzip or not): an object of
table name → rows. Columns as in litemall's ``litemall_table.sql`` (goods, goods_attribute,
goods_specification, goods_product) and mall's ``mall.sql`` (pms_product, pms_sku_stock,
pms_product_attribute, pms_product_attribute_value). Amounts are decimal text in yuan.

The rules of goods are those of the own file, which reads what comes out of here.
"""

import csv
import gzip
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shop.catalog.data import (
    ImageSource,
    OptionData,
    OptionValueData,
    ProductData,
    Spec,
    Text,
    VariantData,
)
from shop.catalog.exports import own
from shop.catalog.exports.reading import Goods
from shop.catalog.imports.problems import FileRefused
from shop.catalog.imports.values import guarded
from shop.core.errors import ShopError
from shop.core.money import parse

CURRENCY = "CNY"
PLACE = "Main"
"""Where the units are counted that the tables give without a place."""

_MOST = 256 * 1024 * 1024
# What tables of another shop, or none at all, make of the readers below.
_WRONG = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, ShopError)
_LANG = "zh"
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@contextmanager
def as_csv(path: Path, most: int = _MOST) -> Iterator[Path]:
    """The file to import: ``path`` itself, or its tables as the own file, gone after the block.

    Raises ``FileRefused``: "file-tables" for JSON of anything else, "file-long" for more than ``most``
    bytes of it, which are all held at once.
    """
    if not path.name.lower().endswith((".json", ".json.gz")):
        yield path
        return
    tables = _read(path, most)
    with tempfile.TemporaryDirectory(prefix="xiaopu-import-") as folder:
        made = Path(folder) / "goods.csv"
        try:
            _write(made, tables)
        except _WRONG:
            raise FileRefused("file-tables") from None
        yield made


def _write(made: Path, tables: Tables) -> None:
    with made.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, own.headings([PLACE]), restval="")
        writer.writeheader()
        for item, units in _goods(tables):
            stock = {key: {PLACE: max(0, count)} for key, count in units.items()}
            for cells in own.rows(item, CURRENCY, stock):
                writer.writerow({name: guarded(cell) for name, cell in cells.items()})


def _read(path: Path, most: int) -> Tables:
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            text = file.read(most + 1)
        if len(text) > most:
            raise FileRefused("file-long", limit_mb=most // 1024 // 1024)
        found = json.loads(text)
    except (OSError, EOFError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not (
        {"goods", "goods_product"} <= found.keys() or "pms_product" in found
    ):
        raise FileRefused("file-tables")
    return found


def _goods(tables: Tables) -> Iterator[tuple[Goods, Mapping[int, int]]]:
    """Each product, and the units of its variants by the number they have in it."""
    products = _mall(tables) if "pms_product" in tables else _litemall(tables)
    for handle, data, units in products:
        numbers = range(len(data.variants))
        yield (
            Goods(0, handle, "", "", data, list(numbers), {}),
            dict(zip(numbers, units, strict=True)),
        )


def _litemall(tables: Tables) -> Iterator[tuple[str, ProductData, list[int]]]:
    brands = {row["id"]: row["name"] for row in tables.get("brand", ())}
    shelves = {row["id"]: row["name"] for row in tables.get("category", ())}
    details = _by(tables.get("goods_attribute", ()), "goods_id")
    choices = _by(tables.get("goods_specification", ()), "goods_id")
    sold = _by(tables["goods_product"], "goods_id")
    for row in _present(tables["goods"]):
        skus = sold[row["id"]]
        named: dict[str, dict[str, None]] = {}
        for choice in choices[row["id"]]:
            named.setdefault(choice["specification"], {})[choice["value"]] = None
        options = _options(named) if len(skus) > 1 else []
        was = parse(row["counter_price"], CURRENCY)
        variants = [
            VariantData(
                price_minor=parse(sku["price"], CURRENCY),
                values=tuple(json.loads(sku["specifications"])) if options else (),
                sku=row["goods_sn"] if len(skus) == 1 else f"{row['goods_sn']}-{sku['id']}",
                compare_at_minor=was if was > parse(sku["price"], CURRENCY) else None,
            )
            for sku in skus
        ]
        pictures = [row["pic_url"], *json.loads(row["gallery"] or "[]")]
        data = _product(
            row["name"],
            fact=row["brief"] or "",
            html=row["detail"] or "",
            details=[(one["attribute"], one["value"]) for one in details[row["id"]]],
            brand=brands.get(row["brand_id"], ""),
            tags=[shelves.get(row["category_id"], ""), *(row["keywords"] or "").split(",")],
            published=bool(row["is_on_sale"]),
            pictures=pictures,
            variants=variants,
            options=options,
        )
        yield f"litemall-{row['id']}", data, [int(sku["number"]) for sku in skus]


def _mall(tables: Tables) -> Iterator[tuple[str, ProductData, list[int]]]:
    names = {row["id"]: row for row in tables.get("pms_product_attribute", ())}
    details = _by(tables.get("pms_product_attribute_value", ()), "product_id")
    sold = _by(tables.get("pms_sku_stock", ()), "product_id")
    for row in tables["pms_product"]:
        if row["delete_status"]:
            continue
        skus = sold[row["id"]] or [{**row, "sku_code": row["product_sn"], "sp_data": "[]"}]
        picked = [{one["key"]: one["value"] for one in json.loads(sku["sp_data"])} for sku in skus]
        named: dict[str, dict[str, None]] = {}
        for choice in picked:
            for name, value in choice.items():
                named.setdefault(name, {})[value] = None
        options = _options(named) if len(skus) > 1 else []
        was = parse(row["original_price"] or "0", CURRENCY)
        variants = [
            VariantData(
                price_minor=parse(sku["price"], CURRENCY),
                values=tuple(choice.get(name, "") for name in named) if options else (),
                sku=sku["sku_code"] or "",
                compare_at_minor=was if was > parse(sku["price"], CURRENCY) else None,
                weight_grams=int(float(row["weight"] or 0)),
            )
            for sku, choice in zip(skus, picked, strict=True)
        ]
        told = [
            (names[one["product_attribute_id"]]["name"], one["value"] or "")
            for one in details[row["id"]]
            if names.get(one["product_attribute_id"], {}).get("type") == 1
        ]
        data = _product(
            row["name"],
            fact=row["sub_title"] or "",
            html=row["detail_html"] or "",
            details=told,
            brand=row["brand_name"] or "",
            tags=[row["product_category_name"] or "", *(row["keywords"] or "").split(",")],
            published=bool(row["publish_status"]),
            pictures=[row["pic"] or "", *(row["album_pics"] or "").split(",")],
            variants=variants,
            options=options,
        )
        yield f"mall-{row['id']}", data, [int(sku["stock"] or 0) for sku in skus]


def _product(
    title: str,
    *,
    fact: str,
    html: str,
    details: Sequence[tuple[str, str]],
    brand: str,
    tags: Sequence[str],
    published: bool,
    pictures: Sequence[str],
    variants: Sequence[VariantData],
    options: Sequence[OptionData],
) -> ProductData:
    short = fact if len(fact) <= 120 else ""
    return ProductData(
        store_id=0,
        texts={_LANG: Text(title, short, "" if short else fact[:255], html)},
        variants=variants,
        options=options,
        specs={_LANG: [Spec(name, value) for name, value in details if name]},
        status="published" if published else "draft",
        brand=brand,
        tags=[tag for tag in dict.fromkeys(tag.strip() for tag in tags) if tag],
        images=[ImageSource(url) for url in dict.fromkeys(pictures) if url],
    )


def _options(named: Mapping[str, Mapping[str, None]]) -> list[OptionData]:
    return [
        OptionData({_LANG: name}, [OptionValueData(value, {_LANG: value}) for value in values])
        for name, values in named.items()
    ]


def _by(rows: Sequence[Row], key: str) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in _present(rows):
        found[row[key]].append(row)
    return found


def _present(rows: Sequence[Row]) -> Iterator[Row]:
    return (row for row in rows if not row.get("deleted"))
