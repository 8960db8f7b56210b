"""On what terms services and downloads are sold: uses of a code, reminder, limits of downloads."""

from dataclasses import dataclass

from shop.catalog.terms_models import GoodsTerms
from shop.core.db import db
from shop.core.errors import Invalid

MOST_USES = 1000
LONGEST_REMINDER = 90
LONGEST = 9999


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a product; None of ``downloads`` and ``download_days`` is no limit."""

    uses: int = 1
    remind_days: int = 7
    downloads: int | None = None
    download_days: int | None = None


USUAL = Terms()


def of(product_id: int) -> Terms:
    """The terms of a product."""
    row = db.session.get(GoodsTerms, product_id)
    if row is None:
        return USUAL
    return Terms(row.uses, row.remind_days, row.downloads, row.download_days)


def change(product_id: int, terms: Terms) -> None:
    """Set the terms for what is bought from now on. Raises ``Invalid("terms-out-of-range")`` with the
    field, the least and the most."""
    for name, value, least, most in (
        ("uses", terms.uses, 1, MOST_USES),
        ("remind_days", terms.remind_days, 0, LONGEST_REMINDER),
        ("downloads", terms.downloads, 1, LONGEST),
        ("download_days", terms.download_days, 1, LONGEST),
    ):
        if value is not None and not least <= value <= most:
            raise Invalid("terms-out-of-range", field=name, minimum=least, maximum=most)
    row = db.session.get(GoodsTerms, product_id)
    if row is None:
        row = GoodsTerms(product_id=product_id)
        db.session.add(row)
    row.uses, row.remind_days = terms.uses, terms.remind_days
    row.downloads, row.download_days = terms.downloads, terms.download_days
