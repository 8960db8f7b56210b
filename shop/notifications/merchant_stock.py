"""Mails to the people of a store about their stock."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.catalog.models import Product, Variant
from shop.catalog.queries import variants_for_cart
from shop.core.db import db
from shop.notifications import links, people
from shop.notifications.render import Draft, draft
from shop.order import shorts


def units_short(payload: Mapping[str, Any]) -> list[Draft]:
    """``stock.short``: a count found fewer than orders were promised."""
    variant_id = payload["variant_id"]
    store_id = db.session.scalar(
        select(Product.store_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id)
    )
    if store_id is None:
        return []
    numbers = shorts.numbers_of([line_id for line_id, _ in payload["lines"]])
    drafts = []
    for reader in people.of_store(store_id):
        found = variants_for_cart([variant_id], reader.locale).get(variant_id)
        if found is not None and numbers:
            drafts.append(
                draft(
                    reader.email,
                    "units_short",
                    reader.locale,
                    variant=found,
                    units=sum(units for _, units in payload["lines"]),
                    numbers=numbers[:50],
                    link=links.admin_order(numbers[0], reader.locale),
                )
            )
    return drafts
