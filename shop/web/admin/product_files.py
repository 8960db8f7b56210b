"""Files of a digital product: added, given in a new version, taken away."""

from pathlib import Path

from flask import Response, abort, current_app, request, url_for
from flask_babel import gettext

from shop.catalog import files
from shop.catalog.admin_views import AdminProduct
from shop.catalog.media import Storage
from shop.core import audit
from shop.core.errors import Invalid, NotFound
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.product_editor import page_again, product_or_404
from shop.web.admin.product_save import stored_file
from shop.web.admin.replies import went_to


@bp.post("/products/<product>/files")
def product_file(product: str) -> Response:
    """Another file, or a new version of one; earlier buyers get it where ticked."""
    found = _digital_or_404(product)
    replaced = request.form.get("replaces", "")[:16]
    slot = next((one.slot for one in files.current(found.id) if one.key == replaced), None)
    if replaced and slot is None:
        abort(404)
    name = stored_file("file")  # slow, hence before the transaction
    if name is None:
        return page_again(product, 422, file_error=gettext("Choose a file first."))
    size = Path(Storage(current_app.config["FILES_FOLDER"]).path(name)).stat().st_size
    earlier = request.form.get("for_earlier") == "1"
    try:
        with transaction():
            made = files.add(found.id, name, size, slot=slot, for_earlier=earlier)
            _audit("product.file", found, slot=made.slot, version=made.version)
    except Invalid as error:
        return page_again(product, 422, file_error=say(error))
    return went_to(
        gettext("%(name)s is added.", name=made.title),
        url_for("admin.product", product=product) + "#files",
    )


@bp.post("/products/<product>/files/removal")
def product_file_removal(product: str) -> Response:
    """Later buyers do not get it any more."""
    found = _digital_or_404(product)
    try:
        with transaction():
            files.remove(found.id, request.form.get("file", "")[:16])
            _audit("product.file_removed", found)
    except NotFound:
        abort(404)
    return went_to(
        gettext("Removed. Who bought it before keeps it."),
        url_for("admin.product", product=product) + "#files",
    )


def _digital_or_404(product: str) -> AdminProduct:
    found = product_or_404(product)
    if found.data.kind != "digital":
        abort(404)
    return found


def _audit(action: str, found: AdminProduct, **detail: int) -> None:
    here = desk()
    audit.write(
        action,
        f"product {found.id}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
