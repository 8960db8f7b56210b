"""Members of the store, their levels, and what a level is worth."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import members as reading
from shop.core import audit
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.membership import queries as membership
from shop.membership import services
from shop.order import list_rows
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.offer_forms import LevelForm
from shop.web.admin.replies import refused, say_refusal, went_to
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id

_FIELDS = {"name": "name_en", "discount": "discount", "spend_from": "spend_from"}


@bp.get("/members")
def members() -> Response:
    """Who joined, by level; the levels beside."""
    here = desk()
    level = request.args.get("level", "")[:20]
    q = request.args.get("q", "").strip()[:80]
    after = request.args.get("after", "")
    cursor = cursor_id(after)
    page = reading.members(here.store_id, level=level, q=q, after=cursor)
    shown: dict[str, Any] = {"page": page, "level": level, "q": q}
    if cursor and is_partial():
        return render("admin/members/_more.html", **shown)
    levels = membership.levels(here.store_id)
    return render("admin/members/list.html", levels=levels, **shown)


@bp.get("/members/<user>")
def member(user: str) -> Response:
    """One person: standing, orders, contact."""
    here = desk()
    rows = reading.members(here.store_id, user=user).rows
    found = rows[0] if rows else reading.buyer(here.store_ids, user)
    if found is None:
        abort(404)
    return render(
        "admin/members/member.html",
        member=found,
        joined=bool(rows),
        standing=membership.standing(found.user_id, here.store_id),
        orders=list_rows.rows_of(reading.orders_of(here.store_ids, found.user_id), current_lang()),
        address=reading.last_address(here.store_ids, found.user_id),
    )


@bp.route("/members/levels/new", methods=["GET", "POST"])
def level_new() -> Response:
    """A further level."""
    return _level(None)


@bp.route("/members/levels/<level>", methods=["GET", "POST"])
def level(level: str) -> Response:
    """Change a level; members move at once."""
    found = next(
        (one for one in membership.levels(desk().store_id) if one.public_id == level), None
    )
    if found is None:
        abort(404)
    return _level(found)


def _level(found: membership.LevelView | None) -> Response:
    form = LevelForm(formdata=None)
    form.spend_from.currency = desk().currency
    if request.method == "GET":
        if found is not None:
            form.name_en.data = found.names.get("en", "")
            form.name_zh.data = found.names.get("zh", "")
            form.spend_from.data = found.spend_from_minor
            form.discount.data = found.discount_bp / 100
        return _level_page(form, found)
    form.process(request.form)
    if not form.validate():
        return _level_page(form, found, 422)
    try:
        _save_level(form, found)
    except Invalid as error:
        refuse(form, error, _FIELDS.get(str(error.params.get("field", ""))))
        return _level_page(form, found, 422)
    except Conflict as error:
        say_refusal(error)
        return refused(_level_page(form, found, 409), error)
    return went_to(gettext("The level is saved."), url_for("admin.members"))


def _save_level(form: LevelForm, found: membership.LevelView | None) -> None:
    here = desk()
    names = {"en": form.name_en.data or "", "zh": form.name_zh.data or ""}
    names = {lang: name for lang, name in names.items() if name}
    spend_from = int(form.spend_from.data or 0)
    discount = round(float(form.discount.data or 0) * 100)
    with transaction():
        if found is None:
            ranks = [one.rank for one in membership.levels(here.store_id)]
            below = [
                one.rank
                for one in membership.levels(here.store_id)
                if one.spend_from_minor < spend_from
            ]
            rank = (max(below) if below else min(ranks, default=1) - 1) + 1
            if rank in ranks:
                rank = max(ranks) + 1
            services.create_level(
                here.store_id, names, rank=rank, spend_from_minor=spend_from, discount_bp=discount
            )
        else:
            services.update_level(
                found.id, names=names, spend_from_minor=spend_from, discount_bp=discount
            )
        audit.write(
            "level.save",
            f"level {found.public_id if found else 'new'}",
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
            spend_from_minor=spend_from,
            discount_bp=discount,
        )


def _level_page(form: LevelForm, found: membership.LevelView | None, status: int = 200) -> Response:
    return render("admin/members/level.html", block="main", status=status, form=form, level=found)
