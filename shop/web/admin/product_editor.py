"""The editor of a product: texts in both languages, options and variants, prices, stock, pictures."""

from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_babel import gettext

from shop.analytics import stock
from shop.catalog import files as product_files
from shop.catalog import previews
from shop.catalog import queries as catalog
from shop.catalog.admin_views import AdminProduct
from shop.catalog.data import ProductData
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.web.admin import product_attributes, terms_forms
from shop.web.admin import product_draft as drafts
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.product_conflict import Difference, differences, take_theirs
from shop.web.admin.product_data import to_data
from shop.web.admin.product_draft import Draft
from shop.web.admin.product_save import files, save, stored_file, stored_picture
from shop.web.admin.replies import went_to
from shop.web.admin.tax_forms import class_choices
from shop.web.admin.wording import KINDS
from shop.web.ui.format import local
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang


@bp.route("/products/new", methods=["GET", "POST"])
def product_new() -> Response:
    """A new product, with its first pictures."""
    if request.method == "GET":
        return _page(drafts.blank(), None)
    return _sent(None)


@bp.route("/products/<product>", methods=["GET", "POST"])
def product(product: str) -> Response:
    """Change a product; 409 with both values when somebody else saved it meanwhile."""
    found = product_or_404(product)
    if request.method == "GET":
        return _page(_draft_of(found), found)
    return _sent(found)


def shown_again(public_id: str, status: int, typed: str, error: str) -> Response:
    """The editor as the product stands, with what was typed as the hour of publication and why not."""
    found = product_or_404(public_id)
    return _page(_draft_of(found), found, status, publish_at=typed, publish_at_error=error)


def page_again(public_id: str, status: int, **shown: Any) -> Response:
    """The editor as the product stands, with a small form beside it as it was sent."""
    found = product_or_404(public_id)
    return _page(_draft_of(found), found, status, **shown)


def product_or_404(public_id: str) -> AdminProduct:
    """A product of this store with all that its editor changes."""
    found = catalog.admin_product(public_id, desk().store_ids, current_lang())
    if found is None:
        abort(404)
    return found


def _draft_of(found: AdminProduct) -> Draft:
    ids_of = {variant.id: variant.public_id for variant in found.variants if not variant.archived}
    matrix = stock.matrix(
        desk().store_ids, current_lang(), variant_ids=list(ids_of), limit=drafts.MOST_VARIANTS
    )
    public = {place.id: place.public_id for place in matrix.places}
    have = {
        row.public_id: {public[key]: str(cell.on_hand) for key, cell in row.cells.items()}
        for row in matrix.rows
    }
    first = matrix.places[0].id if matrix.places else 0
    alerts = {
        row.public_id: str(row.cells[first].threshold)
        for row in matrix.rows
        if first in row.cells and row.cells[first].threshold is not None
    }
    return drafts.of_product(found, have, alerts)


def _sent(found: AdminProduct | None) -> Response:
    places = stock.places(desk().store_ids)
    draft = drafts.of_form(request.form, [place.public_id for place in places])
    if request.form.get("intent") == "variants":
        if is_partial():
            return render("admin/products/_variants.html", **_context(draft, found))
        return _page(draft, found)
    if found is not None and any(name.startswith("take-") for name in request.form):
        take_theirs(draft, _stored(found), request.form)
    data = _data(draft, found)
    if data is None:
        return _page(draft, found, 422)
    try:
        pictures = [stored_picture(file) for file in files("pictures")]
        public_id = save(draft, data, found, places, pictures)
    except Invalid as error:
        draft.complain(_field_of(error, draft), say(error))
        return _page(draft, found, 422)
    except Conflict as error:
        if found is None or error.reason != "product-changed":
            draft.complain("", say(error))
            return _page(draft, found, 409)
        return _conflict(draft, found)
    said = gettext("Product created.") if found is None else gettext("Changes saved.")
    return went_to(said, url_for("admin.product", product=public_id))


def _data(draft: Draft, found: AdminProduct | None) -> ProductData | None:
    here = desk()
    nodes = {node.public_id: node.id for node in catalog.walk(catalog.categories(current_lang()))}
    wanted = request.form.get("status", "")
    status = wanted if wanted in {"draft", "published"} else found.data.status if found else "draft"
    digital = found.data.digital_name if found else None
    if draft.kind == "digital":
        digital = stored_file() or digital
    return to_data(
        draft,
        store_id=here.store_id,
        currency=here.currency,
        category_id=nodes.get(draft.category),
        status=status,
        digital_name=digital,
        featured=found.data.featured if found else False,
    )


def _field_of(error: Invalid, draft: Draft) -> str:
    """Where on the page a refusal of the catalogue belongs."""
    name = str(error.params.get("field", ""))
    if name in {"title", "fact", "lead", "seo_title"}:
        return (
            f"{name}-en" if draft.text(name, "en") or not draft.text(name, "zh") else f"{name}-zh"
        )
    return {"digital_name": "digital", "image": "pictures", "specs": "specs-en"}.get(name, name)


def _conflict(draft: Draft, found: AdminProduct) -> Response:
    """Somebody else was faster: show what they wrote beside what was typed here, field by field."""
    db.session.rollback()  # read what they saved
    fresh = product_or_404(found.public_id)
    nodes = list(catalog.walk(catalog.categories(current_lang())))
    different = differences(draft, _stored(fresh), {node.public_id: node.name for node in nodes})
    draft.version = str(fresh.version)
    return _page(draft, fresh, 409, different, conflict=True)


def _stored(found: AdminProduct) -> Draft:
    """The draft of a product as it is stored, its category named as forms name it."""
    draft = _draft_of(found)
    _name_category(draft)
    return draft


def _name_category(draft: Draft) -> None:
    if draft.category.isdigit():
        nodes = catalog.walk(catalog.categories(current_lang()))
        names = {node.id: node.public_id for node in nodes}
        draft.category = names.get(int(draft.category), "")


def _context(draft: Draft, found: AdminProduct | None) -> dict[str, Any]:
    return {
        "draft": draft,
        "product": found,
        "places": stock.places(desk().store_ids),
        "kinds": KINDS,
        "tax_classes": class_choices(desk().store_id),
        "langs": drafts.LANGS,
        "categories": catalog.categories(current_lang()),
        **product_attributes.context(draft, found),
    }


def _publication(found: AdminProduct | None) -> dict[str, Any]:
    """When a draft goes on sale, in the store's time, and the link by which others see it before."""
    if found is None:
        return {}
    at = found.publish_at
    secret = str(current_app.secret_key)
    return {
        "publish_at": f"{local(at):%Y-%m-%dT%H:%M}" if at else "",
        "publish_at_error": "",
        "preview": url_for(
            "catalog.preview", token=previews.sign(found.public_id, secret), _external=True
        ),
    }


def _beside(found: AdminProduct | None, more: dict[str, Any]) -> dict[str, Any]:
    """The small forms beside the big one that were not given in ``more``."""
    if found is not None and "terms_form" not in more:
        more["terms_form"] = terms_forms.form_of(found.data.kind, found.id)
    if found is not None and found.data.kind == "digital":
        more["goods_files"] = product_files.current(found.id)
    return more


def _page(
    draft: Draft,
    found: AdminProduct | None,
    status: int = 200,
    different: list[Difference] | None = None,
    **more: Any,
) -> Response:
    if found is not None:
        _name_category(draft)
    return render(
        "admin/products/editor.html",
        block="main",
        status=status,
        differences=different or [],
        **(_context(draft, found) | _publication(found) | _beside(found, more)),
    )
