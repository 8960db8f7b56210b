"""Every page of the admin: importing a module of views puts them on the blueprint."""

from shop.web.admin import (
    campaigns,
    coupons,
    dashboard,
    exchange,
    fulfilment,
    house,
    images,
    inventory,
    members,
    money,
    orders,
    product_editor,
    products,
    reviews,
    searches,
    stores,
)
from shop.web.admin.blueprint import bp

__all__ = [
    "bp",
    "campaigns",
    "coupons",
    "dashboard",
    "exchange",
    "fulfilment",
    "house",
    "images",
    "inventory",
    "members",
    "money",
    "orders",
    "product_editor",
    "products",
    "reviews",
    "searches",
    "stores",
]
