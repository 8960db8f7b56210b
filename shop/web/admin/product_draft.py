"""A product while it is being edited: what was typed, in the shape of the page.

A draft is made of a stored product or of a sent form, drawn by the template, and turned into the data that
the catalogue saves. Everything is kept as typed, so a refused form comes back as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product as combinations
from typing import Any

from shop.analytics.goods import plain
from shop.catalog.admin_views import AdminProduct
from shop.catalog.data import OptionData

LANGS = ("en", "zh")
TEXTS = ("title", "fact", "lead", "description", "seo_title", "seo_description", "specs")
OPTIONS = 3
SPARE = 3
MOST_VALUES = 40
MOST_VARIANTS = 200


@dataclass
class ValueDraft:
    """A choice of an option; ``place`` is its row in the form."""

    place: int
    key: str
    labels: dict[str, str]
    swatch: str = ""

    @property
    def label(self) -> str:
        """A name for the variants' table."""
        return self.labels.get("en") or self.labels.get("zh") or ""


@dataclass
class OptionDraft:
    """What shoppers choose by."""

    names: dict[str, str]
    values: list[ValueDraft]

    @property
    def filled(self) -> list[ValueDraft]:
        """The values that say something."""
        return [value for value in self.values if value.label]


@dataclass
class VariantDraft:
    """A row of the variants' table; ``at``: the places of its values."""

    at: tuple[int, ...]
    label: str
    public_id: str = ""
    sku: str = ""
    barcode: str = ""
    price: str = ""
    compare_at: str = ""
    cost: str = ""
    weight: str = ""
    image: str = ""
    sell: bool = True
    alert: str = ""
    stock: dict[str, str] = field(default_factory=dict)
    had: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """``at`` for a hidden field."""
        return ".".join(map(str, self.at))


@dataclass
class Draft:
    """The whole editor."""

    texts: dict[str, dict[str, str]]
    options: list[OptionDraft]
    variants: list[VariantDraft] = field(default_factory=list)
    version: str = ""
    kind: str = "physical"
    category: str = ""
    brand: str = ""
    tags: str = ""
    slug: str = ""
    validity_days: str = ""
    tax_class: str = ""
    tracked: bool = True
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def used(self) -> list[OptionDraft]:
        """Options that have a value."""
        return [option for option in self.options if option.filled]

    def text(self, name: str, lang: str) -> str:
        """One text in one language."""
        return self.texts[lang].get(name, "")

    def complain(self, name: str, message: object) -> None:
        """Say what is wrong at a field; the first word stays."""
        self.errors.setdefault(name, str(message))

    def error_list(self) -> list[tuple[str, str, str]]:
        """For the summary above the page."""
        return [(name, "", message) for name, message in self.errors.items()]

    def grid(self) -> None:
        """Bring the table of variants in line with the options: one row for each combination.

        A new row takes price, cost and weight of the first one.
        """
        known = {variant.at: variant for variant in self.variants}
        model = self.variants[0] if self.variants else VariantDraft((), "")
        rows = []
        for values in combinations(*(option.filled for option in self.used)):
            at = tuple(value.place for value in values)
            found = known.get(at)
            if found is None:
                found = VariantDraft(
                    at,
                    "",
                    price=model.price,
                    cost=model.cost,
                    weight=model.weight,
                    alert=model.alert,
                )
            found.label = " / ".join(value.label for value in values)
            rows.append(found)
            if len(rows) > MOST_VARIANTS:
                break
        self.variants = rows


def blank() -> Draft:
    """An empty editor."""
    draft = Draft({lang: {} for lang in LANGS}, _spare([]))
    draft.grid()
    return draft


