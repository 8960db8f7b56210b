"""Settings of delivery: the week of the store, its zones and methods, and what they come to."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import stock
from shop.core import audit, clock
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.store import delivery_queries as reading
from shop.store import delivery_services as services
from shop.store.delivery import PARCELS, Method, Plan, Zone
from shop.store.places import Destination
from shop.store.promise import Calendar
from shop.web.admin.blueprint import bp
from shop.web.admin.delivery_forms import (
    CalendarForm,
    MethodForm,
    ZoneForm,
    slot_rows,
    tier_rows,
    week,
)
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import went_to
from shop.web.ui import deliveries
from shop.web.ui.deliveries import clock_time
from shop.web.ui.forms import choices
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang
from shop.web.ui.regions import HOME, provinces

_ABROAD = ("US", "DE", "JP", "AU", "BR", "CN")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an order placed now comes to in one place."""

    place: Destination
    rate: deliveries.HomeRate | None


@bp.route("/settings/delivery", methods=["GET", "POST"])
def delivery() -> Response:
    """The week of the store, zones and methods with their effect in words."""
    form = CalendarForm()
    plan = reading.plan(desk().store_id)
    if request.method == "GET":
        calendar = plan.calendar
        form.country.data = calendar.country
        form.handling_days.data = calendar.handling_days
        form.cutoff.data = (
            "" if calendar.cutoff_minute == 1440 else clock_time(calendar.cutoff_minute)
        )
        form.holidays.data = "\n".join(day.isoformat() for day in sorted(calendar.holidays))
        return _overview(plan, form, calendar.working_days)
    working = frozenset(
        int(day) for day in request.form.getlist("working") if day in set("0123456")
    )
    if not form.validate():
        return _overview(plan, form, working, 422)
    try:
        calendar = Calendar(
            str(form.country.data),
            int(form.handling_days.data or 0),
            form.cutoff_minute(),
            working,
            form.days(),
        )
        with transaction():
            services.set_calendar(desk().store_id, calendar)
            _audit("delivery.calendar", desk().store.slug)
    except Invalid as error:
        refuse(form, error, str(error.params.get("field", "")))
        return _overview(plan, form, working, 422)
    return went_to(gettext("Working days saved."), url_for("admin.delivery"))


@bp.route("/settings/delivery/zones/new", methods=["GET", "POST"])
def zone_new() -> Response:
    """A further zone."""
    return _zone_form(None)


@bp.route("/settings/delivery/zones/<zone>", methods=["GET", "POST"])
def zone(zone: str) -> Response:
    """The places of a zone and its methods."""
    return _zone_form(_zone_or_404(zone))


@bp.post("/settings/delivery/zones/<zone>/removal")
def zone_removal(zone: str) -> Response:
    """A zone goes, with its methods."""
    found = _zone_or_404(zone)
    with transaction():
        services.remove_zone(desk().store_id, found.public_id)
        _audit("delivery.zone-remove", found.name)
    return went_to(gettext("%(name)s is gone.", name=found.name), url_for("admin.delivery"))


@bp.route("/settings/delivery/zones/<zone>/methods/new", methods=["GET", "POST"])
def zone_method_new(zone: str) -> Response:
    """A further method of a zone; its kind stands in the address."""
    kind = request.args.get("kind", "flat")
    return _method_form(None, kind if kind in (*PARCELS, "local") else "flat", _zone_or_404(zone))


@bp.route("/settings/delivery/pickups/new", methods=["GET", "POST"])
def pickup_new() -> Response:
    """A further place where goods are fetched."""
    return _method_form(None, "pickup", None)


@bp.route("/settings/delivery/methods/<method>", methods=["GET", "POST"])
def delivery_method(method: str) -> Response:
    """Change a method; its kind stays."""
    found, at = _method_or_404(method)
    return _method_form(found, found.kind, at)


@bp.post("/settings/delivery/methods/<method>/removal")
def method_removal(method: str) -> Response:
    """A method is offered no longer."""
    found, at = _method_or_404(method)
    with transaction():
        services.remove_method(desk().store_id, found.public_id)
        _audit("delivery.method-remove", found.public_id)
    there = url_for("admin.zone", zone=at.public_id) if at else url_for("admin.delivery")
    name = deliveries.method_name(found.kind, found.names)
    return went_to(gettext("%(name)s is gone.", name=name), there)


