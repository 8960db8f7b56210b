"""Choosing the language of a row inside the statement that reads it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import aliased

from shop.core.i18n import FALLBACKS


def ranking(locale_column: Any, locale: str) -> ColumnElement[int]:
    """How well the language of a row fits a reader of ``locale``: lower is better."""
    order = {fallback: place for place, fallback in enumerate(FALLBACKS, start=1)}
    return case({**order, locale: 0}, value=locale_column, else_=len(order) + 1)


def best(translation: Any, owner: str, owner_id: Any, locale: str) -> ColumnElement[bool]:
    """The ON condition that joins the one translation a reader of ``locale`` gets.

    ``owner`` names the foreign key of the translation's model. Same order of fall-backs as
    ``core.i18n.pick``, decided for the whole row.
    """
    candidate = aliased(translation)
    subquery: Select[Any] = (
        select(candidate.id)
        .where(getattr(candidate, owner) == owner_id)
        .order_by(ranking(candidate.locale, locale), candidate.id)
        .limit(1)
    )
    return bool_clause(translation.id == subquery.correlate(owner_id.table).scalar_subquery())


def bool_clause(clause: Any) -> ColumnElement[bool]:
    """A comparison of mapped attributes, typed as the condition it is."""
    condition: ColumnElement[bool] = clause
    return condition
