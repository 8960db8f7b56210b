"""The queue of reviews: publish, hide, reply."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import reviews as reading
from shop.core import audit
from shop.core.errors import Invalid, NotFound
from shop.core.transaction import transaction
from shop.review import queries, services
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import done
from shop.web.ui.htmx import Undo, is_partial, render, toast
from shop.web.ui.locale import current_lang

VIEWS = ("pending", "published", "hidden", "all")


@bp.get("/reviews")
def reviews() -> Response:
    """Reviews that wait come first; the others by state."""
    here = desk()
    view = request.args.get("view", "pending")
    view = view if view in VIEWS else "pending"
    after = request.args.get("after")
    page = queries.admin_list(
        here.store_ids, current_lang(), state="" if view == "all" else view, after=after
    )
    shown: dict[str, Any] = {"view": view, "page": page}
    if after and is_partial():
        return render("admin/reviews/_more.html", **shown)
    counts = queries.state_counts(here.store_ids)
    return render("admin/reviews/list.html", counts=counts, **shown)


@bp.post("/reviews/<review>/state")
def review_state(review: str) -> Response:
    """Publish, hide, or let it wait again."""
    here = desk()
    old = _one_or_404(review).state
    state = request.form.get("state", "")
    message, undo = "", None
    try:
        with transaction():
            services.set_state(review, state, store_ids=here.store_ids)
            _audit(review, state)
    except Invalid as error:
        message = say(error)
    else:
        message = {
            "published": gettext("Review published."),
            "hidden": gettext("Review hidden."),
            "pending": gettext("The review waits again."),
        }[state]
        undo = Undo(url_for("admin.review_state", review=review), {"state": old})
    if is_partial():
        answer = render("admin/reviews/_review.html", review=_one_or_404(review), handled=True)
        return toast(answer, message, undo)
    return done(message, url_for("admin.reviews"), undo)


@bp.post("/reviews/<review>/reply")
def review_reply(review: str) -> Response:
    """Answer, and publish at once when asked to."""
    here = desk()
    _one_or_404(review)
    text = request.form.get("text", "").replace("\r\n", "\n")
    publish = "publish" in request.form
    try:
        with transaction():
            services.reply(review, text, user_id=here.user_id, store_ids=here.store_ids)
            if publish:
                services.set_state(review, "published", store_ids=here.store_ids)
                _audit(review, "published")
    except (Invalid, NotFound) as error:
        if is_partial():
            return render(
                "admin/reviews/_review.html",
                status=422,
                review=_one_or_404(review),
                typed=text,
                problem=say(error),
            )
        return done(say(error), url_for("admin.reviews"))
    said = gettext("Reply saved and review published.") if publish else gettext("Reply saved.")
    if is_partial():
        answer = render("admin/reviews/_review.html", review=_one_or_404(review), handled=True)
        return toast(answer, said)
    return done(said, url_for("admin.reviews"))


def _one_or_404(public_id: str) -> queries.ReviewView:
    found = reading.one(public_id, desk().store_ids, current_lang())
    if found is None:
        abort(404)
    return found


def _audit(review: str, state: str) -> None:
    here = desk()
    audit.write(
        "review.state",
        f"review {review}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        state=state,
    )
