"""The counter: a code is looked up, used in whole or in part, taken back, extended."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, ngettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.order import code_queries, codes
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse, say
from shop.web.admin.order_forms import ExtendForm, RedeemForm
from shop.web.admin.replies import Once, went_to
from shop.web.ui.format import day
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang, current_zone

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@bp.get("/redeem")
def redeem() -> Response:
    """One field, for a scanner or for fingers; with `?code=` what the code stands for."""
    typed = request.args.get("code", "").strip()[:60]
    if "code" in request.args and not typed:
        return _page("", 422, problem=gettext("Scan or type the code that the customer shows."))
    return _page(typed)


@bp.post("/redeem")
def redeem_use() -> Response:
    """Visits of a code are used now."""
    form = RedeemForm()
    typed = str(form.code.data or "")[:60]
    if not form.validate():
        return _page(typed, 422, form=form)
    here = desk()
    everything = request.form.get("all", "")
    whole = everything.isascii() and everything.isdigit() and len(everything) < 5
    uses, note = int(everything if whole else form.uses.data), str(form.note.data or "")
    try:
        with transaction():
            once = Once("code-redeem", form.key.data, [codes.normal(typed), uses, note])
            if once.done_before:
                return _again(typed)
            booked = codes.redeem(
                typed,
                here.store_ids,
                user_id=here.user_id,
                actor=here.actor,
                uses=uses,
                note=note,
            )
            _audit("code.redeem", booked, uses=uses)
            once.finish()
    except ShopError as error:
        return _refused(typed, error, form=form)
    if booked.left:
        left = ngettext("%(num)s visit is left.", "%(num)s visits are left.", booked.left)
        said = gettext("Redeemed.") + " " + left
    else:
        said = gettext("Redeemed. The code belongs to order %(number)s.", number=booked.number)
    return went_to(said, url_for("admin.redeem", code=booked.code, done=booked.use))


@bp.post("/redeem/reversal")
def redeem_undo() -> Response:
    """A redemption of the last day is taken back."""
    here = desk()
    use, typed = request.form.get("use", "")[:16], request.form.get("code", "")[:60]
    try:
        with transaction():
            booked = codes.undo(use, here.store_ids, actor=here.actor)
            _audit("code.undo", booked)
    except ShopError as error:
        return _refused(typed, error)
    return went_to(gettext("Taken back."), url_for("admin.redeem", code=booked.code))


@bp.post("/redeem/extension")
def redeem_extend() -> Response:
    """A code is good for longer."""
    form = ExtendForm()
    typed = str(form.code.data or "")[:60]
    if not form.validate():
        return _page(typed, 422, extension=form)
    here = desk()
    try:
        until = _end_of(str(form.until.data or ""))
        with transaction():
            booked = codes.extend(
                typed,
                here.store_ids,
                until,
                reason=str(form.reason.data or ""),
                actor=here.actor,
            )
            _audit("code.extend", booked, until=until.isoformat())
    except ShopError as error:
        return _refused(typed, error, extension=form)
    said = gettext("The code is good until %(day)s.", day=day(until))
    return went_to(said, url_for("admin.redeem", code=booked.code))


def _end_of(typed: str) -> datetime:
    """The last moment of a day in the store's zone, as the UTC moment it is."""
    if not _DAY.fullmatch(typed):
        raise Invalid("extension-form", field="until")
    try:
        begin = datetime.fromisoformat(typed).replace(tzinfo=current_zone())
        return (begin + timedelta(days=1, seconds=-1)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("extension-form", field="until") from None


def _audit(action: str, booked: codes.Redeemed, **detail: Any) -> None:
    here = desk()
    audit.write(
        action,
        f"order {booked.number}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        ending=booked.code[-4:],
        **detail,
    )


def _again(typed: str) -> Response:
    """A second press of the same form."""
    return went_to(gettext("Redeemed."), url_for("admin.redeem", code=codes.normal(typed)))


def _refused(
    typed: str,
    error: ShopError,
    *,
    form: RedeemForm | None = None,
    extension: ExtendForm | None = None,
) -> Response:
    status = 409 if isinstance(error, Conflict) else 422
    given = form or extension
    if given is not None and str(error.params.get("field", "")) in {"uses", "until", "reason"}:
        refuse(given, error)
        return _page(typed, status, form=form, extension=extension)
    unknown = isinstance(error, NotFound) and error.reason == "code-unknown"
    problem = "" if unknown else say(error)
    return _page(typed, status, problem=problem, form=form, extension=extension)


def _page(
    typed: str,
    status: int = 200,
    *,
    problem: str = "",
    form: RedeemForm | None = None,
    extension: ExtendForm | None = None,
) -> Response:
    card = code_queries.card(typed, desk().store_ids, current_lang()) if typed else None
    if typed and card is None:
        problem, status = say(NotFound("code-unknown")), status if status != 200 else 422
    if form is None:
        form = RedeemForm(formdata=None)
        form.uses.data = 1
    form.code.data = card.code if card else ""
    extension = extension or ExtendForm(formdata=None)
    extension.code.data = form.code.data
    return render(
        "admin/redeem.html",
        block="main",
        status=status,
        typed=card.code if card else typed,
        card=card,
        problem=problem,
        form=form,
        extension=extension,
        done=request.args.get("done", "") if status == 200 else "",
    )
