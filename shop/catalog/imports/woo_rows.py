"""Which product a row of a WooCommerce file belongs to.

A product is known by its SKU, else its number, else what its name makes; a variation by its Parent, which
is the SKU or ``id:`` and the number of the product.
"""

from collections.abc import Mapping, MutableMapping

from shop.catalog.imports.values import code
from shop.catalog.slugs import slugify


def kinds(cells: Mapping[str, str]) -> set[str]:
    """The words of Type, as in ``simple, downloadable, virtual``; an empty one is simple."""
    words = {word.strip().lower() for word in cells.get("type", "").split(",")} - {""}
    return words if words - {"downloadable", "virtual"} else words | {"simple"}


def handle_of(cells: Mapping[str, str], parents: Mapping[str, str]) -> str:
    """What the rows of one product share; empty for a variation that names no parent."""
    if "variation" in kinds(cells):
        parent = code(cells.get("parent", "")).lower()
        return parents.get(parent.replace(" ", ""), parent)
    sku = code(cells.get("sku", "")).lower()
    if sku:
        return sku
    if cells.get("id"):
        return f"id:{cells['id']}"
    title = cells.get("title", "")
    return slugify(title, 200) or title.lower()


def learn(cells: Mapping[str, str], parents: MutableMapping[str, str]) -> None:
    """Remember under which handle a variable product with a number stands."""
    if cells.get("id") and "variable" in kinds(cells):
        parents[f"id:{cells['id']}".lower()] = handle_of(cells, parents)
