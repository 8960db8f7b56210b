"""What a product will look like, for those who were sent its link."""

from flask import Response, abort, current_app

from shop.catalog import previews
from shop.catalog import queries as catalog
from shop.web.catalog.blueprint import bp
from shop.web.catalog.buying import buying
from shop.web.ui.caching import private
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/preview/<token>")
@private
def preview(token: str) -> Response:
    """A product as it is saved, on sale or not, until the link ends; then 404. Nothing can be bought here."""
    found = previews.read(token, str(current_app.secret_key))
    if found is None:
        abort(404)
    slug, ends = found
    page = catalog.product_page(slug, current_lang(), preview=True)
    if page is None:
        abort(404)
    response = render("catalog/preview.html", product=page, buy=buying(page, None, []), ends=ends)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
