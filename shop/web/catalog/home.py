"""The front page: sections that an operator ordered, each filled from what the shop has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, url_for
from sqlalchemy import select

from shop.campaigns import queries as campaigns
from shop.campaigns.data import CouponView
from shop.catalog import collection_members, collection_queries
from shop.catalog import queries as catalog
from shop.catalog.models import Product
from shop.catalog.views import CategoryNode, ImageView
from shop.core import clock, settings
from shop.core.db import db
from shop.core.i18n import pick
from shop.store.data import StoreView
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import houses, store_names, tree
from shop.web.ui import kept
from shop.web.ui.cards import CardView, card_view, category_image
from shop.web.ui.deliveries import home_rate
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang
from shop.web.ui.return_facts import windows
from shop.web.ui.visitor import user_id

SECTIONS = ("hero", "categories", "new", "coupons", "stores", "desk", "best", "facts")
_COLLECTION = "collection:"
"""A section that begins so shows the collection of the slug behind it; a page shows at most one."""
_TILES = 6
_SHELF = 4
_SORTED = 1000  # of a collection with more goods the database walks along the order
_NEW = 5
_BEST = 6
_COUPONS = 3
_DOORS = 2


@dataclass(frozen=True, slots=True)
class Feature:
    """A picture with words that lead somewhere. ``sign``: Chinese, set downwards beside it."""

    title: str
    text: str
    link: str
    link_text: str
    sign: str
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class Tile:
    """A category with its picture."""

    node: CategoryNode
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class Door:
    """A store with what it shows at its door and how many things it has."""

    store: StoreView
    image: ImageView | None
    count: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection with the first of its goods."""

    slug: str
    title: str
    cards: list[CardView]


@dataclass(frozen=True, slots=True)
class Rates:
    """What delivery costs when all stores charge alike, and when a parcel ordered now arrives."""

    flat_minor: int | None
    free_from_minor: int | None
    currency: str
    arrives: tuple[date, date] | None


@bp.get("/")
@kept.page
def home() -> Response:
    """The front page. A shop without settings of its own gets every section in the usual order."""
    texts = kept.value("home", lambda: settings.get("home"))
    lang = current_lang()
    nodes = tree()
    chosen = _chosen(texts, lang)
    newest = catalog.listing(locale=lang, sort="newest", limit=_NEW)
    lead, lead_text = _lead(texts, chosen, lang)
    sections, shelf = _sections(texts, lang)
    fresh = [card_view(card) for card in newest.items]
    if lead is None and fresh:
        lead = fresh[0]
    return render(
        "catalog/home.html",
        sections=sections,
        shelf=shelf,
        hero=_feature(texts.get("hero"), nodes),
        desk=_feature(texts.get("desk"), nodes),
        tiles=[Tile(node, category_image(node)) for node in nodes if node.count][:_TILES],
        lead=lead,
        lead_text=lead_text,
        fresh=[item for item in fresh if lead is None or item.slug != lead.slug][: _NEW - 1],
        coupons=_coupons(lang),
        doors=_doors(houses(), lang) if len(houses()) > 1 else [],
        best=_best(texts, chosen, lang),
        rates=_rates(houses()),
        windows=windows(houses()),
        shops={store.id: store for store in store_names()},
    )


def _sections(texts: Mapping[str, Any], lang: str) -> tuple[list[str], Shelf | None]:
    """The sections in their order, and the collection that the first "collection:…" names. Three statements."""
    shelf, names = None, []
    for name in texts.get("sections", SECTIONS):
        if name in SECTIONS:
            names.append(name)
        elif str(name).startswith(_COLLECTION) and shelf is None:
            shelf = _shelf(str(name).removeprefix(_COLLECTION), lang)
            names.append("collection")
    return names, shelf


def _shelf(slug: str, lang: str) -> Shelf | None:
    found = collection_queries.collection(slug, lang)
    if found is None:
        return None
    page = catalog.listing(
        locale=lang,
        collection_id=found.id,
        ids=collection_members.few(found.id, _SORTED),
        sort="hand" if found.by_hand else "sales",
        limit=_SHELF,
    )
    return Shelf(found.slug, found.title, [card_view(card) for card in page.items])


