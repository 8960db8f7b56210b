"""Reviewing a bought line, and adding to the review later."""

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from shop.catalog.photos import MOST_PHOTOS
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.order.views import LineView, OrderView
from shop.review import followups, services
from shop.review import queries as reviews
from shop.web.extensions import limiter
from shop.web.order import access
from shop.web.order.forms import FollowupForm, ReviewForm
from shop.web.order.review_photos import chosen
from shop.web.ui.errors import status_of
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.photo_choice import Chosen
from shop.web.ui.visitor import user_id


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule(
        "/orders/<number>/lines/<line>/review",
        "review",
        limiter.limit("60 per 10 minutes", methods=["POST"])(review),
        methods=["GET", "POST"],
    )
    bp.add_url_rule(
        "/orders/<number>/lines/<line>/review/addition",
        "followup",
        limiter.limit("20 per 10 minutes", methods=["POST"])(followup),
        methods=["GET", "POST"],
    )


def followup(number: str, line: str) -> Response:
    """What is added to a review after a time of use, with photos, once."""
    view = access.allowed(number)
    found = next((row for row in view.lines if row.public_id == line), None)
    said = reviews.of_lines([found.id]).get(found.id) if found else None
    if found is None or said is None:
        abort(404)
    form = FollowupForm()
    if request.method == "GET":
        return _followup_page(view, found, form, Chosen())
    photos = chosen(f"later:{line}") if said.may_follow else Chosen()
    if said.may_follow and _only_adds(photos):
        return _followup_page(view, found, form, photos, 422 if photos.problems else 200)
    if not form.validate() or photos.problems:
        return _followup_page(view, found, form, photos, 422)
    try:
        with transaction():
            followups.post(
                view.id,
                line,
                text=form.text.data or "",
                locale=current_lang(),
                pictures=list(photos.kept.values()),
            )
    except ShopError as error:
        form.refuse(error)
        return _followup_page(view, found, form, photos, status_of(error))
    answer = redirect_after_post(access.status_url(number))
    return toast(answer, _("Thank you. It appears once the shop has read it."))


def _followup_page(
    view: OrderView, line: LineView, form: FollowupForm, photos: Chosen, status: int = 200
) -> Response:
    return render(
        "order/followup.html",
        block="followup_form",
        status=status,
        order=view,
        line=line,
        form=form,
        photos=photos,
        most_photos=MOST_PHOTOS,
        key=access.key_of(view.number),
    )


def review(number: str, line: str) -> Response:
    """Stars, a title, a text and photos for one line of a received order."""
    view = access.allowed(number)
    found = next((row for row in view.lines if row.public_id == line), None)
    if found is None:
        abort(404)
    form = ReviewForm()
    if request.method == "GET":
        return _page(view, found, form, Chosen())
    # Pictures are made only for who can post them: it takes a while.
    open_ = view.can_review and not reviews.of_lines([found.id])
    photos = chosen(line) if open_ else Chosen()
    if open_ and _only_adds(photos):
        return _page(view, found, form, photos, 422 if photos.problems else 200)
    if not form.validate() or photos.problems:
        return _page(view, found, form, photos, 422)
    author = current_user.name if user_id() is not None else view.contact.name
    try:
        with transaction():
            services.post(
                view.id,
                line,
                stars=int(form.stars.data or 0),
                title=form.title.data or "",
                text=form.text.data or "",
                locale=current_lang(),
                author=author,
                user_id=view.user_id,
                pictures=list(photos.kept.values()),
            )
    except ShopError as error:
        form.refuse(error)
        return _page(view, found, form, photos, status_of(error))
    answer = redirect_after_post(access.status_url(number))
    return toast(answer, _("Thank you. Your review appears once the shop has read it."))


def _only_adds(photos: Chosen) -> bool:
    """Whether the form was sent for its photos alone: by the button for it, or by the script of the page
    as soon as some were chosen."""
    return "add" in request.form or (photos.came and is_partial() and "post" not in request.form)


def _page(
    view: OrderView, line: LineView, form: ReviewForm, photos: Chosen, status: int = 200
) -> Response:
    return render(
        "order/review.html",
        block="review_form",
        status=status,
        order=view,
        line=line,
        form=form,
        photos=photos,
        most_photos=MOST_PHOTOS,
        key=access.key_of(view.number),
    )
