"""Every page of the admin: importing a module of views puts them on the blueprint."""

from shop.web.admin import dashboard, fulfilment, messages, money, orders, stores
from shop.web.admin.blueprint import bp

messages.register()

__all__ = ["bp", "dashboard", "fulfilment", "money", "orders", "stores"]
