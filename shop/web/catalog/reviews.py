"""What buyers say of a product."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for

from shop.catalog import queries as catalog
from shop.review import queries as reviews
from shop.review.queries import ReviewPage
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import tree
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang


@dataclass(frozen=True, slots=True)
class Reviews:
    """Some reviews of a product. ``stars``: only those with so many; ``photos``: 1 for only those that show
    some; ``more``: the next page's address."""

    slug: str
    page: ReviewPage
    stars: int | None
    more: str | None
    start: str | None
    photos: int | None = None


@bp.get("/p/<slug>/reviews")
def review_list(slug: str) -> Response:
    """Published reviews, newest first; ``?stars=`` and ``?photos=1`` narrow. The product page brings them in."""
    product = catalog.product_page(slug, current_lang(), tree=tree())
    if product is None:
        moved.product(slug)
    typed = request.args.get("stars", "")
    stars = int(typed) if typed in {"1", "2", "3", "4", "5"} else None
    photos = 1 if request.args.get("photos") == "1" else None
    after = request.args.get("after")
    page = reviews.for_product(
        product.id, current_lang(), stars=stars, only_photos=bool(photos), after=after
    )
    address: dict[str, Any] = {"slug": slug, "stars": stars, "photos": photos}
    more = None
    if page.next_cursor:
        more = url_for("catalog.review_list", **address, after=page.next_cursor)
    start = url_for("catalog.review_list", **address) if after else None
    found = Reviews(slug, page, stars, more, start, photos)
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
    review = reviews.with_photo(product.id, photo, current_lang())
    if review is None:
        abort(404)
    place = next(n for n, one in enumerate(review.photos) if one.public_id == photo)
    return render("catalog/photo.html", product=product, review=review, place=place)
