"""The shop window: front page, lists, search, products, help."""

from shop.web.catalog import (
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
