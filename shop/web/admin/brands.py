"""Brands: the list, name and text of one, and two that are one."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.catalog import brand_queries as reading
from shop.catalog import brands as services
from shop.catalog import stored_images
from shop.catalog.brand_queries import BrandView
from shop.core import outbox
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.collections import note, runs_platform
from shop.web.admin.desk import desk
from shop.web.admin.gathering_forms import BrandForm, MergeForm, brand_choices
from shop.web.admin.messages import refuse, say
from shop.web.admin.product_save import files, stored_picture
from shop.web.admin.replies import refused, say_refusal, went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/brands")
def brands() -> Response:
    """Brands that the store's goods carry (for operators: all), by name."""
    words = request.args.get("q", "").strip()[:80]
    found = reading.for_staff(current_lang(), _stores(), words)
    return render("admin/brands/list.html", brands=found, q=words)


@bp.route("/brands/<brand>", methods=["GET", "POST"])
def brand(brand: str) -> Response:
    """Change a brand that no other store sells."""
    found = _brand_or_404(brand)
    if request.method == "GET":
        return _page(found, _filled(found))
    form = BrandForm()
    if not form.validate():
        return _page(found, form, 422)
    try:
        with transaction():
            _check(found)
            services.update_brand(
                found.id,
                name=str(form.name.data),
                slug=str(form.slug.data),
                texts={"en": form.text_en.data or "", "zh": form.text_zh.data or ""},
            )
            note("brand.save", f"brand {found.slug}")
    except Invalid as error:
        refuse(form, error)
        return _page(found, form, 422)
    except Conflict as error:
        say_refusal(error)
        refuse(form, error)
        return refused(_page(found, form, 409), error)
    return went_to(gettext("Changes saved."), url_for("admin.brands"))


@bp.post("/brands/<brand>/merge")
def merge_brand(brand: str) -> Response:
    """Give all goods of a brand to the brand that it really is."""
    found = _brand_or_404(brand)
    form = _merging(found)
    form.process(request.form)
    if not form.validate():
        return _page(found, _filled(found), 422, form)
    into = _brand_or_404(str(form.into.data))
    try:
        with transaction():
            for one in (found, into):
                _check(one)
            merged = services.merge(found.id, into.id)
            note("brand.merge", f"brand {found.slug} into {into.slug}")
            if not merged:
                outbox.record("brand.merge_asked", brand_id=found.id, into_id=into.id)
    except (Invalid, Conflict) as error:
        say_refusal(error)
        refuse(form, error, "into")
        return refused(_page(found, _filled(found), 409, form), error)
    said = gettext("%(name)s is %(other)s now.", name=found.name, other=into.name)
    if not merged:
        said = gettext(
            "The products of %(name)s are going to %(other)s, a few hundred at a time.",
            name=found.name,
            other=into.name,
        )
    return went_to(said, url_for("admin.brand", brand=into.public_id))


@bp.post("/brands/<brand>/picture")
def brand_picture(brand: str) -> Response:
    """Another logo, or none."""
    found = _brand_or_404(brand)
    there = url_for("admin.brand", brand=found.public_id) + "#picture"
    image: dict[str, Any] = {}
    if "remove" not in request.form:
        chosen = files("picture")
        if not chosen:
            return went_to(gettext("Choose a picture first."), there)
        try:
            image = stored_images.as_data(stored_picture(chosen[0]))
        except Invalid as error:
            return went_to(say(error), there)
    try:
        with transaction():
            _check(found)
            services.set_image(found.id, image)
            note("brand.picture", f"brand {found.slug}")
    except Conflict as error:
        return went_to(say(error), there)
    return went_to(gettext("Picture saved.") if image else gettext("Picture removed."), there)


def _stores() -> list[int] | None:
    return None if runs_platform() else desk().store_ids


def _check(found: BrandView) -> None:
    if not runs_platform():
        services.check_may_change(found.id, desk().store_ids)


def _brand_or_404(public_id: str) -> BrandView:
    found = reading.one_for_staff(public_id, current_lang(), _stores())
    if found is None:
        abort(404)
    return found


def _filled(found: BrandView) -> BrandForm:
    form = BrandForm(formdata=None)
    form.name.data, form.slug.data = found.name, found.slug
    for lang in ("en", "zh"):
        form[f"text_{lang}"].data = found.texts.get(lang, "")
    return form


def _merging(found: BrandView) -> MergeForm:
    form = MergeForm(formdata=None)
    others = reading.for_staff(current_lang(), _stores(), limit=1000)
    form.into.choices = brand_choices(one for one in others if one.id != found.id)
    return form


def _page(
    found: BrandView, form: BrandForm, status: int = 200, merging: MergeForm | None = None
) -> Response:
    return render(
        "admin/brands/edit.html",
        block="main",
        status=status,
        brand=found,
        form=form,
        merging=merging or _merging(found),
    )
