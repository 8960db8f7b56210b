"""Settings of a store's returns: how long shoppers may ask, how soon it answers, where goods go."""

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.order import return_terms
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, note
from shop.web.admin.messages import refuse
from shop.web.admin.replies import went_to
from shop.web.ui.forms import Form
from shop.web.ui.htmx import render

_WHOLE = InputRequired(lazy_gettext("Write a whole number."))


class ReturnsForm(Form):
    """Days to ask, hours to answer, and where goods are sent."""

    window_days = IntegerField(
        lazy_gettext("Days to ask for a return"),
        [
            _WHOLE,
            NumberRange(
                return_terms.LEAST_DAYS,
                return_terms.MOST_DAYS,
                lazy_gettext("Write a number of days from 7 to 365."),
            ),
        ],
    )
    answer_hours = IntegerField(
        lazy_gettext("Hours to answer"),
        [
            _WHOLE,
            NumberRange(
                return_terms.LEAST_HOURS,
                return_terms.MOST_HOURS,
                lazy_gettext("Write a number of hours from 24 to 336."),
            ),
        ],
    )
    instructions = TextAreaField(
        lazy_gettext("Where returns are sent"),
        [Length(max=return_terms.LONGEST, message=lazy_gettext("Use at most 2,000 characters."))],
    )


@bp.route("/settings/returns", methods=["GET", "POST"])
def return_settings() -> Response:
    """What holds for the returns of this store from now on."""
    here = desk()
    kept = return_terms.read(here.store.settings)
    form = ReturnsForm(obj=kept if request.method == "GET" else None)
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    text = (form.instructions.data or "").replace("\0", "").strip()
    chosen = return_terms.Terms(
        window_days=int(form.window_days.data or 0),
        answer_hours=int(form.answer_hours.data or 0),
        instructions=text,
    )
    try:
        with transaction():
            return_terms.change(here.store_id, chosen)
            note("settings.save", f"store {here.store.slug}", part="returns")
    except Invalid as error:
        refuse(form, error, str(error.params.get("field", "")))
        return _page(form, 422)
    return went_to(gettext("Settings saved."), url_for("admin.return_settings"))


def _page(form: ReturnsForm, status: int = 200) -> Response:
    return render("admin/house/returns.html", block="main", status=status, form=form)
