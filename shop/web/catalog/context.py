"""What the pages of the shop window read once and share with their layout."""

from shop.catalog import queries as catalog
from shop.catalog.views import CategoryNode
from shop.store import queries as stores
from shop.store.data import StoreName
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import shop_context


def tree() -> list[CategoryNode]:
    """The categories; a whole page has read them for its header already."""
    context = shop_context()
    if context:
        found: list[CategoryNode] = context["nav_categories"]
        return found
    return catalog.categories(current_lang())


def store_names() -> list[StoreName]:
    """The stores when there are several; none when there is but one, for then none is named."""
    context = shop_context()
    if context:
        found: list[StoreName] = context["nav_stores"]
        return found
    names = stores.all_names(current_lang())
    return names if len(names) > 1 else []
