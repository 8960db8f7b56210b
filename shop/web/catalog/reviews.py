"""What buyers say of a product, and what readers make of it."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.catalog import queries as catalog
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.review import queries as reviews
from shop.review import votes
from shop.review.views import ReviewPage
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import tree
from shop.web.extensions import limiter
from shop.web.ui.caching import private
from shop.web.ui.errors import register_message, words
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import user_id

for _code, _words in {
    "review-missing": lazy_gettext("This review is no longer there."),
    "review-own": lazy_gettext("This is your own review."),
    "reason-missing": lazy_gettext("Choose a reason."),
}.items():
    register_message(_code, _words)


@dataclass(frozen=True, slots=True)
class Reviews:
    """Some reviews of a product. ``stars``: only those with so many; ``photos``: 1 for only those that show
    some; ``by``: "helpful" for the most helpful first; ``more``: the next page's address."""

    slug: str
    page: ReviewPage
    stars: int | None
    more: str | None
    start: str | None
    photos: int | None = None
    by: str | None = None


@bp.get("/p/<slug>/reviews")
def review_list(slug: str) -> Response:
    """Published reviews, newest first, or by ``?by=helpful``; ``?stars=`` and ``?photos=1`` narrow. The
    product page brings them in."""
    product = catalog.product_page(slug, current_lang(), tree=tree())
    if product is None:
        moved.product(slug)
    typed = request.args.get("stars", "")
    stars = int(typed) if typed in {"1", "2", "3", "4", "5"} else None
    photos = 1 if request.args.get("photos") == "1" else None
    by = "helpful" if request.args.get("by") == "helpful" else None
    after = request.args.get("after")
    page = reviews.for_product(
        product.id,
        current_lang(),
        stars=stars,
        only_photos=bool(photos),
        by_helpful=by is not None,
        reader=user_id(),
        after=after,
    )
    address: dict[str, Any] = {"slug": slug, "stars": stars, "photos": photos, "by": by}
    more = None
    if page.next_cursor:
        more = url_for("catalog.review_list", **address, after=page.next_cursor)
    start = url_for("catalog.review_list", **address) if after else None
    found = Reviews(slug, page, stars, more, start, photos, by)
    if is_partial() and after:
        return render("catalog/_more_reviews.html", reviews=found)
    if is_partial():
        return render("catalog/_reviews.html", reviews=found)
    return render("catalog/reviews.html", product=product, reviews=found)


@bp.get("/p/<slug>/photos/<photo>")
def review_photo(slug: str, photo: str) -> Response:
    """A photo of a published review at its full size, with what was said and its neighbours."""
    product = catalog.product_page(slug, current_lang(), tree=tree())
    if product is None:
        moved.product(slug)
    review = reviews.with_photo(product.id, photo, current_lang(), user_id())
    if review is None:
        abort(404)
    place = next(n for n, one in enumerate(review.all_photos) if one.public_id == photo)
    return render("catalog/photo.html", product=product, review=review, place=place)


@bp.post("/reviews/<review>/vote")
@limiter.limit("60 per 10 minutes", methods=["POST"])
@private
@login_required
def vote_review(review: str) -> Response:
    """Find it helpful, or no longer."""
    helpful = request.form.get("helpful") != "0"
    try:
        with transaction():
            votes.vote(review, user_id=_reader(), helpful=helpful)
    except ShopError as error:
        return _seen(review, words(error))
    return _seen(review, _("Thank you.") if helpful else _("Taken back."))


@bp.post("/reviews/<review>/report")
@limiter.limit("10 per 10 minutes", methods=["POST"])
@private
@login_required
def report_review(review: str) -> Response:
    """Say that it breaks a rule; the store looks at it."""
    try:
        with transaction():
            votes.report(review, user_id=_reader(), reason=request.form.get("reason", ""))
    except ShopError as error:
        return _seen(review, words(error))
    return _seen(review, _("Thank you. The shop will look at it."))


def _reader() -> int:
    reader = user_id()
    if reader is None:  # the door was closed to them
        abort(403)
    return reader


def _seen(review: str, said: str) -> Response:
    """The review as it is now for htmx, else a way back to it."""
    found = reviews.published(review, current_lang(), user_id())
    if found is None:
        abort(404)
    if is_partial():
        return toast(render("catalog/_review.html", review=found), said)
    back = url_for("catalog.review_list", slug=found.product_slug, _anchor=f"review-{review}")
    return toast(redirect_after_post(back), said)
