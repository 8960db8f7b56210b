"""A store's taxes: how prices stand to them, classes of goods, rates per place, by hand and from a file."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.store import tax_files, tax_queries, tax_services
from shop.store.tax_files import RowProblem
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse, say
from shop.web.admin.replies import went_to
from shop.web.admin.tax_forms import (
    ClassForm,
    RateForm,
    RatesFileForm,
    TaxSettingsForm,
    class_name,
    region_code,
)
from shop.web.admin.tax_words import sample
from shop.web.ui.forms import Form
from shop.web.ui.htmx import render

SHOWN = 200
"""So many rates stand on the page; a country's alone, or the file, have the others."""

_TOLD = 20


@bp.route("/settings/taxes", methods=["GET", "POST"])
def taxes() -> Response:
    """Prices with or without tax; the rates and classes beside."""
    if request.method == "GET":
        return _page()
    form = TaxSettingsForm()
    if not form.validate():
        return _page(422, settings=form)
    try:
        with transaction():
            tax_services.save_settings(desk().store_id, form.read())
            _audit("taxes.save", mode=form.mode.data, rounding=form.rounding.data)
    except Invalid as error:
        refuse(form, error)
        return _page(422, settings=form)
    return _went(gettext("Tax settings saved. They hold for orders to come."))


@bp.post("/settings/taxes/rates")
def tax_rate_save() -> Response:
    """A rate; one of the same class, place and name gets the new percentage."""
    form = RateForm(classes=tax_queries.classes(desk().store_id))
    if not form.validate():
        return _page(422, rate=form)
    try:
        with transaction():
            data = form.read()
            added = tax_services.save_rate(desk().store_id, data)
            _audit("taxes.rate", name=data.name, country=data.country, rate=data.rate)
    except (Invalid, Conflict) as error:
        return _refused(form, error, "rate")
    return _went(
        gettext("The rate is added.") if added else gettext("The rate is changed."), "#rates"
    )


@bp.post("/settings/taxes/rates/<tax_rate>/removal")
def tax_rate_remove(tax_rate: str) -> Response:
    """A rate holds no longer."""
    try:
        with transaction():
            tax_services.remove_rate(desk().store_id, tax_rate)
            _audit("taxes.rate-removed", rate=tax_rate)
    except NotFound:
        abort(404)
    return _went(gettext("The rate is removed."), "#rates")


@bp.post("/settings/taxes/classes")
def tax_class_add() -> Response:
    """A class of the merchant's own."""
    form = ClassForm()
    if not form.validate():
        return _page(422, own=form)
    try:
        with transaction():
            code = tax_services.add_class(desk().store_id, str(form.class_name.data))
            _audit("taxes.class", code=code)
    except (Invalid, Conflict) as error:
        return _refused(form, error, "own", "class_name")
    return _went(gettext("The class is added. Choose it where you edit a product."), "#classes")


@bp.post("/settings/taxes/classes/<tax_class>/removal")
def tax_class_remove(tax_class: str) -> Response:
    """A class and its rates go; its goods are of the standard class then."""
    form = ClassForm(formdata=None)
    try:
        with transaction():
            tax_services.remove_class(desk().store_id, tax_class)
            _audit("taxes.class-removed", code=tax_class)
    except NotFound:
        abort(404)
    except Conflict as error:
        return _refused(form, error, "own", "class_name")
    return _went(gettext("The class is removed. Its goods are taxed as standard."), "#classes")


@bp.get("/settings/taxes/rates.csv")
def tax_rates_file() -> Response:
    """All rates as a file, which can be brought in again."""
    here = desk()
    response = Response(tax_files.write(tax_queries.rates(here.store_id)), mimetype="text/csv")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{here.store.slug}-tax-rates.csv"
    )
    return response


@bp.post("/settings/taxes/file")
def tax_rates_import() -> Response:
    """Rates from a file: all of them, or none when a row is wrong."""
    form, here = RatesFileForm(), desk()
    sent = request.files.get("file")
    if not isinstance(sent, FileStorage) or not sent.filename:
        form.file.errors = [gettext("Choose a file.")]
        return _page(422, file=form)
    try:
        found, problems = tax_files.read(sent.read(), tax_queries.classes(here.store_id))
        if problems:
            form.file.errors = [_row(problem) for problem in problems[:_TOLD]]
            return _page(422, file=form)
        # Files name regions as people do; they are kept as addresses have them.
        rates = [replace(one, region=region_code(one.country, one.region)) for one in found]
        with transaction():
            added, changed = tax_services.save_rates(here.store_id, rates)
            _audit("taxes.file", added=added, changed=changed)
    except (Invalid, Conflict) as error:
        return _refused(form, error, "file", "file")
    said = gettext("Rates: %(added)s new, %(changed)s changed.", added=added, changed=changed)
    return _went(said, "#rates")


def _row(problem: RowProblem) -> str:
    values = {"row": problem.row, "text": problem.text, "problem": say(Invalid(problem.reason))}
    if problem.text:
        return gettext("Row %(row)s, “%(text)s”: %(problem)s", **values)
    return gettext("Row %(row)s: %(problem)s", **values)


def _refused(form: Form, error: ShopError, name: str, field: str | None = None) -> Response:
    refuse(form, error, field)
    return _page(409 if isinstance(error, Conflict) else 422, **{name: form})


def _went(said: str, part: str = "") -> Response:
    return went_to(said, url_for("admin.taxes") + part)


def _page(
    status: int = 200,
    *,
    settings: TaxSettingsForm | None = None,
    rate: RateForm | None = None,
    own: ClassForm | None = None,
    file: RatesFileForm | None = None,
) -> Response:
    here = desk()
    classes = tax_queries.classes(here.store_id)
    rates = tax_queries.rates(here.store_id)
    known = list(dict.fromkeys(one.country for one in rates))
    country = request.args.get("country", "")
    shown = [one for one in rates if one.country == country] if country in known else rates
    return render(
        "admin/taxes/settings.html",
        block="main",
        status=status,
        settings=settings or _settings_form(),
        rate=rate or _rate_form(classes),
        own=own or ClassForm(formdata=None),
        file=file or RatesFileForm(formdata=None),
        classes=classes,
        class_names={code: class_name(code, name) for code, name in classes},
        rates=shown[:SHOWN],
        rate_total=len(shown),
        countries=known,
        country=country if country in known else "",
        sample=sample(tax_queries.of_stores([here.store_id]).get(here.store_id), here.currency),
    )


def _settings_form() -> TaxSettingsForm:
    kept = tax_queries.settings(desk().store_id)
    return TaxSettingsForm(
        formdata=None,
        data={
            "mode": "included" if kept.prices_include_tax else "excluded",
            "rounding": kept.rounding,
            "home": kept.country,
            "home_region": kept.region,
        },
    )


def _rate_form(classes: list[tuple[str, str]]) -> RateForm:
    home = tax_queries.settings(desk().store_id).country
    return RateForm(
        formdata=None,
        classes=classes,
        data={"country": home or None, "tax_class": "standard", "delivery": True},
    )


def _audit(action: str, **detail: Any) -> None:
    here = desk()
    audit.write(
        action,
        f"store {here.store.slug}"[:120],
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
