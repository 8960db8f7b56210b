"""What must hold of reviews, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.catalog.models import ListingRow
from shop.core.db import db
from shop.review import votes
from shop.review.models import Review


def differences() -> list[str]:
    """Kept means and counts of votes that are not those of their ledgers."""
    return _means() + votes.differences()


def _means() -> list[str]:
    """Products whose kept mean is not that of their published reviews."""
    real = (
        select(Review.product_id, func.count().label("n"), func.sum(Review.stars).label("total"))
        .where(Review.state == "published")
        .group_by(Review.product_id)
        .subquery()
    )
    n, total = func.coalesce(real.c.n, 0), func.coalesce(real.c.total, 0)
    rows = db.session.execute(
        select(ListingRow.product_id, ListingRow.rating_count, ListingRow.rating_sum, n, total)
        .outerjoin(real, real.c.product_id == ListingRow.product_id)
        .where((ListingRow.rating_count != n) | (ListingRow.rating_sum != total))
    )
    return [
        f"listing_row of product {pid}: {count} ratings summing to {kept}, published reviews are {n} "
        f"summing to {total}"
        for pid, count, kept, n, total in rows
    ]
