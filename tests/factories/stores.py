"""Stores for tests, made through the services."""

from itertools import count

from shop.core.transaction import transaction
from shop.store import services

_number = count(1)


def make_store(slug: str | None = None, **fields) -> int:
    """Open a store and return its id. Fields as of ``store.services.create``."""
    slug = slug or f"store-{next(_number)}"
    names = fields.pop("names", None) or {"en": slug.replace("-", " ").title(), "zh": f"店{slug}"}
    with transaction():
        return services.create(slug, names, **fields).id
