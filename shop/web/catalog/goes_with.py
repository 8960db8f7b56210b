"""What goes with a product: others like it, and the set that is often bought together."""

from dataclasses import dataclass

from flask import Response, request

from shop.catalog import queries as catalog
from shop.catalog import related_queries
from shop.catalog.related_queries import Glance
from shop.catalog.views import VariantInfo
from shop.inventory import queries as inventory
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import tree
from shop.web.ui import kept
from shop.web.ui.cards import card_views
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

RELATED = 4
IN_SET = 3
"""The product itself and the two that it is bought with most."""
_ABOVE = 2


@dataclass(frozen=True, slots=True)
class BoughtSet:
    """A product and what is often bought with it, one unit of one variant each; the product is first."""

    items: list[VariantInfo]

    @property
    def total_minor(self) -> int:
        """What the set costs before offers of the cart."""
        return sum(item.price_minor for item in self.items)

    @property
    def currency(self) -> str:
        """The currency of all of them."""
        return self.items[0].currency


@bp.get("/p/<slug>/related")
@kept.page
def related(slug: str) -> Response:
    """What the merchant shows with it, what is bought with it, then its likes."""
    product = glance(slug)
    lang = current_lang()
    ways = {node.id: node for node in catalog.walk(tree())}
    own = ways.get(product.category_id or 0)
    above = [node.id for node in reversed(catalog.path_to(tree(), own.slug))] if own else []
    cards = related_queries.related(product, lang, limit=RELATED, above=above[:_ABOVE])
    return render("catalog/related.html", block="cards", product=product, items=card_views(cards))


@bp.get("/p/<slug>/together")
@kept.page
def together(slug: str) -> Response:
    """The set that is often bought together, with its price; nothing where orders say nothing."""
    product = glance(slug)
    found = _bought_set(product, request.args.get("variant", ""))
    return render("catalog/together.html", block="bought_set", product=product, bought=found)


def glance(slug: str) -> Glance:
    """The product of a part of its page; ends the request where there is none."""
    found = related_queries.glance(slug, current_lang())
    if found is None:
        moved.product(slug)
    return found


def _bought_set(product: Glance, chosen: str) -> BoughtSet | None:
    """Each in the variant that is chosen or, else, in the cheapest that can be had; at most eight
    statements."""
    others = related_queries.bought_with(product.id, IN_SET - 1)
    if not others:
        return None
    variants = related_queries.variants_on_sale([product.id, *others])
    stock = inventory.availability([one for some in variants.values() for one, _ in some])
    wanted: list[int] = []
    for product_id in (product.id, *others):
        to_be_had = [one for one in variants.get(product_id, []) if stock.get(one[0]) != 0]
        own = [one for one in to_be_had if product_id == product.id and one[1] == chosen]
        if own or to_be_had:
            wanted.append((own or to_be_had)[0][0])
        elif product_id == product.id:
            return None  # what is sold out is not offered with others
    infos = catalog.variants_for_cart(wanted, current_lang())
    items = [infos[one] for one in wanted if one in infos]
    items = [item for item in items if item.sellable and item.currency == product.currency]
    return BoughtSet(items) if len(items) > 1 and items[0].product_id == product.id else None
