"""Reading reviews."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from shop.catalog.models import ListingRow, Product
from shop.catalog.views import ImageView
from shop.core.db import db
from shop.core.i18n import pick
from shop.order.models import Order, OrderLine
from shop.review import photos
from shop.review.models import Review, ReviewReply
from shop.review.photo_models import ReviewPhoto
from shop.store.models import StoreTranslation


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review with what was bought and the merchant's answer."""

    public_id: str
    author: str
    stars: int
    title: str
    text: str
    locale: str
    state: str
    created_at: datetime
    product_title: str
    product_slug: str
    options: str
    image_name: str | None
    order_number: str
    store_name: str
    reply: str
    replied_at: datetime | None
    photos: list[ImageView]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Published reviews of a product: how many of each star, and one page of them. ``with_photos``: how
    many of them show some."""

    counts: dict[int, int]
    rows: list[ReviewView]
    next_cursor: str | None
    with_photos: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float:
        """The mean of the stars, 0.0 without any."""
        return sum(s * n for s, n in self.counts.items()) / self.total if self.total else 0.0


def for_product(
    product_id: int,
    locale: str,
    *,
    stars: int | None = None,
    only_photos: bool = False,
    after: str | None = None,
    limit: int = 6,
) -> ReviewPage:
    """Published reviews of a product, newest first, in four statements; with ``only_photos``
    those that show some."""
    first = (ReviewPhoto.review_id == Review.id) & (ReviewPhoto.position == 0)
    rows = db.session.execute(
        select(Review.stars, func.count(), func.count(ReviewPhoto.id))
        .outerjoin(ReviewPhoto, first)
        .where(Review.product_id == product_id, Review.state == "published")
        .group_by(Review.stars)
    ).all()
    counts = dict.fromkeys(range(5, 0, -1), 0) | {star: int(n) for star, n, _ in rows}
    where: list[Any] = [Review.product_id == product_id, Review.state == "published"]
    if stars in counts:
        where.append(Review.stars == stars)
    if only_photos:
        of_product = (ReviewPhoto.product_id == product_id) & (ReviewPhoto.position == 0)
        where.append(Review.id.in_(select(ReviewPhoto.review_id).where(of_product)))
    page = _page(where, locale, after, limit, counts)
    return replace(page, with_photos=sum(int(shown) for *_, shown in rows))


def with_photo(product_id: int, photo: str, locale: str) -> ReviewView | None:
    """The published review of a product that shows a photo (its public id). Three statements."""
    of_photo = select(ReviewPhoto.review_id).where(
        ReviewPhoto.product_id == product_id, ReviewPhoto.public_id == photo
    )
    where: list[Any] = [Review.id.in_(of_photo), Review.state == "published"]
    return next(iter(_page(where, locale, None, 1, {}).rows), None)


def admin_list(
    store_ids: Sequence[int],
    locale: str,
    *,
    state: str = "",
    after: str | None = None,
    limit: int = 20,
) -> ReviewPage:
    """Reviews of some stores' goods, newest first; ``counts`` is empty."""
    where: list[Any] = [Order.store_id.in_(store_ids)]
    if state:
        where.append(Review.state == state)
    return _page(where, locale, after, limit, {})


def state_counts(store_ids: Sequence[int]) -> dict[str, int]:
    """How many reviews of some stores are pending, published and hidden."""
    rows = db.session.execute(
        select(Review.state, func.count())
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.store_id.in_(store_ids))
        .group_by(Review.state)
    )
    return {"pending": 0, "published": 0, "hidden": 0} | {state: int(n) for state, n in rows}


def of_lines(line_ids: Collection[int]) -> dict[int, str]:
    """The state of the review of each line that has one."""
    return dict(
        db.session.execute(
            select(Review.order_line_id, Review.state).where(Review.order_line_id.in_(line_ids))
        ).all()
    )


def _page(
    where: list[Any], locale: str, after: str | None, limit: int, counts: dict[int, int]
) -> ReviewPage:
    if after and after.isdigit() and len(after) < 19:
        where.append(Review.id < int(after))
    found = db.session.execute(
        select(Review, OrderLine, Product.slug, Order.number, Order.store_id, ReviewReply)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == Review.product_id)
        .outerjoin(ReviewReply, ReviewReply.review_id == Review.id)
        .where(*where)
        .order_by(Review.id.desc())
        .limit(limit + 1)
    ).all()
    names: dict[int, dict[str, str]] = {}
    for store_id, language, name in db.session.execute(
        select(StoreTranslation.store_id, StoreTranslation.locale, StoreTranslation.name).where(
            StoreTranslation.store_id.in_({row[4] for row in found})
        )
    ):
        names.setdefault(store_id, {})[language] = name
    shown = photos.of_reviews([row[0].id for row in found[:limit]])
    rows = [
        ReviewView(
            public_id=review.public_id,
            author=review.author,
            stars=review.stars,
            title=review.title,
            text=review.text,
            locale=review.locale,
            state=review.state,
            created_at=review.created_at,
            product_title=pick(line.titles, locale),
            product_slug=slug,
            options=pick(line.options, locale),
            image_name=line.image_name,
            order_number=number,
            store_name=pick(names.get(store_id), locale),
            reply=answer.text if answer else "",
            replied_at=answer.at if answer else None,
            photos=shown.get(review.id, []),
        )
        for review, line, slug, number, store_id, answer in found[:limit]
    ]
    cursor = str(found[limit - 1][0].id) if len(found) > limit else None
    return ReviewPage(counts, rows, cursor)


def differences() -> list[str]:
    """Products whose kept mean is not that of their published reviews, for ``flask doctor``."""
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
