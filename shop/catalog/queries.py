"""Reading the catalogue: the names other packages call, gathered from the readers by use."""

from shop.catalog.admin_queries import admin_products, admin_variant, variants_of
from shop.catalog.admin_views import AdminPage, AdminProduct, AdminRow
from shop.catalog.cart_queries import product_id, variant_id, variant_of, variants_for_cart
from shop.catalog.category_queries import categories, category, category_id, path_to, walk
from shop.catalog.editor_queries import admin_product
from shop.catalog.list_statements import SORTS
from shop.catalog.listing_queries import cards, listed, listing, suggest
from shop.catalog.page_queries import find_variant, product_page
from shop.catalog.picker import Picker, ValueState, picker

__all__ = [
    "SORTS",
    "AdminPage",
    "AdminProduct",
    "AdminRow",
    "Picker",
    "ValueState",
    "admin_product",
    "admin_products",
    "admin_variant",
    "cards",
    "categories",
    "category",
    "category_id",
    "find_variant",
    "listed",
    "listing",
    "path_to",
    "picker",
    "product_id",
    "product_page",
    "suggest",
    "variant_id",
    "variant_of",
    "variants_for_cart",
    "variants_of",
    "walk",
]
