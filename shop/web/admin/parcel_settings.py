"""Settings of a store's parcels: carriers, how long shoppers may pay, when orders count as received."""

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional

from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.order import terms
from shop.order.carriers import data
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, note
from shop.web.admin.messages import refuse
from shop.web.admin.replies import went_to
from shop.web.ui.forms import Form, choices
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

_DAYS = [
    InputRequired(lazy_gettext("Write a whole number.")),
    NumberRange(1, terms.MOST_DAYS, lazy_gettext("Write a number of days from 1 to 90.")),
]


class ParcelsForm(Form):
    """Carriers in use and the first of them; days until receipt; minutes to pay."""

    carriers = SelectMultipleField(lazy_gettext("Carriers"), validate_choice=True)
    carrier = SelectField(lazy_gettext("Usual carrier"), validate_choice=True)
    after_delivery = IntegerField(lazy_gettext("Days after delivery"), _DAYS)
    after_shipping = IntegerField(lazy_gettext("Days after shipping"), _DAYS)
    pay_minutes = IntegerField(
        lazy_gettext("Minutes to pay"),
        [
            Optional(),
            NumberRange(
                5, terms.MOST_MINUTES, lazy_gettext("Write a number of minutes from 5 to 10,080.")
            ),
        ],
    )


@bp.route("/settings/parcels", methods=["GET", "POST"])
def parcel_settings() -> Response:
    """What holds for the parcels of this store from now on."""
    here = desk()
    kept = terms.read(here.store.settings)
    form = ParcelsForm(obj=kept if request.method == "GET" else None)
    form.carriers.choices = form.carrier.choices = choices(_names().items())
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    chosen = terms.Terms(
        carriers=tuple(form.carriers.data or ()),
        carrier=str(form.carrier.data),
        after_delivery=int(form.after_delivery.data or 0),
        after_shipping=int(form.after_shipping.data or 0),
        pay_minutes=form.pay_minutes.data,
    )
    try:
        with transaction():
            terms.change(here.store_id, chosen)
            note("settings.save", f"store {here.store.slug}", part="parcels")
    except Invalid as error:
        refuse(form, error, str(error.params.get("field", "")))
        return _page(form, 422)
    return went_to(gettext("Settings saved."), url_for("admin.parcel_settings"))


def _page(form: ParcelsForm, status: int = 200) -> Response:
    return render(
        "admin/house/parcels.html", block="main", status=status, form=form, names=_names()
    )


def _names() -> dict[str, str]:
    return {code: data.name(code, current_lang()) for code in data.CARRIERS}
