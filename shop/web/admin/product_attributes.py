"""The attributes of a product in its editor: those of its category and of the ones above."""

from typing import Any

from flask import request

from shop.catalog import queries as catalog
from shop.catalog.admin_views import AdminProduct
from shop.catalog.facets import attributes as services
from shop.catalog.facets.attribute_queries import attributes, given
from shop.web.admin.product_draft import Draft
from shop.web.ui.locale import current_lang


def context(draft: Draft, found: AdminProduct | None) -> dict[str, Any]:
    """What the editor draws: the attributes that apply, and the values that are ticked, as they were
    sent or as they are stored."""
    tree = catalog.categories(current_lang())
    node = next((one for one in catalog.walk(tree) if one.public_id == draft.category), None)
    path = [one.id for one in catalog.path_to(tree, node.slug)] if node else []
    ticked = set(request.form.getlist("attribute"))
    if "attribute-offered" not in request.form and found is not None:
        ticked |= given(found.id)
    return {"attributes": attributes(path) if path else [], "ticked": ticked}


def save(product_id: int) -> None:
    """Write down what was ticked, among what was offered."""
    services.give(
        product_id, request.form.getlist("attribute"), request.form.getlist("attribute-offered")
    )
