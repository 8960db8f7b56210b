"""What pricing is told of taxes: each store's rates at one destination."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from shop.campaigns.engine.tax import STANDARD, Rate, TaxRule
from shop.store import tax_queries
from shop.store.places import Destination
from shop.store.tax_queries import Taxes


def rules(
    store_ids: Collection[int],
    where: Destination | None,
    pickups: Mapping[int, Collection[str]] | None = None,
) -> dict[int, TaxRule]:
    """The taxes of stores for goods that go to ``where``; while that is not known, to the store's home.
    Stores without taxes are not named. ``pickups``: the regions in which the goods of each store can be
    fetched; a place that names none lies in the region of the store. One statement."""
    return {
        store_id: replace(
            rule(taxes, where),
            fetched={
                region: replace(
                    rule(taxes, Destination(taxes.settings.country, region)), estimated_for=None
                )
                for region in (pickups or {}).get(store_id, ())
            },
        )
        for store_id, taxes in tax_queries.of_stores(store_ids).items()
        if taxes.rates
    }


def rule(taxes: Taxes, where: Destination | None) -> TaxRule:
    """How one store taxes at one destination."""
    home = Destination(taxes.settings.country, taxes.settings.region)
    place, known = home, False
    if where is not None and where.country:
        # An address in the store's own country may come without its region: some forms ask for none.
        known = bool(where.province.strip()) or where.country != home.country or not home.region
        place = where if known else home
    rates = {code: _at(taxes, code, place) for code in taxes.classes}
    parcel = {
        (rate.name, rate.country, rate.region)
        for rate in taxes.rates
        if rate.tax_class == STANDARD and rate.applies_to_delivery
    }
    return TaxRule(
        included=taxes.settings.prices_include_tax,
        rounding=taxes.settings.rounding,
        rates=rates,
        delivery=tuple(
            rate
            for rate in rates.get(STANDARD, ())
            if (rate.name, rate.country, rate.region) in parcel
        ),
        active=True,
        estimated_for=None if known else (place.country, place.province),
    )


def _at(taxes: Taxes, code: str, place: Destination) -> tuple[Rate, ...]:
    """The country's rates and the region's. Of one name the region's holds, in the country's stead."""
    country, region = place.country.upper(), place.province.strip().casefold()
    found: dict[str, Rate] = {}
    for rate in sorted(taxes.rates, key=lambda one: one.region):  # the whole country comes first
        here = not rate.region or rate.region.casefold() == region
        if rate.tax_class == code and rate.country == country and here:
            found[rate.name.casefold()] = Rate(rate.name, rate.rate, rate.country, rate.region)
    return tuple(sorted(found.values()))
