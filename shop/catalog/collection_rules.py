"""The rule of a collection: conditions as plain data, checked here and turned into SQL.

As kept: ``{"match": "all" | "any", "conditions": [...]}`` with conditions such as
``{"field": "category", "ids": [3]}`` (and what lies below; one of them suffices), ``{"field": "brand",
"ids": [7]}``, ``{"field": "tag", "texts": ["gift"]}``, ``{"field": "price", "from": 1000, "to": None}``
(minor units, the lowest price of a product), ``{"field": "offer"}``, ``{"field": "stock"}``,
``{"field": "new", "days": 30}``, ``{"field": "store", "ids": [1]}``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from shop.catalog.models import Category, ListingRow, Product
from shop.core.errors import Invalid
from shop.core.money import MAX_MINOR

MATCHES = ("all", "any")
MOST_VALUES = 50
MOST_DAYS = 3650
_IDS = ("category", "brand", "store")
_PLAIN = ("offer", "stock")
_BIG = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; which of the values it has depends on ``field``."""

    field: str
    ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """All of the conditions must hold, or (``every`` false) any one."""

    every: bool
    conditions: tuple[Condition, ...]

    @property
    def timed(self) -> bool:
        """Whether time alone changes what it takes in."""
        return self.asks("new")

    def asks(self, field: str) -> bool:
        """Whether one of its conditions is of this kind."""
        return any(condition.field == field for condition in self.conditions)

    def ids(self, field: str) -> tuple[int, ...]:
        """The ids that its condition of this kind names."""
        return next((one.ids for one in self.conditions if one.field == field), ())

    def as_data(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {
            "match": "all" if self.every else "any",
            "conditions": [_as_data(condition) for condition in self.conditions],
        }


def parse(data: Mapping[str, Any]) -> Rule:
    """Read a rule of plain values.

    Raises ``Invalid``: "rule-match", "rule-empty", "rule-field", "rule-values", "rule-price", "rule-days".
    """
    match, conditions = data.get("match"), data.get("conditions")
    if match not in MATCHES:
        raise Invalid("rule-match", field="match")
    if not isinstance(conditions, list | tuple) or not conditions:
        raise Invalid("rule-empty", field="rule")
    read = tuple(_parse(one) for one in conditions)
    if len({condition.field for condition in read}) != len(read):
        raise Invalid("rule-field", field="rule")  # of each kind there is one
    return Rule(match == "all", read)


def _parse(data: Any) -> Condition:
    field = data.get("field") if isinstance(data, Mapping) else None
    if field in _PLAIN:
        return Condition(field)
    if field in _IDS:
        return Condition(field, ids=tuple(_values(data.get("ids"), int)))
    if field == "tag":
        texts = [text.strip()[:120] for text in _values(data.get("texts"), str)]
        if not all(texts):
            raise Invalid("rule-values", field="tag")
        return Condition(field, texts=tuple(dict.fromkeys(texts)))
    if field == "price":
        low: int | None = data.get("from")
        high: int | None = data.get("to")
        for bound in (low, high):
            if bound is not None and (type(bound) is not int or not 0 <= bound < MAX_MINOR):
                raise Invalid("rule-price", field="price_to")
        if low is None and high is None:
            raise Invalid("rule-price", field="price_to")
        if low is not None and high is not None and low > high:
            raise Invalid("rule-price", field="price_to")
        return Condition(field, low=low, high=high)
    if field == "new":
        days = data.get("days")
        if type(days) is not int or not 1 <= days <= MOST_DAYS:
            raise Invalid("rule-days", field="days", limit=MOST_DAYS)
        return Condition(field, days=days)
    raise Invalid("rule-field", field="rule")


def _values(found: Any, kind: type) -> Iterator[Any]:
    if not isinstance(found, list | tuple) or not 1 <= len(found) <= MOST_VALUES:
        raise Invalid("rule-values", field="rule", limit=MOST_VALUES)
    for value in found:
        if type(value) is not kind or (isinstance(value, int) and not 0 < value < _BIG):
            raise Invalid("rule-values", field="rule", limit=MOST_VALUES)
        yield value


def _as_data(condition: Condition) -> dict[str, Any]:
    data: dict[str, Any] = {"field": condition.field}
    if condition.field in _IDS:
        data["ids"] = list(condition.ids)
    elif condition.field == "tag":
        data["texts"] = list(condition.texts)
    elif condition.field == "price":
        data |= {"from": condition.low, "to": condition.high}
    elif condition.field == "new":
        data["days"] = condition.days
    return data


def matching(rule: Rule, store_id: int | None, at: datetime) -> ColumnElement[bool]:
    """What the rule takes in at ``at``, as a condition on ``listing_row`` joined with ``product``.

    Of what is on sale, and of the collection's own store if it has one.
    """
    parts = [_condition(one, at) for one in rule.conditions]
    found = and_(ListingRow.published_at.is_not(None), (and_ if rule.every else or_)(*parts))
    return found if store_id is None else and_(found, ListingRow.store_id == store_id)


def _condition(condition: Condition, at: datetime) -> ColumnElement[bool]:
    if condition.field == "category":
        return ListingRow.category_id.in_(_subtree(condition.ids))
    if condition.field == "brand":
        return Product.brand_id.in_(condition.ids)
    if condition.field == "store":
        return ListingRow.store_id.in_(condition.ids)
    if condition.field == "tag":
        held = literal(", ").concat(func.lower(Product.tags)).concat(", ")
        return or_(
            *(held.contains(f", {text.lower()}, ", autoescape=True) for text in condition.texts)
        )
    if condition.field == "price":
        bounds: list[ColumnElement[bool]] = []
        if condition.low is not None:
            bounds.append(ListingRow.price_minor >= condition.low)
        if condition.high is not None:
            bounds.append(ListingRow.price_minor <= condition.high)
        return and_(*bounds)
    if condition.field == "offer":
        return ListingRow.compare_at_minor > ListingRow.price_minor
    if condition.field == "stock":
        return ListingRow.available.is_(True)
    return ListingRow.published_at > at - timedelta(days=condition.days)


def _subtree(category_ids: tuple[int, ...]) -> Select[int]:
    """The categories and all below them. Unnamed, since one statement may ask for several."""
    tree = select(Category.id).where(Category.id.in_(category_ids)).cte(recursive=True)
    tree = tree.union(select(Category.id).join(tree, Category.parent_id == tree.c.id))
    return select(tree.c.id)
