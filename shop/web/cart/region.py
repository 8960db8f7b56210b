"""Where the visitor's goods go: dates and costs of pages are shown for it."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from shop.store.places import Destination
from shop.web.ui import deliveries
from shop.web.ui.forms import Form, choices
from shop.web.ui.guards import safe_path
from shop.web.ui.htmx import redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.regions import HOME, countries, provinces


class RegionForm(Form):
    """A country and, where rates may depend on it, its province and postcode."""

    country = SelectField(_l("Country or region"), validate_choice=True)
    province = SelectField(_l("State or province"), validate_choice=False)
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=16)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = current_lang()
        self.country.choices = choices(countries(lang))
        if self.country.data not in dict(countries(lang)):
            self.country.data = HOME
        named = provinces(self.country.data, lang)
        self.province.choices = choices([("", _("Any")), *named])
        # A select of other choices is another select: htmx carries nothing over by place.
        self.province.id = f"province-{self.country.data.lower()}"
        if self.province.data not in dict(named):
            self.province.data = ""


def add_to(bp: Blueprint) -> None:
    """Register the address."""
    bp.add_url_rule("/delivery-region", "region", region, methods=["GET", "POST"])


def region() -> Response:
    """Choose it. Nothing but the visitor's session keeps it."""
    after = safe_path(request.values.get("next"), url_for("cart.page"))
    if request.method == "GET":
        place = deliveries.region() or Destination(HOME)
        known = {"country": place.country, "province": place.province, "postcode": place.postcode}
        return _page(RegionForm(formdata=None, data=known), after)
    form = RegionForm()
    if request.form.get("do") == "update":
        return _page(form, after)
    if not form.validate():
        return _page(form, after, 422)
    place = Destination(form.country.data, form.province.data or "", form.postcode.data or "")
    deliveries.remember_region(place)
    said = _("Dates and costs are shown for %(place)s.", place=deliveries.place_name(place))
    return toast(redirect_after_post(after), said)


def _page(form: RegionForm, after: str, status: int = 200) -> Response:
    return render("cart/region.html", block="region_form", status=status, form=form, after=after)
