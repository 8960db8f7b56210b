"""Several products beside one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select

from shop.catalog.models import (
    Brand,
    Option,
    OptionValue,
    Product,
    Specification,
    Variant,
    VariantValue,
)
from shop.catalog.related_queries import cards_named
from shop.catalog.views import Card
from shop.core.db import db
from shop.core.i18n import FALLBACKS, pick


@dataclass(frozen=True, slots=True)
class Compared:
    """A product as a column: ``options`` and ``specs`` map a name to what stands there."""

    public_id: str
    card: Card
    brand: str
    options: Mapping[str, str]
    specs: Mapping[str, str]


def compared(names: Sequence[str], locale: str, limit: int) -> list[Compared]:
    """Published products by address or public id, in the given order. Five statements."""
    found = cards_named(names, locale)[:limit]
    ids = [card.product_id for _, card in found]
    if not ids:
        return []
    brands = {
        row.id: row.name
        for row in db.session.execute(
            select(Product.id, Brand.name)
            .join(Brand, Brand.id == Product.brand_id)
            .where(Product.id.in_(ids))
        )
    }
    options, specs = _options(ids, locale), _specs(ids, locale)
    return [
        Compared(
            public_id,
            card,
            brands.get(card.product_id, ""),
            options.get(card.product_id, {}),
            specs.get(card.product_id, {}),
        )
        for public_id, card in found
    ]


def _options(product_ids: Sequence[int], locale: str) -> dict[int, dict[str, str]]:
    """Product → option → the values that some variant on sale has."""
    on_sale = exists().where(
        VariantValue.value_id == OptionValue.id,
        Variant.id == VariantValue.variant_id,
        Variant.archived_at.is_(None),
    )
    labels: dict[int, dict[str, list[str]]] = {}
    for row in db.session.execute(
        select(Option.product_id, Option.names, OptionValue.labels)
        .join(OptionValue, OptionValue.option_id == Option.id)
        .where(Option.product_id.in_(product_ids), on_sale)
        .order_by(Option.product_id, Option.position, OptionValue.position, OptionValue.id)
    ):
        own = labels.setdefault(row.product_id, {})
        own.setdefault(pick(row.names, locale), []).append(pick(row.labels, locale))
    joiner = "、" if locale == "zh" else ", "
    return {
        product_id: {name: joiner.join(values) for name, values in own.items()}
        for product_id, own in labels.items()
    }


def _specs(product_ids: Sequence[int], locale: str) -> dict[int, dict[str, str]]:
    """Product → name → value, of each product in the one language that fits best."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    for row in db.session.execute(
        select(
            Specification.product_id,
            Specification.locale,
            Specification.name,
            Specification.value,
        )
        .where(Specification.product_id.in_(product_ids))
        .order_by(Specification.product_id, Specification.position)
    ):
        own = found.setdefault(row.product_id, {}).setdefault(row.locale, {})
        own[row.name] = f"{own[row.name]}, {row.value}" if row.name in own else row.value
    return {
        product_id: next((texts[one] for one in (locale, *FALLBACKS, *texts) if one in texts), {})
        for product_id, texts in found.items()
    }
