"""Attributes of categories: what goods have in common, and lists are narrowed by. For operators."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, abort, request, url_for
from flask_babel import gettext
from flask_login import current_user

from shop.catalog import queries as catalog
from shop.catalog.facets import attributes as services
from shop.catalog.facets.attribute_queries import AttributeView, attributes
from shop.catalog.facets.attributes import MAX_VALUES, ValueData
from shop.core import audit
from shop.core.errors import Invalid
from shop.core.i18n import pick
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

LANGS = ("en", "zh")
SPARE = 4

bp.add_app_template_filter(lambda texts: pick(texts, current_lang()), "in_language")


@dataclass
class AttributeDraft:
    """The form as it is drawn: names and labels by language, categories by public id."""

    names: dict[str, str]
    values: list[ValueData] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)
    error: str = ""
    at: str = ""

    @property
    def rows(self) -> list[ValueData]:
        """The values, and empty rows to type into."""
        return [*self.values, *(ValueData(dict.fromkeys(LANGS, "")) for _ in range(SPARE))]


@bp.get("/attributes")
def attribute_list() -> Response:
    """All attributes with their categories."""
    _operators_only()
    names = {node.id: node.name for node in catalog.walk(catalog.categories(current_lang()))}
    return render(
        "admin/attributes/list.html", block="main", attributes=attributes(), category_names=names
    )


@bp.route("/attributes/new", methods=["GET", "POST"])
def attribute_new() -> Response:
    """Define one."""
    _operators_only()
    if request.method == "GET":
        return _page(AttributeDraft(dict.fromkeys(LANGS, "")), None)
    draft = _of_form()
    try:
        with transaction():
            made = services.create(draft.names, draft.values, _category_ids(draft))
            _note("attribute.create", made)
    except Invalid as error:
        return _refused(draft, None, error)
    return went_to(gettext("Attribute created."), url_for("admin.attribute_list"))


@bp.route("/attributes/<attribute_id>", methods=["GET", "POST"])
def attribute(attribute_id: str) -> Response:
    """Change one."""
    _operators_only()
    found = _find(attribute_id)
    if request.method == "GET":
        return _page(_of_stored(found), found)
    draft = _of_form()
    try:
        with transaction():
            services.change(attribute_id, draft.names, draft.values, _category_ids(draft))
            _note("attribute.change", attribute_id)
    except Invalid as error:
        return _refused(draft, found, error)
    return went_to(gettext("Changes saved."), url_for("admin.attribute_list"))


@bp.route("/attributes/<attribute_id>/removal", methods=["GET", "POST"])
def attribute_removal(attribute_id: str) -> Response:
    """Ask once, then forget it with its values: it cannot be undone."""
    _operators_only()
    found = _find(attribute_id)
    if request.method == "GET":
        return render("admin/attributes/removal.html", block="main", attribute=found)
    with transaction():
        services.remove(attribute_id)
        _note("attribute.remove", attribute_id)
    return went_to(gettext("The attribute is gone."), url_for("admin.attribute_list"))


def _operators_only() -> None:
    """The tree of categories is everybody's, so what it asks for is decided for all stores."""
    if not current_user.is_operator:
        abort(404)


def _find(public_id: str) -> AttributeView:
    found = next((one for one in attributes() if one.public_id == public_id), None)
    if found is None:
        abort(404)
    return found


def _note(action: str, public_id: str) -> None:
    here = desk()
    audit.write(action, f"attribute {public_id}", actor=here.actor, user_id=here.user_id)


def _of_stored(found: AttributeView) -> AttributeDraft:
    public = {node.id: node.public_id for node in catalog.walk(catalog.categories(current_lang()))}
    return AttributeDraft(
        _in_all(found.names),
        [ValueData(_in_all(value.labels), value.public_id) for value in found.values],
        {public[one] for one in found.category_ids if one in public},
    )


def _in_all(texts: Mapping[str, object]) -> dict[str, str]:
    return {lang: str(texts.get(lang, "")) for lang in LANGS}


def _of_form() -> AttributeDraft:
    form = request.form
    values = []
    for row in range(MAX_VALUES + SPARE):
        if f"value-{row}-en" not in form and f"value-{row}-zh" not in form:
            break
        labels = {lang: form.get(f"value-{row}-{lang}", "").strip() for lang in LANGS}
        public_id = form.get(f"value-{row}-id", "")
        if any(labels.values()):
            values.append(ValueData(labels, public_id))
    names = {lang: form.get(f"name-{lang}", "").strip() for lang in LANGS}
    return AttributeDraft(names, values, set(form.getlist("category")))


def _category_ids(draft: AttributeDraft) -> list[int]:
    nodes = catalog.walk(catalog.categories(current_lang()))
    return [node.id for node in nodes if node.public_id in draft.categories]


def _refused(draft: AttributeDraft, found: AttributeView | None, error: Invalid) -> Response:
    draft.error, draft.at = say(error), str(error.params.get("field", ""))
    return _page(draft, found, 422)


def _page(draft: AttributeDraft, found: AttributeView | None, status: int = 200) -> Response:
    return render(
        "admin/attributes/edit.html",
        block="main",
        status=status,
        draft=draft,
        attribute=found,
        langs=LANGS,
        categories=catalog.categories(current_lang()),
    )
