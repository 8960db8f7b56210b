"""The house: settings of the store, its places, who works here."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from shop.account import queries as people
from shop.analytics import stock
from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.store import queries, services
from shop.store.data import StoreText
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.house_forms import LocationForm, SettingsForm, StaffForm
from shop.web.admin.messages import refuse, say
from shop.web.admin.replies import refused, say_refusal, went_to
from shop.web.ui import deliveries
from shop.web.ui.htmx import render

ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Europe/London",
    "Europe/Paris",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
_FIELDS = {
    "name": "name_en",
    "timezone": "timezone",
    "flat_delivery": "delivery",
    "free_delivery_from": "free_from",
}


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> Response:
    """Names, contact, delivery; the places where goods lie."""
    form = SettingsForm(formdata=None)
    form.delivery.currency = form.free_from.currency = desk().currency
    if request.method == "GET":
        _fill(form)
        return _settings_page(form)
    form.process(request.form)
    if not form.validate():
        return _settings_page(form, 422)
    here = desk()
    try:
        with transaction():
            services.update(
                here.store_id,
                texts=_texts(form),
                timezone=form.timezone.data,
                contact_email=form.contact_email.data or "",
                flat_delivery_minor=int(form.delivery.data or 0),
                free_delivery_from_minor=form.free_from.data,
            )
            _audit("settings.save", f"store {here.store.slug}")
    except Invalid as error:
        refuse(form, error, _FIELDS.get(str(error.params.get("field", ""))))
        return _settings_page(form, 422)
    return went_to(gettext("Settings saved."), url_for("admin.settings"))


def _fill(form: SettingsForm) -> None:
    store = desk().store
    for lang in ("en", "zh"):
        text = store.texts.get(lang)
        for name in ("name", "tagline", "about", "ships_from"):
            form[f"{name}_{lang}"].data = getattr(text, name) if text else ""
    form.contact_email.data = store.contact_email
    form.timezone.data = store.timezone
    form.delivery.data = store.flat_delivery_minor
    form.free_from.data = store.free_delivery_from_minor


def _texts(form: SettingsForm) -> dict[str, StoreText]:
    texts = {}
    for lang in ("en", "zh"):
        name, tagline, about, ships_from = (
            form[f"{part}_{lang}"].data or "" for part in ("name", "tagline", "about", "ships_from")
        )
        if name or tagline or about or ships_from:
            texts[lang] = StoreText(name, tagline, about, ships_from)
    return texts


def _settings_page(
    form: SettingsForm, status: int = 200, location: LocationForm | None = None
) -> Response:
    return render(
        "admin/house/settings.html",
        block="main",
        status=status,
        form=form,
        zones=ZONES,
        zoned=bool(deliveries.plans()[desk().store_id].zones),
        places=stock.places(desk().store_ids),
        location=location or LocationForm(formdata=None),
    )


@bp.post("/settings/locations")
def location_new() -> Response:
    """A further place where goods lie."""
    form = LocationForm()
    here = desk()
    known = stock.places(here.store_ids)
    if form.validate_on_submit():
        try:
            with transaction():
                inventory.create_location(here.store_id, str(form.name.data), len(known))
                _audit("location.create", str(form.name.data))
            return went_to(gettext("The place is added."), url_for("admin.settings") + "#locations")
        except IntegrityError:
            form.name.errors = [*form.name.errors, gettext("A place of this name exists already.")]
    other = SettingsForm(formdata=None)
    other.delivery.currency = other.free_from.currency = here.currency
    _fill(other)
    return _settings_page(other, 422, form)


@bp.route("/staff", methods=["GET", "POST"])
def staff() -> Response:
    """Who works here; owners let others in."""
    if request.method == "GET":
        return _staff_page(StaffForm(formdata=None))
    _owner_or_404()
    form = StaffForm()
    if not form.validate_on_submit():
        return _staff_page(form, 422)
    here = desk()
    person = people.find(str(form.login.data))
    if person is None or person.disabled_at is not None:
        form.login.errors = [
            *form.login.errors,
            gettext("Nobody with an account here has this name."),
        ]
        return _staff_page(form, 422)
    name = person.display_name or person.username
    try:
        with transaction():
            services.add_staff(here.store_id, person.id, str(form.role.data))
            _audit("staff.add", f"user {person.public_id}", role=form.role.data)
    except Conflict as error:
        refuse(form, error, "role")
        return _staff_page(form, 409)
    return went_to(gettext("%(name)s works here now.", name=name), url_for("admin.staff"))


@bp.post("/staff/<member>/removal")
def remove_staff(member: str) -> Response:
    """Somebody no longer works here."""
    _owner_or_404()
    here = desk()
    found = next((one for one in queries.staff(here.store_id) if one.public_id == member), None)
    if found is None:
        abort(404)
    try:
        with transaction():
            services.remove_staff(here.store_id, found.user_id)
            _audit("staff.remove", f"user {found.username}")
    except (Conflict, NotFound) as error:
        say_refusal(error)
        answer = _staff_page(StaffForm(formdata=None), 409, say(error))
        return refused(answer, error)
    name = found.display_name or found.username
    return went_to(gettext("%(name)s no longer works here.", name=name), url_for("admin.staff"))


def _owner_or_404() -> None:
    if not desk().may_manage_staff:
        abort(404)


def _staff_page(form: StaffForm, status: int = 200, problem: str = "") -> Response:
    return render(
        "admin/house/staff.html",
        block="main",
        status=status,
        form=form,
        people=queries.staff(desk().store_id),
        problem=problem,
    )


def _audit(action: str, subject: str, **detail: Any) -> None:
    here = desk()
    audit.write(
        action,
        subject[:120],
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
