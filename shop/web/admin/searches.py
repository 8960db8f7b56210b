"""What shoppers search for, and the store's words of the same meaning."""

from datetime import timedelta

from flask import Response, abort, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import Length

from shop.catalog.search import synonyms, tallies
from shop.core import audit, clock
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import refused, went_to
from shop.web.ui.forms import Form, Required
from shop.web.ui.htmx import render

VIEWS = ("", "nothing")
DAYS = 30


class SynonymsForm(Form):
    """Words of the same meaning, one a line or with commas between."""

    words = TextAreaField(
        lazy_gettext("Words of the same meaning"), [Required(), Length(max=600)], id="words"
    )

    def listed(self) -> list[str]:
        """The words that were written."""
        text = str(self.words.data or "")
        for sign in ",，、;；\r":
            text = text.replace(sign, "\n")
        return [word for word in text.split("\n") if word.strip()]


@bp.get("/search")
def searches() -> Response:
    """The searches of the last thirty days; the synonyms beside."""
    return _page(SynonymsForm(formdata=None))


@bp.post("/search/synonyms")
def add_synonyms() -> Response:
    """A new set of words."""
    form = SynonymsForm()
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            before = len(synonyms.of_store(desk().store_id))
            added = synonyms.add(desk().store_id, form.listed())
            if len(synonyms.of_store(desk().store_id)) > before:  # else they were there already
                _audit("synonyms.add", added, _words(added))
    except Invalid as error:
        refuse(form, error)
        return refused(_page(form, 422), error)
    return _went(gettext("The words are kept. Your goods are found by them in a moment."))


@bp.post("/search/synonyms/<synonyms_id>")
def change_synonyms(synonyms_id: str) -> Response:
    """Other words for a set."""
    if all(one.public_id != synonyms_id for one in synonyms.of_store(desk().store_id)):
        abort(404)
    form = SynonymsForm()
    if not form.validate():
        return _page(form, 422, synonyms_id)
    try:
        with transaction():
            synonyms.change(desk().store_id, synonyms_id, form.listed())
            _audit("synonyms.change", synonyms_id, _words(synonyms_id))
    except Invalid as error:
        refuse(form, error)
        return refused(_page(form, 422, synonyms_id), error)
    return _went(gettext("The words are kept. Your goods are found by them in a moment."))


@bp.post("/search/synonyms/<synonyms_id>/removal")
def remove_synonyms(synonyms_id: str) -> Response:
    """Forget a set."""
    with transaction():
        words = _words(synonyms_id)
        synonyms.remove(desk().store_id, synonyms_id)
        _audit("synonyms.remove", synonyms_id, words)
    return _went(gettext("The words are forgotten."))


def _words(public_id: str) -> list[str]:
    """The words of a set as they are kept."""
    sets = synonyms.of_store(desk().store_id)
    return next((one.words for one in sets if one.public_id == public_id), [])


def _audit(action: str, public_id: str, words: list[str]) -> None:
    here = desk()
    audit.write(
        action,
        f"synonyms {public_id}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        words=words,
    )


def _went(said: str) -> Response:
    return went_to(said, url_for("admin.searches") + "#synonyms")


def _page(form: SynonymsForm, status: int = 200, changing: str = "") -> Response:
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    since = clock.now().date() - timedelta(days=DAYS)
    return render(
        "admin/house/searches.html",
        block="main",
        status=status,
        form=form,
        changing=changing,
        view=view,
        rows=tallies.top(since, nothing_found=view == "nothing"),
        sets=synonyms.of_store(desk().store_id),
    )
