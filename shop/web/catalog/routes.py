"""The shop window: front page, lists, search, products, help."""

from shop.web.catalog import (
    brand_pages,
    collection_pages,
    compare,
    goes_with,
    home,
    lists,
    pages,
    preview,
    product,
    questions,
    recent,
    reviews,
    search,
    waiting,
)
from shop.web.catalog.blueprint import bp

__all__ = [
    "bp",
    "brand_pages",
    "collection_pages",
    "compare",
    "goes_with",
    "home",
    "lists",
    "pages",
    "preview",
    "product",
    "questions",
    "recent",
    "reviews",
    "search",
    "waiting",
]
