"""Taxes of stores for tests, set up through the services."""

from shop.core.transaction import transaction
from shop.store import tax_queries, tax_services
from shop.store.tax_data import RateData, TaxSettings


def make_taxes(
    store_id: int,
    *rates: tuple[str, str, str, str, int],
    included: bool = True,
    rounding: str = "line",
    home: str = "CN",
    region: str = "",
) -> None:
    """Rates as (class, country, region, name, hundred-thousandths); 13 % in China when none is given."""
    with transaction():
        tax_services.save_settings(store_id, TaxSettings(included, rounding, home, region))
        tax_services.save_rates(
            store_id,
            [RateData(*rate) for rate in rates or [("standard", "CN", "", "VAT", 13_000)]],
        )


def taxes_of(store_id: int) -> dict[str, str]:
    """A class of a store and a rate of it: what names them in addresses."""
    with transaction():
        code = tax_services.add_class(store_id, f"Books {store_id}")
        tax_services.save_rate(store_id, RateData(code, "GB", "", "VAT", 0))
    (rate,) = tax_queries.rates(store_id)
    return {"tax_class": code, "tax_rate": rate.public_id}
