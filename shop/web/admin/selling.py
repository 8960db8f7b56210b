"""Selling what does not lie there yet: back-orders and pre-orders of a variant."""

from flask import Response, request, url_for
from flask_babel import gettext

from shop.analytics import goods
from shop.catalog import queries as catalog
from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.inventory import policies
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.products import variant_id_or_404
from shop.web.admin.replies import refused, went_to
from shop.web.admin.stock_forms import SellingForm
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.route("/variants/<variant>/selling", methods=["GET", "POST"])
def variant_selling(variant: str) -> Response:
    """What happens when a variant is sold out, or before it appears."""
    variant_id = variant_id_or_404(variant)
    form = SellingForm()
    if request.method == "GET":
        now = policies.promises([variant_id]).get(variant_id)
        if now is not None:
            form.policy.data, form.limit.data = now.policy, now.limit
            form.promised_on.data = now.promised_on
        return _page(variant, variant_id, form)
    if not form.validate():
        return _page(variant, variant_id, form, 422)
    try:
        with transaction():
            policies.set_policy(
                variant_id,
                str(form.policy.data),
                limit=form.limit.data or 0,
                promised_on=form.promised_on.data,
            )
            here = desk()
            audit.write(
                "stock.selling",
                f"variant {goods.variant(variant_id).sku or variant_id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                policy=form.policy.data,
            )
    except (Invalid, Conflict, NotFound) as error:
        return _refused(variant, variant_id, form, error)
    return went_to(gettext("Changes saved."), url_for("admin.inventory"))


def _refused(variant: str, variant_id: int, form: SellingForm, error: ShopError) -> Response:
    refuse(form, error, None if "field" in error.params else "policy")
    return refused(_page(variant, variant_id, form), error)


def _page(variant: str, variant_id: int, form: SellingForm, status: int = 200) -> Response:
    found = goods.variant(variant_id)
    return render(
        "admin/inventory/selling.html",
        block="main",
        status=status,
        form=form,
        variant=variant,
        about=_name(variant_id),
        sku=found.sku,
    )


def _name(variant_id: int) -> str:
    """The title of a variant with what was chosen."""
    one = catalog.variants_for_cart([variant_id], current_lang())[variant_id]
    return f"{one.title}, {one.options_text}" if one.options_text else str(one.title)
