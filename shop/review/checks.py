"""What must hold of reviews, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.catalog.models import ListingRow
from shop.core.db import db
from shop.core.repairs import Repair
from shop.review import votes
from shop.review.models import Review


def differences() -> list[str]:
    """Kept means and counts of votes that are not those of their ledgers."""
    return _means() + votes.differences()


def means_apart() -> list[tuple[int, int, int, int, int]]:
    """Products whose kept mean is not that of their published reviews: id, kept count and sum, right ones."""
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
    return [tuple(row) for row in rows]


def _means() -> list[str]:
    return [
        f"listing_row of product {pid}: {count} ratings summing to {kept}, published reviews are {n} "
        f"summing to {total}"
        for pid, count, kept, n, total in means_apart()
    ]


def repairs() -> list[Repair]:
    """Kept means and counts of votes brought back to what their ledgers say."""
    found = [Repair(Review.helpful, {"id": rid}, kept, many) for rid, kept, many in votes.apart()]
    for pid, count, kept, n, total in means_apart():
        for column, was, becomes in (
            (ListingRow.rating_count, count, int(n)),
            (ListingRow.rating_sum, kept, int(total)),
        ):
            if was != becomes:
                found.append(Repair(column, {"product_id": pid}, was, becomes))
    return found
