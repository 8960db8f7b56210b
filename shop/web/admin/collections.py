"""Collections: the list, and one screen to make and change each, with what it holds beside it."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.catalog import collection_queries as reading
from shop.catalog import collection_services as services
from shop.catalog import queries as catalog
from shop.catalog.collection_queries import CollectionEdit
from shop.catalog.collection_services import CollectionData
from shop.core import audit
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.gathering_forms import CollectionForm, fill_rule, rule_of
from shop.web.admin.messages import refuse, say
from shop.web.admin.replies import Once, went_to
from shop.web.ui.forms import choices
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

_FIELDS = {"rule": "kind", "tag": "tags"}
_FOUND = 8


@bp.get("/collections")
def collections() -> Response:
    """The store's collections, and the platform's for operators; new ones first."""
    here = desk()
    found = reading.for_staff(current_lang(), here.store_id, platform=runs_platform())
    return render("admin/collections/list.html", collections=found)


@bp.route("/collections/new", methods=["GET", "POST"])
def collection_new() -> Response:
    """A new collection. What it holds is picked once it has a name, unless a rule says it."""
    if request.method == "GET":
        return _page(_form(None), None)
    return _sent(_form(request.form), None)


@bp.route("/collections/<collection>", methods=["GET", "POST"])
def collection(collection: str) -> Response:
    """Change a collection."""
    found = collection_or_404(collection)
    if request.method == "POST":
        return _sent(_form(request.form), found)
    if request.args.get("part") == "picks":
        return picks(found)
    return _page(_filled(found), found)


@bp.post("/collections/<collection>/removal")
def remove_collection(collection: str) -> Response:
    """Take a collection away; its goods stay."""
    found = collection_or_404(collection)
    with transaction():
        services.remove(found.id)
        note("collection.remove", f"collection {found.slug}")
    return went_to(gettext("The collection is gone; its goods stay."), url_for("admin.collections"))


def runs_platform() -> bool:
    """Whether who sits here may change what belongs to no store."""
    return desk().role == "operator"


def collection_or_404(public_id: str) -> CollectionEdit:
    """A collection of this store; of the platform for operators."""
    found = reading.one_for_staff(public_id, desk().store_id, platform=runs_platform())
    if found is None:
        abort(404)
    return found


def note(action: str, subject: str) -> None:
    """Write down who did it."""
    here = desk()
    audit.write(
        action, subject[:120], actor=here.actor, user_id=here.user_id, store_id=here.store_id
    )


def picks(found: CollectionEdit, problem: str = "", status: int = 200) -> Response:
    """What was picked, and what the words in ``find`` bring."""
    return render(
        "admin/collections/_picks.html",
        status=status,
        collection=found,
        problem=problem,
        **_picking(found),
    )


def _picking(found: CollectionEdit) -> dict[str, Any]:
    words = request.values.get("find", "").strip()[:80]
    held = reading.picked(found.id, current_lang())
    near = []
    if words:
        page = catalog.listing(
            locale=current_lang(),
            store_id=found.store_id,
            search=words,
            sort="relevance",
            limit=_FOUND,
        )
        near = reading.some([card.product_id for card in page.items], current_lang())
    return {"find": words, "picked": held, "near": near, "held": {one.id for one in held}}


def _stores() -> dict[str, int]:
    return {one.public_id: one.id for one in desk().stores}


def _nodes() -> list[Any]:
    return list(catalog.walk(catalog.categories(current_lang())))


def _form(values: Any) -> CollectionForm:
    form = CollectionForm(formdata=None)
    form.price_from.currency = form.price_to.currency = desk().currency
    form.categories.choices = choices([(node.public_id, node.name) for node in _nodes()])
    form.stores.choices = choices([(one.public_id, one.name) for one in desk().stores])
    if values is not None:
        form.process(values)
    return form


def _filled(found: CollectionEdit) -> CollectionForm:
    form = _form(None)
    for lang in ("en", "zh"):
        form[f"title_{lang}"].data = found.titles.get(lang, "")
        form[f"text_{lang}"].data = found.texts.get(lang, "")
    form.slug.data = found.slug
    form.published.data = found.published
    if found.rule is not None:
        fill_rule(form, found.rule, _nodes(), _stores())
    return form


def _store_id(form: CollectionForm, found: CollectionEdit | None) -> int | None:
    """Whose it is: decided when it is made."""
    if found is not None:
        return found.store_id
    return None if form.platform.data and runs_platform() else desk().store_id


def _data(form: CollectionForm, found: CollectionEdit | None) -> CollectionData:
    by_rule = form.kind.data == "rule"
    return CollectionData(
        store_id=_store_id(form, found),
        titles={"en": form.title_en.data or "", "zh": form.title_zh.data or ""},
        texts={"en": form.text_en.data or "", "zh": form.text_zh.data or ""},
        slug=form.slug.data or "",
        rule=rule_of(form, _nodes(), _stores()) if by_rule else None,
        published=bool(form.published.data),
    )


def _sent(form: CollectionForm, found: CollectionEdit | None) -> Response:
    if request.args.get("part") == "preview":
        form.validate()
        return render("admin/collections/_preview.html", preview=_preview(form, found))
    if "look" in request.form:  # the button of browsers without scripts
        form.validate()
        return _page(form, found)
    if not form.validate():
        return _page(form, found, 422)
    try:
        data = _data(form, found)
        with transaction():
            once = Once("collection", form.key.data, [found.id if found else None, data])
            if not once.done_before:
                collection_id = services.save(data, found.id if found else None)
                note("collection.save", f"collection {collection_id}")
            once.finish()
    except Invalid as error:
        field = str(error.params.get("field", ""))
        refuse(form, error, _FIELDS.get(field, field))
        return _page(form, found, 422)
    if found is None and data.rule is None and not once.done_before:
        made = services.public_id_of(collection_id)
        there = url_for("admin.collection", collection=made) + "#picks"
        return went_to(gettext("The collection is made. Now pick its goods."), there)
    return went_to(gettext("Changes saved."), url_for("admin.collections"))


def _preview(form: CollectionForm, found: CollectionEdit | None) -> dict[str, Any]:
    """What the rule takes in now, or what is still missing to say."""
    if form.kind.data != "rule":
        return {"by_hand": True}
    try:
        rule = rule_of(form, _nodes(), _stores())
    except Invalid as error:
        return {"problem": say(error)}
    count, shown = reading.preview(rule, _store_id(form, found), current_lang())
    return {"count": count, "shown": shown}


def _page(form: CollectionForm, found: CollectionEdit | None, status: int = 200) -> Response:
    by_hand = found is not None and found.rule is None
    return render(
        "admin/collections/edit.html",
        block="main",
        status=status,
        form=form,
        collection=found,
        preview=_preview(form, found),
        by_hand=by_hand,
        operator=runs_platform(),
        nodes={node.public_id: node for node in _nodes()},
        **(_picking(found) if found is not None and by_hand else {}),
    )
