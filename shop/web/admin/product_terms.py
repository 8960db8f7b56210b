"""On what terms a service or a download is sold: visits per code, reminder, limits of downloads."""

from flask import Response, url_for
from flask_babel import gettext

from shop.catalog import terms
from shop.core import audit
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.product_editor import page_again, product_or_404
from shop.web.admin.replies import went_to
from shop.web.admin.terms_forms import DownloadTerms, ServiceTerms


@bp.post("/products/<product>/terms")
def product_terms(product: str) -> Response:
    """Set them for what is bought from now on."""
    found = product_or_404(product)
    here = desk()
    form = ServiceTerms() if found.data.kind == "service" else DownloadTerms()
    if not form.validate():
        return page_again(product, 422, terms_form=form)
    if isinstance(form, ServiceTerms):
        wanted = terms.Terms(uses=form.uses.data, remind_days=form.remind_days.data or 0)
    else:
        wanted = terms.Terms(downloads=form.downloads.data, download_days=form.download_days.data)
    try:
        with transaction():
            terms.change(found.id, wanted)
            audit.write(
                "product.terms",
                f"product {found.id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
            )
    except Invalid as error:
        refuse(form, error)
        return page_again(product, 422, terms_form=form)
    said = gettext("Saved. It holds for what is bought from now on.")
    place = "#terms" if found.data.kind == "service" else "#download-terms"
    return went_to(said, url_for("admin.product", product=product) + place)
