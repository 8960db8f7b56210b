"""Forms of collections and brands."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from shop.catalog import brand_queries
from shop.catalog import collection_rules as rules
from shop.catalog.folding import fold
from shop.catalog.views import CategoryNode
from shop.core.errors import Invalid
from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices


class Ticks(SelectMultipleField):
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CollectionForm(Form):
    """What a collection is called and which goods it holds."""

    key = IdempotencyField()
    title_en = StringField(lazy_gettext("Name"), [Length(max=120)])
    title_zh = StringField(lazy_gettext("Name"), [Length(max=120)])
    text_en = TextAreaField(lazy_gettext("Text"), [Length(max=2000)])
    text_zh = TextAreaField(lazy_gettext("Text"), [Length(max=2000)])
    slug = StringField(lazy_gettext("Address"), [Length(max=80)])
    kind = RadioField(
        lazy_gettext("Which goods"),
        choices=choices(
            [("hand", lazy_gettext("Picked by hand")), ("rule", lazy_gettext("By a rule"))]
        ),
        default="hand",
    )
    match = RadioField(
        lazy_gettext("Goods must meet"),
        choices=choices(
            [
                ("all", lazy_gettext("All conditions")),
                ("any", lazy_gettext("Any condition")),
            ]
        ),
        default="all",
    )
    categories = Ticks(lazy_gettext("In one of these categories, or below"))
    brands = StringField(lazy_gettext("Of one of these brands"), [Length(max=600)])
    tags = StringField(lazy_gettext("With one of these tags"), [Length(max=600)])
    price_from = MoneyField(lazy_gettext("Price from"))
    price_to = MoneyField(lazy_gettext("Price to"))
    days = IntegerField(
        lazy_gettext("Published within so many days"),
        [Optional(), NumberRange(1, 3650, lazy_gettext("Write a number from 1 to 3650."))],
    )
    offer = BooleanField(lazy_gettext("On offer"))
    stock = BooleanField(lazy_gettext("In stock"))
    stores = Ticks(lazy_gettext("Of one of these stores"))
    platform = BooleanField(lazy_gettext("Of all stores, not of this one only"))
    published = BooleanField(lazy_gettext("Shown in the shop"))


class BrandForm(Form):
    """A brand's name, address and what is said of it."""

    name = StringField(lazy_gettext("Name"), [Required(), Length(max=160)])
    slug = StringField(lazy_gettext("Address"), [Required(), Length(max=120)])
    text_en = TextAreaField(lazy_gettext("Text"), [Length(max=2000)])
    text_zh = TextAreaField(lazy_gettext("Text"), [Length(max=2000)])


class MergeForm(Form):
    """The brand that another one really is."""

    into = SelectField(
        lazy_gettext("It is the same as"), [Required(lazy_gettext("Choose a brand."))]
    )


def listed(text: str | None) -> list[str]:
    """What was written with commas between."""
    plain = (text or "").replace("，", ",").replace("、", ",")
    return list(dict.fromkeys(part.strip() for part in plain.split(",") if part.strip()))


def rule_of(
    form: CollectionForm, nodes: Iterable[CategoryNode], stores: dict[str, int]
) -> rules.Rule:
    """The rule that was described. ``stores``: public id → id.

    Raises ``Invalid`` as ``collection_rules.parse`` does, and "brand-name-unknown".
    """
    found: list[dict[str, Any]] = []
    ids = {node.public_id: node.id for node in nodes}
    if form.categories.data:
        found.append({"field": "category", "ids": [ids[one] for one in form.categories.data]})
    named = listed(form.brands.data)
    if named:
        known = brand_queries.ids_by_name(named)
        missing = [name for name in named if fold(name) not in known]
        if missing:
            raise Invalid("brand-name-unknown", field="brands", name=missing[0])
        found.append({"field": "brand", "ids": list({known[fold(name)] for name in named})})
    if listed(form.tags.data):
        found.append({"field": "tag", "texts": listed(form.tags.data)})
    if form.price_from.data is not None or form.price_to.data is not None:
        found.append({"field": "price", "from": form.price_from.data, "to": form.price_to.data})
    if form.days.data is not None:
        found.append({"field": "new", "days": form.days.data})
    found += [{"field": name} for name in ("offer", "stock") if form[name].data]
    if form.stores.data:
        found.append({"field": "store", "ids": [stores[one] for one in form.stores.data]})
    return rules.parse({"match": form.match.data, "conditions": found})


def fill_rule(
    form: CollectionForm,
    rule: rules.Rule,
    nodes: Iterable[CategoryNode],
    stores: dict[str, int],
) -> None:
    """Show a rule in the form."""
    form.kind.data, form.match.data = "rule", "all" if rule.every else "any"
    chosen = set(rule.ids("category"))
    form.categories.data = [node.public_id for node in nodes if node.id in chosen]
    form.stores.data = [one for one, store_id in stores.items() if store_id in rule.ids("store")]
    form.brands.data = ", ".join(brand_queries.names(rule.ids("brand")))
    for condition in rule.conditions:
        if condition.field == "tag":
            form.tags.data = ", ".join(condition.texts)
        elif condition.field == "price":
            form.price_from.data, form.price_to.data = condition.low, condition.high
        elif condition.field == "new":
            form.days.data = condition.days
        elif condition.field in {"offer", "stock"}:
            form[condition.field].data = True


def brand_choices(brands: Iterable[brand_queries.BrandView]) -> list[tuple[str, str]]:
    """The brands to choose from, after a line that is none."""
    return [("", gettext("Choose a brand")), *((one.public_id, one.name) for one in brands)]
