"""The shop window: front page, lists, search, products, help."""

from shop.web.catalog import home, lists, pages, preview, product, reviews, search, waiting
from shop.web.catalog.blueprint import bp

__all__ = ["bp", "home", "lists", "pages", "preview", "product", "reviews", "search", "waiting"]
