"""Reading reviews."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from shop.catalog.models import Product
from shop.catalog.views import ImageView
from shop.core.db import db
from shop.core.i18n import pick
from shop.core.lookups import Lookup, Rows, askable
from shop.order.models import Order, OrderLine
from shop.review import photos, votes
from shop.review.followups import may_follow
from shop.review.models import Review, ReviewReply
from shop.review.photo_models import ReviewPhoto
from shop.review.views import Followup, ReviewPage, ReviewView, Said
from shop.review.voice_models import ReviewFollowup, ReviewReport, ReviewVote
from shop.store.models import StoreTranslation

_later = aliased(ReviewFollowup)  # beside the one that a page joins
_WAITING = or_(
    Review.state == "pending",
    (Review.state == "published")
    & Review.id.in_(select(_later.review_id).where(_later.state == "pending")),
    Review.id.in_(select(ReviewReport.review_id).where(ReviewReport.closed_at.is_(None))),
)
"""What the store has yet to decide on."""


def for_product(
    product_id: int,
    locale: str,
    *,
    stars: int | None = None,
    only_photos: bool = False,
    by_helpful: bool = False,
    reader: int | None = None,
    after: str | None = None,
    limit: int = 6,
) -> ReviewPage:
    """Published reviews of a product, newest first (or those first that most find helpful), in four
    statements; with ``only_photos`` those that show some. ``reader``: who is signed in."""
    first = (ReviewPhoto.review_id == Review.id) & (ReviewPhoto.position == 0)
    later = photos.added_with_photos(product_id)
    rows = db.session.execute(
        select(
            Review.stars,
            func.count(),
            func.sum(case((ReviewPhoto.id.is_not(None) | Review.id.in_(later), 1), else_=0)),
        )
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
        where.append(
            Review.id.in_(select(ReviewPhoto.review_id).where(of_product)) | Review.id.in_(later)
        )
    page = _page(where, locale, after, limit, counts, by_helpful=by_helpful, reader=reader)
    return replace(page, with_photos=sum(int(shown) for *_, shown in rows))


def published(review: str, locale: str, reader: int | None) -> ReviewView | None:
    """A published review by its public id, as its reader sees it. Three statements."""
    where: list[Any] = [Review.public_id == review, Review.state == "published"]
    return next(iter(_page(where, locale, None, 1, {}, reader=reader).rows), None)


def with_photo(
    product_id: int, photo: str, locale: str, reader: int | None = None
) -> ReviewView | None:
    """The published review of a product that shows a photo (its public id), also in what was added to
    it. Three statements."""
    of_photo = photos.holding(product_id, photo)
    where: list[Any] = [Review.id.in_(of_photo), Review.state == "published"]
    return next(iter(_page(where, locale, None, 1, {}, reader=reader).rows), None)


def admin_list(
    store_ids: Sequence[int],
    locale: str,
    *,
    state: str = "",
    after: str | None = None,
    limit: int = 20,
) -> ReviewPage:
    """Reviews of some stores' goods, newest first; ``counts`` is empty. ``state`` "pending": all that
    wait for a decision, also on what was added or reported later."""
    where: list[Any] = [Order.store_id.in_(store_ids)]
    if state == "pending":
        where.append(_WAITING)
    elif state:
        where.append(Review.state == state)
    return _page(where, locale, after, limit, {}, inside=True)


@askable
def state_counts(store_ids: Sequence[int]) -> Lookup[dict[str, int]]:
    """How many reviews of some stores wait for a decision, are published and are hidden."""
    return Lookup(
        _by_state,
        select(
            Review.state,
            func.count().label("many"),
            func.coalesce(func.sum(case((_WAITING, 1), else_=0)), 0).label("waiting"),
        )
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.store_id.in_(store_ids))
        .group_by(Review.state),
    )


def _by_state(rows: Rows) -> dict[str, int]:
    found = {"pending": 0, "published": 0, "hidden": 0}
    for state, many, waiting in rows:
        found["pending"] += int(waiting)
        if state != "pending":
            found[state] = int(many)
    return found


@askable
def of_lines(line_ids: Collection[int]) -> Lookup[dict[int, Said]]:
    """What became of the review of each line that has one."""
    return Lookup(
        _said,
        select(
            Review.order_line_id,
            Review.state,
            Review.hidden_reason,
            Review.created_at,
            ReviewFollowup.state.label("followup"),
        )
        .outerjoin(ReviewFollowup, ReviewFollowup.review_id == Review.id)
        .where(Review.order_line_id.in_(line_ids)),
    )


def _said(rows: Rows) -> dict[int, Said]:
    return {
        row.order_line_id: Said(
            row.state,
            row.hidden_reason,
            row.followup,
            may_follow(row.state, row.created_at, row.followup),
        )
        for row in rows
    }


def _after(after: str | None, by_helpful: bool) -> list[Any]:
    """Where a page begins: below an id, or below so many votes and an id."""
    parts = (after or "").split(".")
    if len(parts) != 1 + by_helpful or not all(
        part.isascii() and part.isdigit() and len(part) < 19 for part in parts
    ):
        return []
    if not by_helpful:
        return [Review.id < int(parts[0])]
    votes_, id_ = int(parts[0]), int(parts[1])
    return [or_(Review.helpful < votes_, (Review.helpful == votes_) & (Review.id < id_))]


def _page(
    where: list[Any],
    locale: str,
    after: str | None,
    limit: int,
    counts: dict[int, int],
    *,
    by_helpful: bool = False,
    reader: int | None = None,
    inside: bool = False,
) -> ReviewPage:
    where += _after(after, by_helpful)
    order = (Review.helpful.desc(), Review.id.desc()) if by_helpful else (Review.id.desc(),)
    joined = ReviewFollowup.review_id == Review.id
    if not inside:
        joined &= ReviewFollowup.state == "published"
    found = db.session.execute(
        select(
            Review,
            OrderLine,
            Product.slug,
            Order.number,
            Order.store_id,
            ReviewReply,
            ReviewFollowup,
            ReviewVote.user_id,
        )
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == Review.product_id)
        .outerjoin(ReviewReply, ReviewReply.review_id == Review.id)
        .outerjoin(ReviewFollowup, joined)
        # Nobody's number is 0: who is not signed in has voted for nothing.
        .outerjoin(
            ReviewVote, (ReviewVote.review_id == Review.id) & (ReviewVote.user_id == (reader or 0))
        )
        .where(*where)
        .order_by(*order)
        .limit(limit + 1)
    ).all()
    names: dict[int, dict[str, str]] = {}
    for store_id, language, name in db.session.execute(
        select(StoreTranslation.store_id, StoreTranslation.locale, StoreTranslation.name).where(
            StoreTranslation.store_id.in_({row[4] for row in found})
        )
    ):
        names.setdefault(store_id, {})[language] = name
    review_ids = [row[0].id for row in found[:limit]]
    shown = photos.of_reviews(review_ids)
    reports = votes.reported(review_ids) if inside else {}
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
            photos=shown[review.id].first,
            hidden_reason=review.hidden_reason,
            helpful=review.helpful,
            mine=reader is not None and review.user_id == reader,
            voted=voter is not None,
            followup=_added(review, added, shown[review.id].later),
            reports=reports.get(review.id, {}),
        )
        for review, line, slug, number, store_id, answer, added, voter in found[:limit]
    ]
    cursor = None
    if len(found) > limit:
        last = found[limit - 1][0]
        cursor = f"{last.helpful}.{last.id}" if by_helpful else str(last.id)
    return ReviewPage(counts, rows, cursor)


def _added(
    review: Review, row: ReviewFollowup | None, pictures: list[ImageView]
) -> Followup | None:
    if row is None:
        return None
    days = (row.created_at - review.created_at).days
    return Followup(row.text, row.locale, row.state, row.hidden_reason, days, pictures)
