"""Pictures of a product: added, moved, described, removed."""

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.analytics import goods
from shop.catalog import images
from shop.catalog import queries as catalog
from shop.catalog.fetching import waiting
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.goods_forms import AltForm
from shop.web.admin.messages import say
from shop.web.admin.product_save import files, stored_picture
from shop.web.admin.products import product_id_or_404
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.messages import sentence


@bp.post("/products/<product>/images")
def add_image(product: str) -> Response:
    """Put pictures behind the others."""
    product_id = product_id_or_404(product)
    count, problems = 0, []
    for file in files("pictures"):
        try:
            picture = stored_picture(file)
            with transaction():
                images.add_image(product_id, picture, {})
            count += 1
        except Invalid as error:
            problems.append(f"{file.filename}: {say(error)}")
    said = ngettext("%(num)s picture added.", "%(num)s pictures added.", count) if count else ""
    message = " ".join([said, *problems]).strip() or gettext("Choose a picture first.")
    return _media(product, message, 422 if problems and not count else 200)


@bp.post("/images/<image>/removal")
def remove_image(image: str) -> Response:
    """Take a picture away; orders keep showing it."""
    product, image_id = _image_or_404(image)
    with transaction():
        images.remove_image(image_id)
    return _media(product, gettext("Picture removed."))


@bp.post("/images/<image>/fetch")
def fetch_image(image: str) -> Response:
    """Try again to fetch a picture of an import that was given up."""
    product, image_id = _image_or_404(image)
    with transaction():
        waiting.try_again([image_id])
    return _media(product, gettext("It is tried again within a minute."))


@bp.post("/images/<image>/position")
def move_image(image: str) -> Response:
    """Earlier or later; the first one is shown in lists."""
    product, image_id = _image_or_404(image)
    typed = request.form.get("position", "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        abort(422)
    with transaction():
        images.move_image(image_id, int(typed))
    return _media(product, gettext("Picture moved."))


@bp.post("/images/<image>/alt")
def image_alt(image: str) -> Response:
    """What a picture shows, in both languages."""
    product, image_id = _image_or_404(image)
    form = AltForm()
    if not form.validate_on_submit():
        return _media(product, gettext("A description has at most 250 characters."), 422)
    texts = {"en": form.alt_en.data or "", "zh": form.alt_zh.data or ""}
    if not any(texts.values()):
        wanted = gettext("Write what the picture shows, in one language at least.")
        return _media(product, wanted, 422)
    with transaction():
        images.set_alt(image_id, {lang: text for lang, text in texts.items() if text})
    return _media(product, gettext("Description saved."))


def _image_or_404(public_id: str) -> tuple[str, int]:
    image_id = images.image_id(public_id, desk().store_ids)
    if image_id is None:
        abort(404)
    return goods.product_of_image(image_id), image_id


def _media(product: str, message: str, status: int = 200) -> Response:
    found = catalog.admin_product(product, desk().store_ids, current_lang())
    if is_partial():
        answer = render("admin/products/_media.html", status=status, product=found)
        return toast(answer, message)
    answer = redirect_after_post(url_for("admin.product", product=product) + "#media")
    return toast(answer, message)


def fetch_error(code: str) -> str:
    """Why a picture could not be fetched, in a sentence."""
    return sentence(code, "invalid", {})


bp.add_app_template_global(fetch_error)
