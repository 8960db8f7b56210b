"""Setting a store's taxes up. What is changed here holds for orders to come, never for those that exist."""

import re
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.store.models import Store
from shop.store.tax_data import CLASSES, MOST, ROUNDINGS, RateData, TaxSettings
from shop.store.tax_models import TaxClass, TaxRate

LIMIT = 2000
"""How many rates a store may have: all of them are read for a cart."""

CLASS_LIMIT = 20


def save_settings(store_id: int, given: TaxSettings) -> None:
    """How prices stand to tax. Raises ``Invalid`` and ``NotFound``."""
    if given.rounding not in ROUNDINGS:
        raise Invalid("tax-rounding", field="rounding")
    country = _country(given.country) if given.country else ""
    changed = db.session.execute(
        update(Store)
        .where(Store.id == store_id)
        .values(
            prices_include_tax=given.prices_include_tax,
            tax_rounding=given.rounding,
            tax_country=country,
            tax_region=_region(given.region) if country else "",
        )
        .returning(Store.id)
    ).scalar()
    if changed is None:
        raise NotFound("store-unknown")
    _known(store_id)


def add_class(store_id: int, name: str) -> str:
    """A class of the merchant's own; returns its code. Raises ``Invalid``."""
    name = " ".join(name.split())
    code = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40]
    if not name or len(name) > 60:
        raise Invalid("tax-class-name", field="name")
    known = _known(store_id)
    if len(known) >= CLASS_LIMIT:
        raise Conflict("tax-classes-full", maximum=CLASS_LIMIT)
    code = code or f"class-{len(known) + 1}"  # a name in another writing has no letters of ours
    taken = db.session.scalar(
        select(TaxClass.id).where(
            TaxClass.store_id == store_id,
            (TaxClass.code == code) | (func.lower(TaxClass.name) == name.lower()),
        )
    )
    if taken is not None:
        raise Invalid("tax-class-taken", field="name", name=name)
    db.session.add(TaxClass(store_id=store_id, code=code, name=name, position=len(known)))
    db.session.flush()  # its rates name its id
    return code


def remove_class(store_id: int, code: str) -> None:
    """Forget a class of the merchant's own, with its rates. Its goods are of the standard class then."""
    if code in CLASSES:
        raise Conflict("tax-class-kept")
    class_id = db.session.scalar(
        select(TaxClass.id).where(TaxClass.store_id == store_id, TaxClass.code == code)
    )
    if class_id is None:
        raise NotFound("tax-class-unknown")
    db.session.execute(delete(TaxClass).where(TaxClass.id == class_id))


def save_rate(store_id: int, data: RateData) -> bool:
    """Keep a rate; one of the same class, place and name is changed. True when it is new.

    Raises ``Invalid``: "tax-class-unknown", "tax-country", "tax-region", "tax-name", "tax-rate";
    ``Conflict("tax-rates-full")``.
    """
    return save_rates(store_id, [data])[0] == 1


def save_rates(store_id: int, rates: Sequence[RateData]) -> tuple[int, int]:
    """Keep several rates, or none of them; returns how many are new and how many were changed."""
    known = _known(store_id)
    kept = {
        (row.class_id, row.country, row.region.casefold(), row.name.casefold()): row
        for row in db.session.scalars(
            select(TaxRate)
            .join(TaxClass, TaxClass.id == TaxRate.class_id)
            .where(TaxClass.store_id == store_id)
        )
    }
    added = changed = 0
    for data in rates:
        row = _checked(data, known)
        key = (row.class_id, row.country, row.region.casefold(), row.name.casefold())
        if key in kept:
            kept[key].rate, kept[key].applies_to_delivery = row.rate, row.applies_to_delivery
            changed += 1
        else:
            kept[key] = row
            db.session.add(row)
            added += 1
    if len(kept) > LIMIT:
        raise Conflict("tax-rates-full", maximum=LIMIT)
    db.session.flush()  # the unique rule decides here
    return added, changed


def remove_rate(store_id: int, public_id: str) -> None:
    """Forget a rate. Raises ``NotFound``."""
    own = select(TaxClass.id).where(TaxClass.store_id == store_id)
    gone = db.session.scalar(
        delete(TaxRate)
        .where(TaxRate.public_id == public_id, TaxRate.class_id.in_(own))
        .returning(TaxRate.id)
    )
    if gone is None:
        raise NotFound("tax-rate-unknown")


def _known(store_id: int) -> dict[str, int]:
    """Code → id of a store's classes; writes those that every store has the first time."""
    # Two people who begin at once must not both write them: the store's row is held.
    if db.session.scalar(select(Store.id).where(Store.id == store_id).with_for_update()) is None:
        raise NotFound("store-unknown")
    rows = dict(
        db.session.execute(
            select(TaxClass.code, TaxClass.id).where(TaxClass.store_id == store_id)
        ).all()
    )
    for position, code in enumerate(CLASSES):
        if code not in rows:
            row = TaxClass(store_id=store_id, code=code, position=position)
            db.session.add(row)
            db.session.flush()  # its id is needed
            rows[code] = row.id
    return rows


def _checked(data: RateData, known: dict[str, int]) -> TaxRate:
    name = " ".join(data.name.split())
    if data.tax_class not in known:
        raise Invalid("tax-class-unknown", field="tax_class", text=data.tax_class[:60])
    if not name or len(name) > 40:
        raise Invalid("tax-name", field="name")
    if not 0 <= data.rate <= MOST:
        raise Invalid("tax-rate", field="rate", text=str(data.rate)[:40])
    return TaxRate(
        class_id=known[data.tax_class],
        country=_country(data.country),
        region=_region(data.region),
        name=name,
        rate=data.rate,
        applies_to_delivery=data.applies_to_delivery,
    )


def _country(code: str) -> str:
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise Invalid("tax-country", field="country", text=code[:40])
    return code


def _region(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 80:
        raise Invalid("tax-region", field="region")
    return text
