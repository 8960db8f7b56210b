"""What the pages of the shop window share with their layout."""

from shop.web.ui.visitor import categories as tree
from shop.web.ui.visitor import houses
from shop.web.ui.visitor import several_stores as store_names

__all__ = ["houses", "store_names", "tree"]
