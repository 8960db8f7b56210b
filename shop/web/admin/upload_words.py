"""What an import says, in the language of who reads it: problems, and what changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from shop.catalog.imports.problems import KINDS, SENTENCES
from shop.core.errors import Invalid
from shop.web.admin.messages import say
from shop.web.admin.product_bulk_form import STATUSES
from shop.web.admin.wording import KINDS as GOODS
from shop.web.ui.format import money_text, number
from shop.web.ui.locale import NAMES

_FIELDS: dict[str, Any] = {
    "title": lazy_gettext("Title"),
    "fact": lazy_gettext("One fact for the card"),
    "lead": lazy_gettext("First sentence"),
    "description_html": lazy_gettext("Description"),
    "seo_title": lazy_gettext("Search title"),
    "seo_description": lazy_gettext("Search text"),
    "specs": lazy_gettext("Details"),
    "status": lazy_gettext("Status"),
    "kind": lazy_gettext("Kind"),
    "brand": lazy_gettext("Brand"),
    "featured": lazy_gettext("On the home page"),
    "validity_days": lazy_gettext("Code is valid for, days"),
    "tax_class": lazy_gettext("Tax class"),
    "category": lazy_gettext("Category"),
    "slug": lazy_gettext("Web address"),
    "tags": lazy_gettext("Tags"),
    "options": lazy_gettext("Options"),
    "pictures": lazy_gettext("Pictures"),
    "variants": lazy_gettext("Variants"),
    "variant": lazy_gettext("Variant"),
    "price_minor": lazy_gettext("Price"),
    "price_to": lazy_gettext("Price up to"),
    "compare_at_minor": lazy_gettext("Before"),
    "cost_minor": lazy_gettext("Cost"),
    "sku": lazy_gettext("SKU"),
    "barcode": lazy_gettext("Barcode"),
    "weight_grams": lazy_gettext("Weight, g"),
    "tracked": lazy_gettext("Stock is counted"),
    "stock": lazy_gettext("Stock"),
    "attributes": lazy_gettext("Attributes"),
    "related": lazy_gettext("Goes with it"),
    "parts": lazy_gettext("Parts of the bundle"),
    "uses": lazy_gettext("Visits per code"),
    "remind_days": lazy_gettext("Remind the buyer, days before the end"),
    "downloads": lazy_gettext("Downloads per purchase"),
    "download_days": lazy_gettext("Days after payment"),
}
FORMATS: dict[str, Any] = {
    "own": lazy_gettext("this shop’s own file"),
    "shopify": "Shopify",
    "woocommerce": "WooCommerce",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words; no ``old`` for what is new, no ``new`` for what goes."""

    label: str
    of: str
    old: str | None
    new: str | None


def problem(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code of the importer, or of the catalogue below it."""
    known = SENTENCES.get(code)
    if known is None:
        return say(Invalid(code, **params))
    if code == "file-not-text":
        params = {**params, "kind": gettext(KINDS.get(str(params.get("kind")), ""))}
    return gettext(known).format(**params)


def problems(found: Sequence[Mapping[str, Any]]) -> list[tuple[bool, int | None, str]]:
    """Whether it refuses, the row, the sentence; of kept problems."""
    return [
        (bool(one["refuses"]), one["row"], problem(str(one["code"]), one["params"]))
        for one in found
    ]


def changes(
    found: Sequence[Mapping[str, Any]], currency: str, categories: Mapping[int, str]
) -> list[Said]:
    """Kept changes in words."""
    return [_said(one, currency, categories) for one in found]


def _said(one: Mapping[str, Any], currency: str, categories: Mapping[int, str]) -> Said:
    field = str(one["field"])
    if field == "more":
        return Said(gettext("And %(num)s more changes", num=number(one["new"])), "", None, None)
    of = str(one.get("of", ""))
    old, new = (
        _value(one["kind"], field, one[side], currency, categories) if side in one else None
        for side in ("old", "new")
    )
    return Said(str(_FIELDS.get(field, field)), NAMES.get(of, of), old, new)


def _value(kind: str, field: str, value: Any, currency: str, categories: Mapping[int, str]) -> str:
    if value is None or value == "":
        return "–"
    if kind == "money":
        return money_text(int(value), currency, "always")
    if kind in {"number", "grams"}:
        return number(value)
    if kind == "flag":
        return gettext("Yes") if value else gettext("No")
    if kind == "category":
        return categories.get(value, "–")
    if kind == "code":
        return str((STATUSES if field == "status" else GOODS).get(value, value))
    return str(value)
