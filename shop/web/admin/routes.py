"""Every page of the admin: importing a module of views puts them on the blueprint."""

from shop.web.admin import (
    campaigns,
    coupons,
    dashboard,
    fulfilment,
    house,
    images,
    inventory,
    members,
    money,
    orders,
    product_bulk,
    product_editor,
    product_more,
    products,
    reviews,
    stores,
)
from shop.web.admin.blueprint import bp

__all__ = [
    "bp",
    "campaigns",
    "coupons",
    "dashboard",
    "fulfilment",
    "house",
    "images",
    "inventory",
    "members",
    "money",
    "orders",
    "product_bulk",
    "product_editor",
    "product_more",
    "products",
    "reviews",
    "stores",
]
