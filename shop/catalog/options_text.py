"""What was chosen of a variant, in words: ``Celadon, 220 ml``."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from shop.catalog.models import Option, OptionValue, VariantValue
from shop.core.db import db
from shop.core.i18n import FALLBACKS, pick


def options_of(variant_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Variant → locale → its values in the order of the options, such as ``Celadon, 220 ml``."""
    labels: dict[int, list[dict[str, Any]]] = {}
    for row in db.session.execute(
        select(VariantValue.variant_id, OptionValue.labels)
        .join(OptionValue, OptionValue.id == VariantValue.value_id)
        .join(Option, Option.id == VariantValue.option_id)
        .where(VariantValue.variant_id.in_(variant_ids))
        .order_by(VariantValue.variant_id, Option.position)
    ):
        labels.setdefault(row.variant_id, []).append(row.labels)
    joiner = {"zh": "，"}
    return {
        variant: {
            locale: joiner.get(locale, ", ").join(pick(value, locale) for value in values)
            for locale in dict.fromkeys([*FALLBACKS, *(key for value in values for key in value)])
        }
        for variant, values in labels.items()
    }