def of_product(
    found: AdminProduct, stock: Mapping[str, Mapping[str, str]], alerts: Mapping[str, str]
) -> Draft:
    """The editor of a stored product. ``stock``: variant → location → on hand, as text."""
    data = found.data
    texts: dict[str, dict[str, str]] = {lang: {} for lang in LANGS}
    for lang in LANGS:
        text = data.texts.get(lang)
        if text is not None:
            texts[lang] = {
                "title": text.title,
                "fact": text.fact,
                "lead": text.lead,
                "description": text.description_html,
                "seo_title": text.seo_title,
                "seo_description": text.seo_description,
            }
        texts[lang]["specs"] = "\n".join(
            f"{spec.name}: {spec.value}" for spec in data.specs.get(lang, ())
        )
    draft = Draft(
        texts,
        _spare([_option(option) for option in data.options]),
        version=str(found.version),
        kind=data.kind,
        category=str(data.category_id or ""),
        brand=data.brand,
        tags=", ".join(data.tags),
        slug=found.slug,
        validity_days=str(data.validity_days or ""),
        tax_class=data.tax_class or "",
        tracked=any(variant.tracked for variant in data.variants),
    )
    places = [
        {value.key: place for place, value in enumerate(option.values)} for option in data.options
    ]
    currency = found.currency
    for variant in found.variants:
        if variant.archived:
            continue
        at = tuple(places[index][key] for index, key in enumerate(variant.values))
        had = dict(stock.get(variant.public_id, {}))
        draft.variants.append(
            VariantDraft(
                at,
                "",
                public_id=variant.public_id,
                sku=variant.data.sku,
                barcode=variant.data.barcode,
                price=plain(variant.data.price_minor, currency),
                compare_at=plain(variant.data.compare_at_minor, currency),
                cost=plain(variant.data.cost_minor, currency),
                weight=str(variant.data.weight_grams or ""),
                image=variant.data.image or "",
                alert=alerts.get(variant.public_id, ""),
                stock=dict(had),
                had=had,
            )
        )
    sold = {variant.at for variant in draft.variants}
    draft.grid()
    for row in draft.variants:
        row.sell = row.at in sold
    return draft


def of_form(form: Any, locations: Iterable[str]) -> Draft:
    """The editor as it was sent."""
    texts = {lang: {name: _get(form, f"{name}-{lang}") for name in TEXTS} for lang in LANGS}
    options = []
    for place in range(OPTIONS):
        values = [
            ValueDraft(
                row,
                _get(form, f"option-{place}-{row}-key"),
                {lang: _get(form, f"option-{place}-{row}-{lang}") for lang in LANGS},
                _get(form, f"option-{place}-{row}-swatch"),
            )
            for row in range(MOST_VALUES)
            if f"option-{place}-{row}-en" in form
        ]
        names = {lang: _get(form, f"option-{place}-name-{lang}") for lang in LANGS}
        options.append(OptionDraft(names, values))
    draft = Draft(
        texts,
        _spare(options),
        version=_get(form, "version"),
        kind=_get(form, "kind") or "physical",
        category=_get(form, "category"),
        brand=_get(form, "brand"),
        tags=_get(form, "tags"),
        slug=_get(form, "slug"),
        validity_days=_get(form, "validity_days"),
        tax_class=_get(form, "tax_class")[:40],
        tracked="tracked" in form,
    )
    columns = list(locations)
    for row in range(MOST_VARIANTS + 1):
        if f"variant-{row}-at" not in form:
            break
        draft.variants.append(_variant(form, f"variant-{row}-", columns))
    draft.grid()
    return draft


def _variant(form: Any, prefix: str, locations: list[str]) -> VariantDraft:
    at = _get(form, prefix + "at")
    places = tuple(int(part) for part in at.split(".") if part.isascii() and part.isdigit())
    return VariantDraft(
        places,
        "",
        public_id=_get(form, prefix + "id"),
        sku=_get(form, prefix + "sku"),
        barcode=_get(form, prefix + "barcode"),
        price=_get(form, prefix + "price"),
        compare_at=_get(form, prefix + "compare_at"),
        cost=_get(form, prefix + "cost"),
        weight=_get(form, prefix + "weight"),
        image=_get(form, prefix + "image"),
        sell=prefix + "sell" in form,
        alert=_get(form, prefix + "alert"),
        stock={one: _get(form, f"{prefix}stock-{one}") for one in locations},
        had={one: _get(form, f"{prefix}had-{one}") for one in locations},
    )


def _option(option: OptionData) -> OptionDraft:
    values = [
        ValueDraft(
            place,
            value.key,
            {lang: str(value.labels.get(lang, "")) for lang in LANGS},
            value.swatch or "",
        )
        for place, value in enumerate(option.values)
    ]
    return OptionDraft({lang: str(option.names.get(lang, "")) for lang in LANGS}, values)


def _spare(options: list[OptionDraft]) -> list[OptionDraft]:
    """Every option ends in empty rows to type into, and there are always three options."""
    for option in options:
        last = max((value.place for value in option.values), default=-1)
        empty = sum(not value.label for value in option.values)
        for _ in range(SPARE - empty):
            last += 1
            option.values.append(ValueDraft(last, "", dict.fromkeys(LANGS, "")))
    while len(options) < OPTIONS:
        values = [ValueDraft(row, "", dict.fromkeys(LANGS, "")) for row in range(SPARE + 1)]
        options.append(OptionDraft(dict.fromkeys(LANGS, ""), values))
    return options


def _get(form: Any, name: str) -> str:
    return str(form.get(name, "")).replace("\r\n", "\n").strip()
