"""What the pages of the shop window share with their layout, and with one another."""

from shop.catalog.facets.brand_queries import Brands, everyone
from shop.web.ui import kept
from shop.web.ui.visitor import categories as tree
from shop.web.ui.visitor import houses
from shop.web.ui.visitor import several_stores as store_names

__all__ = ["brands", "houses", "store_names", "tree"]


def brands() -> Brands:
    """The brands that lists are narrowed by; kept."""
    return Brands(kept.value("brands", everyone))
