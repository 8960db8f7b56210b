"""Whom the store buys from."""

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.inventory import purchase_queries, purchases
from shop.inventory.purchases import SupplierData
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import refused, went_to
from shop.web.admin.stock_forms import SupplierForm
from shop.web.ui.htmx import render

_FIELDS = ("name", "email", "phone", "note")


@bp.route("/inventory/suppliers", methods=["GET", "POST"])
def supplier_list() -> Response:
    """All suppliers; a new one is written down here."""
    form = SupplierForm()
    if request.method == "GET":
        return _page(form, None)
    return _save(form, None)


@bp.route("/inventory/suppliers/<supplier>", methods=["GET", "POST"])
def supplier(supplier: str) -> Response:
    """Change a supplier."""
    known = purchase_queries.suppliers(desk().store_ids)
    found = next((one for one in known if one.public_id == supplier), None)
    if found is None:
        abort(404)
    form = SupplierForm()
    if request.method == "GET":
        for name in _FIELDS:
            form[name].data = getattr(found, name)
        return _page(form, supplier)
    return _save(form, supplier)


def _save(form: SupplierForm, public_id: str | None) -> Response:
    if not form.validate():
        return _page(form, public_id, 422)
    data = SupplierData(**{name: form[name].data or "" for name in _FIELDS})
    try:
        with transaction():
            purchases.save_supplier(desk().store_id, public_id, data)
    except (Invalid, Conflict) as error:
        refuse(form, error)
        return refused(_page(form, public_id), error)
    return went_to(gettext("The supplier is saved."), url_for("admin.supplier_list"))


def _page(form: SupplierForm, public_id: str | None, status: int = 200) -> Response:
    return render(
        "admin/inventory/suppliers.html",
        status=status,
        form=form,
        chosen=public_id,
        suppliers=purchase_queries.suppliers(desk().store_ids),
    )
