"""Two people changed a product at once: what each wrote, and whose value counts, field by field.

The page offers both values of every field that differs as ``take-<field>``: ``mine`` (what was typed here,
chosen unless one says otherwise) or ``theirs`` (what is stored). The form that comes back is what was typed;
the values of theirs that were chosen are put into it before it is saved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from shop.web.admin import product_draft as drafts
from shop.web.admin.product_draft import Draft, VariantDraft
from shop.web.admin.wording import KINDS

_PLAIN = ("kind", "category", "brand", "tags", "slug", "validity_days", "tax_class")
_VARIANT = ("price", "compare_at", "cost", "sku", "barcode", "weight")
_LANGS = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else saved otherwise than it was typed here. ``key`` names it in the form."""

    key: str
    label: str
    theirs: str
    mine: str


def differences(mine: Draft, theirs: Draft, categories: Mapping[str, str]) -> list[Difference]:
    """What differs, in the order of the page. ``categories``: public id → name."""
    stored = {key: value for key, _, value in _fields(theirs)}
    return [
        Difference(
            f"take-{key}",
            label,
            _shown(key, stored[key], categories),
            _shown(key, value, categories),
        )
        for key, label, value in _fields(mine)
        if key in stored and stored[key] != value
    ]


def take_theirs(mine: Draft, theirs: Draft, sent: Mapping[str, str]) -> None:
    """Put the stored value into every field of ``mine`` for which ``theirs`` was chosen."""
    for key, _, value in list(_fields(theirs)):
        if sent.get(f"take-{key}") == "theirs":
            _put(mine, key, value)


def _fields(draft: Draft) -> Iterator[tuple[str, str, str]]:
    """(key, label, value) of what can be chosen. A variant is known by its public id."""
    words = {
        "title": gettext("Title"),
        "fact": gettext("Fact"),
        "lead": gettext("Lead"),
        "description": gettext("Description"),
        "specs": gettext("Details"),
        "seo_title": gettext("Search title"),
        "seo_description": gettext("Search text"),
        "kind": gettext("Kind"),
        "category": gettext("Category"),
        "brand": gettext("Brand"),
        "tags": gettext("Tags"),
        "slug": gettext("Web address"),
        "validity_days": gettext("Code is valid for, days"),
        "tax_class": gettext("Tax class"),
        "price": gettext("Price"),
        "compare_at": gettext("Price before"),
        "cost": gettext("Cost"),
        "sku": "SKU",
        "barcode": gettext("Barcode"),
        "weight": gettext("Weight"),
    }
    for name in drafts.TEXTS:
        for lang in drafts.LANGS:
            yield f"{name}-{lang}", f"{words[name]} ({_LANGS[lang]})", draft.text(name, lang)
    for row in draft.variants:
        for name in _VARIANT if row.public_id else ():
            label = f"{words[name]} {row.label}".strip()
            yield f"variant-{row.public_id}-{name}", label, getattr(row, name)
    for name in _PLAIN:
        yield name, words[name], getattr(draft, name)


def _put(draft: Draft, key: str, value: str) -> None:
    if key in _PLAIN:
        setattr(draft, key, value)
        return
    if key.startswith("variant-"):
        public_id, _, name = key.removeprefix("variant-").rpartition("-")
        row = _row(draft, public_id)
        if row is not None:
            setattr(row, name, value)
        return
    name, _, lang = key.rpartition("-")
    draft.texts[lang][name] = value


def _row(draft: Draft, public_id: str) -> VariantDraft | None:
    return next((row for row in draft.variants if row.public_id == public_id), None)


def _shown(key: str, value: str, categories: Mapping[str, str]) -> str:
    if key == "kind":
        return str(KINDS.get(value, value))
    return categories.get(value, value) if key == "category" else value
