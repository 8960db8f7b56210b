"""A store's goods as the lines of a file, one format or the other; never more than a batch in memory."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.catalog.exports import own, shopify, woocommerce
from shop.catalog.exports.reading import BATCH, MEDIA, Goods, goods
from shop.catalog.imports.values import guarded
from shop.catalog.media import url_of
from shop.catalog.models import CategoryTranslation
from shop.core.db import db
from shop.core.i18n import pick

FORMATS = ("own", "shopify", "shopify-classic", "woocommerce")
OnHand = Callable[[Sequence[int]], Mapping[int, Mapping[str, int]]]
"""Product ids → variant id → units by the name of the place: stock belongs to a higher package."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write. ``places``: names of the store's places. ``base``: where the shop is found by
    others, for the addresses of uploaded pictures. ``locale``: the language of formats that have one.
    """

    store_id: int
    currency: str
    format: str
    places: Sequence[str]
    on_hand: OnHand
    base: str = ""
    locale: str = "en"
    product_ids: Collection[int] | None = None


def lines(wanted: Wanted) -> Iterator[str]:
    """The file, in pieces: the headings, then product after product. UTF-8 with its mark, so that
    spreadsheets know; cells that a spreadsheet would run are made harmless."""
    headings = _headings(wanted)
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, headings, restval="")
    writer.writeheader()
    yield "\ufeff" + target.getvalue()
    names = _category_names(wanted.locale)
    for batch in _batches(goods(wanted.store_id, wanted.product_ids)):
        stock = wanted.on_hand([item.id for item in batch])
        target.seek(0)
        target.truncate()
        for item in batch:
            for row in _rows(wanted, item, stock, names):
                writer.writerow({name: guarded(cell) for name, cell in row.items()})
        yield target.getvalue()


def _headings(wanted: Wanted) -> list[str]:
    if wanted.format == "own":
        return own.headings(wanted.places)
    if wanted.format == "woocommerce":
        return woocommerce.headings()
    return shopify.headings(wanted.format == "shopify-classic")


def _rows(
    wanted: Wanted,
    item: Goods,
    stock: Mapping[int, Mapping[str, int]],
    names: Mapping[int, str],
) -> Iterator[dict[str, str]]:
    if wanted.format == "own":
        return own.rows(item, wanted.currency, stock)
    category = names.get(item.data.category_id or 0, "")

    def picture(goods: Goods, address: str) -> str:
        if not address.startswith(MEDIA):
            return address
        return wanted.base + url_of(goods.files[address])

    if wanted.format == "woocommerce":
        return woocommerce.rows(
            item,
            wanted.currency,
            stock,
            locale=wanted.locale,
            category=category,
            picture=picture,
        )
    return shopify.rows(
        item,
        wanted.currency,
        stock,
        classic=wanted.format == "shopify-classic",
        locale=wanted.locale,
        category=category,
        picture=picture,
    )


def _batches(items: Iterator[Goods]) -> Iterator[list[Goods]]:
    batch: list[Goods] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _category_names(locale: str) -> dict[int, str]:
    found: dict[int, dict[str, str]] = {}
    for row in db.session.execute(
        select(
            CategoryTranslation.category_id, CategoryTranslation.locale, CategoryTranslation.name
        )
    ):
        found.setdefault(row.category_id, {})[row.locale] = row.name
    return {category_id: pick(words, locale) for category_id, words in found.items()}
