"""Coupons: list, make and change with a live sentence, end early."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import force_locale, gettext

from shop.campaigns import admin, services
from shop.campaigns.data import CouponData, CouponView
from shop.campaigns.states import OfferState
from shop.core import clock, ids
from shop.core.errors import Conflict, Invalid
from shop.core.i18n import pick
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.offer_forms import CouponForm, end_of, first_day, last_day, start_of
from shop.web.admin.replies import Once, done, refused, say_refusal, went_to
from shop.web.admin.wording import Wording
from shop.web.ui.format import day, money_text
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang

VIEWS = ("", *(state.value for state in OfferState))
_FIELDS = {
    "value": "amount",
    "threshold_minor": "threshold",
    "total_limit": "total",
    "per_user_limit": "per_user",
    "ends_at": "ends",
    "titles": "title_en",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """A coupon as the sentence and the ticket show it; ``value_minor`` or ``basis_points`` is set."""

    value_minor: int | None
    basis_points: int | None
    threshold_minor: int
    per_user: int | None
    total: int | None
    starts: date | None
    ends: date | None
    titles: dict[str, str]
    code: str
    listed: bool

    @property
    def has_value(self) -> bool:
        """Whether there is something to show yet."""
        return bool(self.value_minor or self.basis_points)

    @property
    def cost_minor(self) -> int | None:
        """What it can cost at most."""
        if self.value_minor is None or self.total is None:
            return None
        return self.value_minor * self.total


@bp.get("/coupons")
def coupons() -> Response:
    """Coupons, newest first, by state."""
    here = desk()
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    q = request.args.get("q", "").strip()[:40]
    after = request.args.get("after") or None
    page, next_cursor = admin.coupons(
        here.store_ids,
        clock.now(),
        current_lang(),
        state=OfferState(view) if view else None,
        search=q,
        after=after,
    )
    shown: dict[str, Any] = {"view": view, "q": q, "coupons": page, "next_cursor": next_cursor}
    if after and is_partial():
        return render("admin/coupons/_more.html", **shown)
    return render("admin/coupons/list.html", views=VIEWS, **shown)


@bp.route("/coupons/new", methods=["GET", "POST"])
def coupon_new() -> Response:
    """A new coupon; the sentence says what it will be."""
    if "part" in request.args:
        return _page(_form(request.values), None)
    if request.method == "GET":
        form = _form(None)
        form.starts.data = first_day(clock.now(), desk().store.timezone)
        form.code.data = f"SAVE-{ids.redemption_code()[:4]}"
        return _page(form, None)
    form = _form(request.form)
    return _saved(form, None)


@bp.route("/coupons/<coupon>", methods=["GET", "POST"])
def coupon(coupon: str) -> Response:
    """Change a coupon that has not ended."""
    found = _coupon_or_404(coupon)
    if "part" in request.args:
        return _page(_form(request.values), found)
    if request.method == "POST":
        return _saved(_form(request.form), found)
    return _page(_filled(found), found)


@bp.post("/coupons/<coupon>/end")
def end_coupon(coupon: str) -> Response:
    """No more uses from now on; what was taken off stays."""
    found = _coupon_or_404(coupon)
    here = desk()
    try:
        with transaction():
            services.end_coupon(found.id, actor=here.actor, user_id=here.user_id)
    except Conflict as error:
        say_refusal(error)
        return refused(_page(_filled(found), found), error)
    return done(gettext("Coupon %(code)s has ended.", code=found.code), url_for("admin.coupons"))


def _coupon_or_404(public_id: str) -> CouponView:
    found = admin.coupon(public_id, desk().store_ids, clock.now(), current_lang())
    if found is None:
        abort(404)
    return found


def _form(values: Any) -> CouponForm:
    form = CouponForm(formdata=None)
    for money in (form.amount, form.threshold):
        money.currency = desk().currency
    if values is not None:
        form.process(values)
    return form


def _filled(found: CouponView) -> CouponForm:
    zone = desk().store.timezone
    form = _form(None)
    form.kind.data = found.kind
    form.amount.data = found.value if found.kind == "amount" else None
    form.percentage.data = found.value / 100 if found.kind == "percentage" else None
    form.threshold.data = found.threshold_minor or None
    form.code.data = found.code
    form.title_en.data = found.titles.get("en", "")
    form.title_zh.data = found.titles.get("zh", "")
    form.per_user.data = found.per_user_limit
    form.total.data = found.total_limit
    form.starts.data = first_day(found.starts_at, zone)
    form.ends.data = last_day(found.ends_at, zone)
    form.listed.data = found.listed
    return form


def _preview(form: CouponForm) -> Preview:
    percentage = form.kind.data == "percentage"
    share = form.percentage.data
    return Preview(
        value_minor=None if percentage else form.amount.data,
        basis_points=round(share * 100) if percentage and share else None,
        threshold_minor=form.threshold.data or 0,
        per_user=form.per_user.data,
        total=form.total.data,
        starts=form.starts.data,
        ends=form.ends.data,
        titles={"en": form.title_en.data or "", "zh": form.title_zh.data or ""},
        code=form.code.data or "",
        listed=bool(form.listed.data),
    )


def _tickets(seen: Preview) -> list[dict[str, str]]:
    """The coupon as shoppers see it in each language, whatever the language of this page."""
    currency = desk().currency
    found = []
    for lang in ("en", "zh"):
        with force_locale(lang):
            least = money_text(seen.threshold_minor, currency)
            found.append(
                {
                    "lang": lang,
                    "value": money_text(seen.value_minor, currency)
                    if seen.value_minor
                    else Wording().share(seen.basis_points or 0),
                    "under": gettext("over %(amount)s", amount=least)
                    if seen.threshold_minor
                    else gettext("on every order"),
                    "title": pick(seen.titles, lang) or seen.code,
                    "note": gettext("until %(day)s", day=day(seen.ends))
                    if seen.ends
                    else gettext("without an end"),
                    "action": gettext("Claim") if seen.listed else seen.code,
                }
            )
    return found


def _saved(form: CouponForm, found: CouponView | None) -> Response:
    if not form.validate():
        return _page(form, found, 422)
    seen = _preview(form)
    if not seen.has_value:
        field = form.percentage if form.kind.data == "percentage" else form.amount
        field.errors = [*field.errors, gettext("Write what the coupon gives.")]
        return _page(form, found, 422)
    here = desk()
    zone = here.store.timezone
    data = CouponData(
        store_id=here.store_id,
        code=str(form.code.data),
        kind=str(form.kind.data),
        value=int(seen.basis_points or seen.value_minor or 0),
        threshold_minor=seen.threshold_minor,
        total_limit=seen.total,
        per_user_limit=seen.per_user,
        listed=seen.listed,
        titles=seen.titles,
        starts_at=_start(form.starts.data, found, zone),
        ends_at=end_of(form.ends.data, zone),
    )
    try:
        with transaction():
            once = Once("coupon", form.key.data, [found.id if found else None, data])
            if not once.done_before and found is None:
                services.create_coupon(data, actor=here.actor, user_id=here.user_id)
            elif not once.done_before and found is not None:
                services.update_coupon(found.id, data, actor=here.actor, user_id=here.user_id)
            once.finish()
    except Invalid as error:
        refuse(form, error, _FIELDS.get(str(error.params.get("field", ""))))
        return _page(form, found, 422)
    except Conflict as error:
        say_refusal(error)
        return refused(_page(form, found, 409), error)
    said = gettext("Coupon %(code)s is ready.", code=data.code)
    return went_to(said if found is None else gettext("Changes saved."), url_for("admin.coupons"))


def _start(day: date | None, found: CouponView | None, zone: str) -> Any:
    """The exact moment is kept when its day was not changed; today means now."""
    if found is not None and first_day(found.starts_at, zone) == day:
        return found.starts_at
    if day == first_day(clock.now(), zone):
        return None
    return start_of(day, zone)


def _page(form: CouponForm, found: CouponView | None, status: int = 200) -> Response:
    preview = _preview(form)
    if request.args.get("part") == "preview":
        return render("admin/coupons/_preview.html", preview=preview, tickets=_tickets(preview))
    return render(
        "admin/coupons/edit.html",
        block="main",
        status=status,
        form=form,
        coupon=found,
        preview=preview,
        tickets=_tickets(preview),
    )
