"""Reading what a store taxes."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.store.models import Store
from shop.store.tax_data import CLASSES, RateView, TaxSettings
from shop.store.tax_models import TaxClass, TaxRate


@dataclass(frozen=True, slots=True)
class Taxes:
    """All of a store's taxes: ``classes`` are the codes it knows, ``rates`` of every place."""

    settings: TaxSettings
    classes: list[str]
    rates: list[RateView]


def of_stores(store_ids: Collection[int]) -> dict[int, Taxes]:
    """The taxes of the stores that have any classes. One statement."""
    rows = db.session.execute(
        select(
            Store.id.label("store_id"),
            Store.prices_include_tax,
            Store.tax_rounding,
            Store.tax_country,
            Store.tax_region,
            TaxClass.code,
            TaxRate.country,
            TaxRate.region,
            TaxRate.name,
            TaxRate.rate,
            TaxRate.applies_to_delivery,
            TaxRate.public_id,
        )
        .join(TaxClass, TaxClass.store_id == Store.id)
        .outerjoin(TaxRate, TaxRate.class_id == TaxClass.id)
        .where(Store.id.in_(store_ids))
        .order_by(TaxClass.position, TaxClass.id, TaxRate.country, TaxRate.region, TaxRate.name)
    )
    found: dict[int, Taxes] = {}
    for row in rows:
        taxes = found.get(row.store_id)
        if taxes is None:
            taxes = Taxes(
                TaxSettings(
                    row.prices_include_tax, row.tax_rounding, row.tax_country, row.tax_region
                ),
                [],
                [],
            )
            found[row.store_id] = taxes
        if row.code not in taxes.classes:
            taxes.classes.append(row.code)
        if row.public_id is not None:
            taxes.rates.append(
                RateView(
                    row.code,
                    row.country,
                    row.region,
                    row.name,
                    row.rate,
                    row.applies_to_delivery,
                    row.public_id,
                )
            )
    return found


def settings(store_id: int) -> TaxSettings:
    """A store's settings. Raises ``NotFound``."""
    row = db.session.execute(
        select(
            Store.prices_include_tax, Store.tax_rounding, Store.tax_country, Store.tax_region
        ).where(Store.id == store_id)
    ).first()
    if row is None:
        raise NotFound("store-unknown")
    return TaxSettings(*row)


def rates(store_id: int) -> list[RateView]:
    """A store's rates by country, region, class and name. One statement."""
    taxes = of_stores([store_id]).get(store_id)
    return sorted(
        taxes.rates if taxes else [],
        key=lambda rate: (
            (rate.country, rate.region, taxes.classes.index(rate.tax_class), rate.name)
            if taxes
            else ()
        ),
    )


def classes(store_id: int) -> list[tuple[str, str]]:
    """Codes and own names of a store's classes; those that every store has before it wrote any."""
    rows = db.session.execute(
        select(TaxClass.code, TaxClass.name)
        .where(TaxClass.store_id == store_id)
        .order_by(TaxClass.position, TaxClass.id)
    ).all()
    kept: dict[str, str] = dict(rows)
    return [(code, kept.pop(code, "")) for code in CLASSES] + list(kept.items())


def rate_count(store_id: int) -> int:
    """How many rates a store has."""
    query = (
        select(func.count()).select_from(TaxRate).join(TaxClass, TaxClass.id == TaxRate.class_id)
    )
    return db.session.scalar(query.where(TaxClass.store_id == store_id)) or 0


def taxed() -> ColumnElement[bool]:
    """Whether a store, of a statement about stores, has any rate."""
    return (
        select(TaxRate.id)
        .join(TaxClass, TaxClass.id == TaxRate.class_id)
        .where(TaxClass.store_id == Store.id)
        .correlate(Store)
        .exists()
    )