def _feature(texts: Mapping[str, Any] | None, nodes: Sequence[CategoryNode]) -> Feature | None:
    if not texts:
        return None
    lang = current_lang()
    category = texts.get("category", "")
    known = bool(catalog.path_to(nodes, category))
    link = url_for("catalog.category", slug=category if known else "all")
    return Feature(
        pick(texts.get("title"), lang),
        pick(texts.get("text"), lang),
        link,
        pick(texts.get("link_text"), lang),
        str((texts.get("sign") or {}).get("zh", "")),
        _image(texts.get("image"), pick(texts.get("alt"), lang)),
    )


def _image(kept: Mapping[str, Any] | None, alt: str) -> ImageView | None:
    if not kept or not kept.get("widths"):
        return None
    widths = tuple(int(width) for width in kept["widths"])
    return ImageView(str(kept["name"]), int(kept["width"]), int(kept["height"]), widths, alt)


def _chosen(texts: Mapping[str, Any], lang: str) -> dict[str, tuple[CardView, Any]]:
    """The products that the settings name, by slug, with what is said of each. Two statements."""
    named = [row for row in [texts.get("feature"), *texts.get("best", [])] if row]
    slugs = [row.get("product", "") for row in named]
    if not slugs:
        return {}
    rows = db.session.execute(select(Product.slug, Product.id).where(Product.slug.in_(slugs)))
    cards = {card.slug: card for card in catalog.cards([row.id for row in rows], lang)}
    return {
        slug: (card_view(cards[slug], pick(row.get("line"), lang)), row)
        for slug, row in zip(slugs, named, strict=True)
        if slug in cards
    }


def _lead(
    texts: Mapping[str, Any], chosen: Mapping[str, tuple[CardView, Any]], lang: str
) -> tuple[CardView | None, dict[str, str]]:
    """The product that leads the new things, and what is said of it."""
    wanted = texts.get("feature") or {}
    found = chosen.get(wanted.get("product", ""))
    if found is None:
        return None, {}
    words = {"title": pick(wanted.get("title"), lang), "text": pick(wanted.get("text"), lang)}
    return found[0], words


def _best(
    texts: Mapping[str, Any], chosen: Mapping[str, tuple[CardView, Any]], lang: str
) -> list[CardView]:
    """The price list: what the settings name, else what sells best."""
    named = [chosen[row["product"]][0] for row in texts.get("best", []) if row["product"] in chosen]
    if named:
        return named[:_BEST]
    page = catalog.listing(locale=lang, sort="sales", limit=_BEST)
    return [card_view(card) for card in page.items]


def _coupons(lang: str) -> list[CouponView]:
    found = campaigns.listed_coupons(None, user_id(), clock.now(), lang)
    return [coupon for coupon in found if coupon.usable][:_COUPONS]


def _doors(stores: Sequence[StoreView], lang: str) -> list[Door]:
    """Two stores, each with the picture of something it is proud of. Kept."""
    return kept.value(("doors", lang), lambda: _read_doors(stores, lang))


def _read_doors(stores: Sequence[StoreView], lang: str) -> list[Door]:
    found = []
    for house in stores[:_DOORS]:
        page = catalog.listing(
            locale=lang, store_id=house.id, sort="sales", limit=1, with_count=True
        )
        image = page.items[0].image if page.items else None
        found.append(Door(house, image, page.count or 0))
    return found


def _rates(stores: Sequence[StoreView]) -> Rates:
    """Of all stores, to their own country: this page is the same for everybody."""
    found = [rate for house in stores if (rate := home_rate(house.id)) is not None]
    rates = {(one.flat_minor, one.free_from_minor) for one in found}
    flat, free_from = rates.pop() if len(rates) == 1 else (None, None)
    currency = stores[0].currency if stores else "CNY"
    known = [(one.first, one.last) for one in found if one.first and one.last]
    arrives = (min(one[0] for one in known), max(one[1] for one in known)) if known else None
    return Rates(flat, free_from, currency, arrives)