def _overview(
    plan: Plan, form: CalendarForm, working: frozenset[int], status: int = 200
) -> Response:
    return render(
        "admin/house/delivery.html",
        block="main",
        status=status,
        plan=plan,
        form=form,
        working=working,
        week=week(),
        effects=[effect(plan, zone) for zone in plan.zones] or [effect(plan, None)],
    )


def effect(plan: Plan, zone: Zone | None) -> Effect:
    """What a parcel to a place of the zone comes to now; the rest of the world is shown by one country."""
    place = plan.home
    if zone is not None and zone.regions:
        first = zone.regions[0]
        place = Destination(first.country, first.province, first.postcode)
    elif zone is not None:
        covered = {region.country for other in plan.zones for region in other.regions}
        place = Destination(next((code for code in _ABROAD if code not in covered), HOME))
    return Effect(place, deliveries.rate_of(plan, place, clock.now()))


def _zone_form(found: Zone | None) -> Response:
    form = ZoneForm()
    ticked = request.form.getlist("home")
    if request.method == "GET":
        if found is not None:
            ticked = form.fill(found)
        return _zone_page(found, form, ticked)
    if not form.validate():
        return _zone_page(found, form, ticked, 422)
    try:
        with transaction():
            public_id = services.save_zone(
                desk().store_id,
                str(form.name.data),
                form.places(ticked),
                rest=bool(form.rest.data),
                zone=found.public_id if found else None,
            )
            _audit("delivery.zone", str(form.name.data))
    except Invalid as error:
        field = str(error.params.get("field", ""))
        refuse(form, error, "others" if field == "regions" else field)
        return _zone_page(found, form, ticked, 422)
    return went_to(gettext("Zone saved."), url_for("admin.zone", zone=public_id))


def _zone_page(
    found: Zone | None, form: ZoneForm, ticked: list[str], status: int = 200
) -> Response:
    return render(
        "admin/house/zone.html",
        block="main",
        status=status,
        zone=found,
        form=form,
        ticked=ticked,
        provinces=provinces(HOME, current_lang()),
        kinds=[*PARCELS, "local"],
    )


def _method_form(found: Method | None, kind: str, at: Zone | None) -> Response:
    here = desk()
    places = stock.places(here.store_ids) if kind == "pickup" else []
    ids = stock.place_ids(here.store_ids) if kind == "pickup" else {}
    form = MethodForm(formdata=None)
    form.price.currency = form.free_from.currency = here.currency
    form.location.choices = choices([("", "–"), *((one.public_id, one.name) for one in places)])
    if request.method == "GET":
        if found is not None:
            by_id = {value: key for key, value in ids.items()}
            form.fill(found, by_id.get(found.location_id or 0, ""))
        else:
            form.price.data = 0 if kind == "pickup" else None
            form.active.data = True
        return _method_page(found, kind, at, form)
    form.process(request.form)
    form.location.data = form.location.data or ""
    if not form.validate():
        return _method_page(found, kind, at, form, 422)
    try:
        data = form.read(kind, ids.get(str(form.location.data)), here.currency)
        with transaction():
            services.save_method(
                here.store_id,
                data,
                zone=at.public_id if at else None,
                method=found.public_id if found else None,
            )
            _audit("delivery.method", data.names.get("en") or data.names.get("zh") or kind)
    except Invalid as error:
        field = str(error.params.get("field", ""))
        refuse(form, error, {"name": "name_en", "note": "note_en"}.get(field, field))
        return _method_page(found, kind, at, form, 422)
    there = url_for("admin.zone", zone=at.public_id) if at else url_for("admin.delivery")
    return went_to(gettext("Method saved."), there)


def _method_page(
    found: Method | None, kind: str, at: Zone | None, form: MethodForm, status: int = 200
) -> Response:
    return render(
        "admin/house/method.html",
        block="main",
        status=status,
        method=found,
        kind=kind,
        zone=at,
        form=form,
        tiers=tier_rows(found, kind, desk().currency),
        slots=slot_rows(found),
        week=week(),
    )


def _zone_or_404(public_id: str) -> Zone:
    plan = reading.plan(desk().store_id)
    found = next((one for one in plan.zones if one.public_id == public_id), None)
    if found is None:
        abort(404)
    return found


def _method_or_404(public_id: str) -> tuple[Method, Zone | None]:
    plan = reading.plan(desk().store_id)
    for at in plan.zones:
        for method in at.methods:
            if method.public_id == public_id:
                return method, at
    for method in plan.pickups:
        if method.public_id == public_id:
            return method, None
    abort(404)


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
