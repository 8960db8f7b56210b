"""To be told when what is sold out is back: asked for by members and guests, withdrawn by members.

A guest withdraws by the link in the mail. What is said never tells whether an address waited before.
"""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from shop.catalog.views import ProductPage, VariantView
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.inventory import waiting
from shop.web.catalog.blueprint import bp
from shop.web.catalog.buying import buying
from shop.web.catalog.product import page_of, show
from shop.web.catalog.waits import Wait
from shop.web.extensions import limiter
from shop.web.ui.errors import words
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import user_id


@bp.get("/p/<slug>/wait")
def wait_page(slug: str) -> BaseResponse:
    """The address of the form, opened: the product itself."""
    return redirect(url_for("catalog.product", slug=slug), 303)


@bp.post("/p/<slug>/wait")
@limiter.limit("20 per hour")
def wait(slug: str) -> Response:
    """Wait for a variant under an address, a member under their own."""
    page = page_of(slug)
    variant = _variant(page)
    uid = user_id()
    email = current_user.email if uid is not None else request.form.get("email", "")[:320]
    try:
        with transaction():
            waiting.ask(variant.id, email, locale=current_lang(), user_id=uid)
    except Invalid as error:
        return _refused(page, variant, Wait(uid is not None, email, error=words(error)))
    except Conflict:
        return toast(_to(page, variant), _("It is back already: you can buy it now."))
    if is_partial():
        return _form(page, Wait(uid is not None, email, waiting=True))
    said = _("We write to %(email)s when it is back.", email=email.strip())
    return toast(_to(page, variant), said)


@bp.post("/p/<slug>/wait/withdrawal")
@login_required
def stop_waiting(slug: str) -> Response:
    """A member no longer waits."""
    page = page_of(slug)
    variant = _variant(page)
    with transaction():
        waiting.withdraw(variant.id, current_user.user_id)
    said = _("We do not write about it.")
    if is_partial():
        return toast(_form(page, Wait(True, current_user.email)), said)
    return toast(_to(page, variant), said)


def _variant(page: ProductPage) -> VariantView:
    named = request.form.get("variant", "")
    for variant in page.variants:
        if variant.public_id == named:
            return variant
    raise NotFound("variant-not-sold")


def _to(page: ProductPage, variant: VariantView) -> Response:
    return redirect_after_post(url_for("catalog.product", slug=page.slug, sku=variant.code))


def _form(page: ProductPage, shown: Wait, status: int = 200) -> Response:
    return render("catalog/_wait.html", status=status, slug=page.slug, wait=shown)


def _refused(page: ProductPage, variant: VariantView, shown: Wait) -> Response:
    if is_partial():
        return _form(page, shown, 422)
    return show(page, buying(page, variant.code, []), 422, shown)
