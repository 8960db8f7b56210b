"""The queue of reviews: publish, hide with a reason, reply; one by one or together."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.analytics import reviews as reading
from shop.core import audit
from shop.core.errors import Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.review import followups, queries, services
from shop.review.views import ReviewView
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import done
from shop.web.admin.saved_replies import with_saved
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
    old = _one_or_404(review)
    state, reason = request.form.get("state", ""), request.form.get("reason", "")
    message, undo = "", None
    try:
        with transaction():
            services.set_state(review, state, store_ids=here.store_ids, reason=reason)
            _audit(review, state, reason)
    except Invalid as error:
        message = say(error)
    else:
        message = {
            "published": gettext("Review published."),
            "hidden": gettext("Review hidden. Its writer sees why."),
            "pending": gettext("The review waits again."),
        }[state]
        back = {"state": old.state, "reason": old.hidden_reason}
        undo = Undo(url_for("admin.review_state", review=review), back)
    return _handled(review, message, undo)


@bp.post("/reviews/<review>/followup/state")
def followup_state(review: str) -> Response:
    """The same for what its writer added later."""
    here = desk()
    old = _one_or_404(review).followup
    if old is None:
        abort(404)
    state, reason = request.form.get("state", ""), request.form.get("reason", "")
    message, undo = "", None
    try:
        with transaction():
            followups.set_state(review, state, store_ids=here.store_ids, reason=reason)
            _audit(review, state, reason, "review.followup_state")
    except Invalid as error:
        message = say(error)
    else:
        message = {
            "published": gettext("The addition is published."),
            "hidden": gettext("The addition is hidden."),
            "pending": gettext("The addition waits again."),
        }[state]
        back = {"state": old.state, "reason": old.hidden_reason}
        undo = Undo(url_for("admin.followup_state", review=review), back)
    return _handled(review, message, undo)


@bp.post("/reviews/states")
def review_states() -> Response:
    """Publish, or hide for one reason, the reviews that are ticked, each by itself."""
    here = desk()
    chosen = request.form.getlist("review")[:200]
    state, reason = request.form.get("state", ""), request.form.get("reason", "")
    count, refusal = 0, ""
    for review in chosen:
        try:
            with transaction():
                services.set_state(review, state, store_ids=here.store_ids, reason=reason)
                _audit(review, state, reason)
            count += 1
        except ShopError as error:
            refusal = say(error)
    if not chosen:
        return done(gettext("Tick some reviews first."), url_for("admin.reviews"))
    said = refusal
    if count and state == "published":
        said = ngettext("%(num)s review published.", "%(num)s reviews published.", count)
    elif count:
        said = ngettext("%(num)s review hidden.", "%(num)s reviews hidden.", count)
    return done(said, url_for("admin.reviews"))


def _handled(review: str, message: str, undo: Undo | None) -> Response:
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
    filled = with_saved(text)
    if filled is not None:
        return _typed(review, filled)
    publish = "publish" in request.form
    try:
        with transaction():
            services.reply(review, text, user_id=here.user_id, store_ids=here.store_ids)
            if publish:
                services.set_state(review, "published", store_ids=here.store_ids)
                _audit(review, "published", "")
    except (Invalid, NotFound) as error:
        return _typed(review, text, 422, say(error))
    said = gettext("Reply saved and review published.") if publish else gettext("Reply saved.")
    if is_partial():
        answer = render("admin/reviews/_review.html", review=_one_or_404(review), handled=True)
        return toast(answer, said)
    return done(said, url_for("admin.reviews"))


def _typed(review: str, text: str, status: int = 200, problem: str = "") -> Response:
    """The review with what was typed, not saved yet; without scripts on a page of its own."""
    shown: dict[str, Any] = {"review": _one_or_404(review), "typed": text, "problem": problem}
    name = "admin/reviews/_review.html" if is_partial() else "admin/reviews/one.html"
    return render(name, status=status, **shown)


def _one_or_404(public_id: str) -> ReviewView:
    found = reading.one(public_id, desk().store_ids, current_lang())
    if found is None:
        abort(404)
    return found


def _audit(review: str, state: str, reason: str, action: str = "review.state") -> None:
    here = desk()
    audit.write(
        action,
        f"review {review}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        state=state,
        reason=reason,
    )
