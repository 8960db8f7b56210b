"""Saved replies: the settings page of a store's texts, and choosing one for an answer."""

from flask import Response, abort, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.review import saved_replies
from shop.review.saved_replies import SavedText
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import refused, went_to
from shop.web.ui.forms import Form, Required
from shop.web.ui.htmx import Undo, redirect_after_post, render, toast


class SavedReplyForm(Form):
    """A text and its title."""

    title = StringField(
        lazy_gettext("Title"),
        [
            Required(lazy_gettext("Give it a title that you find it by.")),
            Length(
                max=saved_replies.LONGEST_TITLE,
                message=lazy_gettext("Use at most 40 characters."),
            ),
        ],
    )
    text = TextAreaField(
        lazy_gettext("Reply"),
        [
            Required(lazy_gettext("Write a text.")),
            Length(
                max=saved_replies.LONGEST,
                message=lazy_gettext("Use at most 1,000 characters."),
            ),
        ],
    )


@bp.route("/settings/replies", methods=["GET", "POST"])
def saved_reply_list() -> Response:
    """All texts of the store; a new one is written here."""
    form = SavedReplyForm()
    return _page(form, None) if request.method == "GET" else _save(form, None)


@bp.route("/settings/replies/<reply>", methods=["GET", "POST"])
def saved_reply(reply: str) -> Response:
    """Change a text."""
    known = saved_replies.of_store(desk().store_id)
    found = next((one for one in known if one.public_id == reply), None)
    if found is None:
        abort(404)
    form = SavedReplyForm(obj=found if request.method == "GET" else None)
    return _page(form, found) if request.method == "GET" else _save(form, found)


@bp.post("/settings/replies/<reply>/removal")
def saved_reply_removal(reply: str) -> Response:
    """Take a text away; Undo writes it again."""
    try:
        with transaction():
            gone = saved_replies.remove(desk().store_id, reply)
            _note("saved_reply.remove", gone.title)
    except NotFound:
        abort(404)
    undo = Undo(url_for("admin.saved_reply_list"), {"title": gone.title, "text": gone.text})
    answer = redirect_after_post(url_for("admin.saved_reply_list"))
    return toast(answer, gettext("“%(title)s” is removed.", title=gone.title), undo)


def with_saved(typed: str) -> str | None:
    """What was typed with the text whose button was pressed; None where none was."""
    wanted = request.form.get("use")
    if wanted is None:
        return None
    try:
        return saved_replies.added(desk().store_id, wanted, typed)
    except NotFound:
        abort(404)


def _save(form: SavedReplyForm, found: SavedText | None) -> Response:
    if not form.validate():
        return _page(form, found, 422)
    title, text = str(form.title.data), str(form.text.data)
    try:
        with transaction():
            saved_replies.save(
                desk().store_id, found.public_id if found else None, title=title, text=text
            )
            _note("saved_reply.save", title)
    except (Invalid, Conflict) as error:
        refuse(form, error)
        return refused(_page(form, found), error)
    except NotFound:
        abort(404)
    return went_to(gettext("The reply is saved."), url_for("admin.saved_reply_list"))


def _page(form: SavedReplyForm, found: SavedText | None, status: int = 200) -> Response:
    return render(
        "admin/house/replies.html",
        status=status,
        form=form,
        chosen=found,
        texts=saved_replies.of_store(desk().store_id),
        most=saved_replies.MOST,
    )


def _note(action: str, title: str) -> None:
    here = desk()
    audit.write(
        action,
        f"store {here.store.slug}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        title=title,
    )
