"""The places where a store's goods lie: names, addresses, which comes first, which are out of use."""

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.inventory import location_queries, locations
from shop.inventory.location_queries import LocationView
from shop.inventory.locations import LocationData
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import done, refused, say_refusal, went_to
from shop.web.admin.stock_forms import PlaceForm
from shop.web.ui.htmx import render

_TEXTS = ("name", "province", "city", "street", "postcode", "phone")


@bp.get("/inventory/locations")
def location_list() -> Response:
    """All places, in the order in which orders take from them."""
    return _list()


def _list(status: int = 200) -> Response:
    found = location_queries.of_stores(desk().store_ids)
    return render(
        "admin/inventory/locations.html",
        status=status,
        places=[one for one in found if not one.archived],
        put_away=[one for one in found if one.archived],
    )


@bp.route("/inventory/locations/new", methods=["GET", "POST"])
def location_add() -> Response:
    """A further place."""
    form = PlaceForm()
    if request.method == "GET":
        return _page(form, None)
    if not form.validate():
        return _page(form, None, 422)
    try:
        with transaction():
            locations.create(desk().store_id, _data(form))
            _note("location.create", str(form.name.data))
    except (Invalid, Conflict) as error:
        return _not_saved(form, None, error)
    return went_to(gettext("The place is added."), url_for("admin.location_list"))


@bp.route("/inventory/locations/<location>", methods=["GET", "POST"])
def location(location: str) -> Response:
    """Name, address and hours of a place."""
    found = _or_404(location)
    form = PlaceForm()
    if request.method == "GET":
        for name in (*_TEXTS, "is_pickup"):
            form[name].data = getattr(found, name)
        form.hours_en.data, form.hours_zh.data = found.hours.get("en"), found.hours.get("zh")
        return _page(form, found)
    if not form.validate():
        return _page(form, found, 422)
    try:
        with transaction():
            locations.change(desk().store_id, location, _data(form))
            _note("location.save", str(form.name.data))
    except (Invalid, Conflict) as error:
        return _not_saved(form, found, error)
    return went_to(gettext("Changes saved."), url_for("admin.location_list"))


@bp.post("/inventory/locations/<location>/place")
def location_place(location: str) -> Response:
    """Earlier or later in the order."""
    found = _or_404(location)
    up = request.form.get("to") == "up"
    with transaction():
        locations.move(desk().store_id, location, up=up)
        _note("location.move", found.name)
    return done(gettext("The order of the places is saved."), url_for("admin.location_list"))


@bp.post("/inventory/locations/<location>/archival")
def location_archive(location: str) -> Response:
    """Out of use, or in use again."""
    found = _or_404(location)
    again = bool(request.form.get("restore"))
    try:
        with transaction():
            act = locations.restore if again else locations.archive
            act(desk().store_id, location)
            _note("location.restore" if again else "location.archive", found.name)
    except Conflict as error:
        say_refusal(error)
        return refused(_list(409), error)
    said = gettext("The place is in use again.") if again else gettext("The place is put away.")
    return done(said, url_for("admin.location_list"))


def _or_404(public_id: str) -> LocationView:
    found = location_queries.of_stores(desk().store_ids, public_id=public_id)
    if not found:
        abort(404)
    return found[0]


def _data(form: PlaceForm) -> LocationData:
    return LocationData(
        **{name: form[name].data or "" for name in _TEXTS},
        is_pickup=bool(form.is_pickup.data),
        hours={"en": form.hours_en.data or "", "zh": form.hours_zh.data or ""},
    )


def _not_saved(form: PlaceForm, found: LocationView | None, error: ShopError) -> Response:
    refuse(form, error)
    return refused(_page(form, found), error)


def _page(form: PlaceForm, found: LocationView | None, status: int = 200) -> Response:
    return render(
        "admin/inventory/location.html", block="main", status=status, form=form, place=found
    )


def _note(action: str, name: str) -> None:
    here = desk()
    audit.write(
        action, f"place {name}", actor=here.actor, user_id=here.user_id, store_id=here.store_id
    )
