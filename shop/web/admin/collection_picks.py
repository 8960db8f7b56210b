"""What a collection holds by hand: put in, taken out, moved; and its picture."""

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.catalog import collection_queries as reading
from shop.catalog import collection_services as services
from shop.catalog import stored_images
from shop.catalog.collection_queries import CollectionEdit
from shop.core.errors import Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.collections import collection_or_404, note, picks
from shop.web.admin.messages import say
from shop.web.admin.product_save import files, stored_picture
from shop.web.admin.replies import went_to
from shop.web.ui.htmx import is_partial, redirect_after_post, toast


@bp.post("/collections/<collection>/picks")
def pick(collection: str) -> Response:
    """Put a product behind the others."""
    found = collection_or_404(collection)
    product_id = _product_or_404(found)
    try:
        with transaction():
            services.pick(found.id, product_id)
    except Invalid as error:
        return _answer(found, error)
    return _answer(found)


@bp.post("/collections/<collection>/picks/removal")
def unpick(collection: str) -> Response:
    """Take a product out."""
    found = collection_or_404(collection)
    product_id = _product_or_404(found)
    try:
        with transaction():
            services.unpick(found.id, product_id)
    except Invalid as error:
        return _answer(found, error)
    return _answer(found)


@bp.post("/collections/<collection>/picks/position")
def move_pick(collection: str) -> Response:
    """Earlier or later, or to the place that was written (from 1)."""
    found = collection_or_404(collection)
    product_id = _product_or_404(found)
    typed = request.form.get("position", "")
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed[:6]) <= services.MOST_PICKED):
        sentence = gettext("Write a place from 1 to %(most)s.", most=services.MOST_PICKED)
        return _said(found, sentence, 422)
    try:
        with transaction():
            services.move(found.id, product_id, int(typed) - 1)
    except (Invalid, NotFound) as error:
        return _answer(found, error)
    return _answer(found)


@bp.post("/collections/<collection>/picture")
def collection_picture(collection: str) -> Response:
    """Another picture, or none."""
    found = collection_or_404(collection)
    there = url_for("admin.collection", collection=found.public_id) + "#picture"
    if "remove" in request.form:
        image = {}
    else:
        chosen = files("picture")
        if not chosen:
            return went_to(gettext("Choose a picture first."), there)
        try:
            image = stored_images.as_data(stored_picture(chosen[0]))
        except Invalid as error:
            return went_to(say(error), there)
    with transaction():
        services.set_image(found.id, image)
        note("collection.picture", f"collection {found.slug}")
    return went_to(gettext("Picture saved.") if image else gettext("Picture removed."), there)


def _product_or_404(found: CollectionEdit) -> int:
    named = request.form.get("product", "")
    product_id = reading.ids_of([named], found.store_id).get(named)
    if product_id is None:
        abort(404)
    return product_id


def _answer(found: CollectionEdit, error: ShopError | None = None) -> Response:
    return _said(found, say(error), 422) if error else _said(found)


def _said(found: CollectionEdit, problem: str = "", status: int = 200) -> Response:
    if is_partial():
        return picks(found, problem, status)
    words = request.form.get("find") or None
    there = url_for("admin.collection", collection=found.public_id, find=words) + "#picks"
    answer = redirect_after_post(there)
    return toast(answer, problem) if problem else answer
