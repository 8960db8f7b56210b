"""Spend-and-save campaigns: list, make, change, end."""

from datetime import date, datetime
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.campaigns import admin, services
from shop.campaigns.data import PromotionData, PromotionView, Tier
from shop.core import clock
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.offer_forms import CampaignForm, end_of, first_day, last_day, start_of
from shop.web.admin.replies import Once, done, refused, say_refusal, went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/campaigns")
def campaigns() -> Response:
    """Spend-and-save campaigns, those that begin last first."""
    found = admin.promotions(desk().store_ids, clock.now(), current_lang())
    return render("admin/campaigns/list.html", campaigns=found)


@bp.route("/campaigns/new", methods=["GET", "POST"])
def campaign_new() -> Response:
    """A new campaign."""
    if "part" in request.args:
        return _page(_form(request.values), None)
    if request.method == "POST":
        return _saved(_form(request.form), None)
    form = _form(None)
    form.starts.data = first_day(clock.now(), desk().store.timezone)
    return _page(form, None)


@bp.route("/campaigns/<campaign>", methods=["GET", "POST"])
def campaign(campaign: str) -> Response:
    """Change a campaign that has not ended."""
    found = _campaign_or_404(campaign)
    if "part" in request.args:
        return _page(_form(request.values), found)
    if request.method == "POST":
        return _saved(_form(request.form), found)
    return _page(_filled(found), found)


@bp.post("/campaigns/<campaign>/end")
def end_campaign(campaign: str) -> Response:
    """It counts no more from now on; orders keep what it took off."""
    found = _campaign_or_404(campaign)
    here = desk()
    try:
        with transaction():
            services.end_promotion(found.id, actor=here.actor, user_id=here.user_id)
    except Conflict as error:
        say_refusal(error)
        return refused(_page(_filled(found), found), error)
    return done(gettext("“%(name)s” has ended.", name=found.title), url_for("admin.campaigns"))


def _campaign_or_404(public_id: str) -> PromotionView:
    found = admin.promotion(public_id, desk().store_ids, clock.now(), current_lang())
    if found is None:
        abort(404)
    return found


def _form(values: Any) -> CampaignForm:
    form = CampaignForm(formdata=None)
    for over, off in form.tiers():
        over.currency = off.currency = desk().currency
    if values is not None:
        form.process(values)
    return form


def _filled(found: PromotionView) -> CampaignForm:
    zone = desk().store.timezone
    form = _form(None)
    form.title_en.data = found.titles.get("en", "")
    form.title_zh.data = found.titles.get("zh", "")
    for (over, off), tier in zip(form.tiers(), found.tiers, strict=False):
        over.data, off.data = tier.over_minor, tier.off_minor
    form.starts.data = first_day(found.starts_at, zone)
    form.ends.data = last_day(found.ends_at, zone)
    return form


def _tiers(form: CampaignForm) -> tuple[Tier, ...]:
    """The steps that were filled in; a half one is said at its empty field."""
    tiers = []
    for over, off in form.tiers():
        if over.data and off.data:
            tiers.append(Tier(over.data, off.data))
        elif over.data or off.data:
            empty = off if over.data else over
            empty.errors = [*empty.errors, gettext("Fill in both, or neither.")]
    return tuple(tiers)


def _saved(form: CampaignForm, found: PromotionView | None) -> Response:
    valid = form.validate()
    tiers = _tiers(form)
    if not tiers and valid:
        form.over_0.errors = [*form.over_0.errors, gettext("Write at least one step.")]
    if not valid or form.error_list():
        return _page(form, found, 422)
    here = desk()
    zone = here.store.timezone
    data = PromotionData(
        store_id=here.store_id,
        titles={"en": form.title_en.data or "", "zh": form.title_zh.data or ""},
        tiers=tiers,
        priority=found.priority if found else 0,
        starts_at=_start(form.starts.data, found, zone),
        ends_at=end_of(form.ends.data, zone),
    )
    try:
        with transaction():
            once = Once("campaign", form.key.data, [found.id if found else None, data])
            if not once.done_before and found is None:
                services.create_promotion(data, actor=here.actor, user_id=here.user_id)
            elif not once.done_before and found is not None:
                services.update_promotion(found.id, data, actor=here.actor, user_id=here.user_id)
            once.finish()
    except Invalid as error:
        place = int(error.params.get("place", 0))
        names = {"titles": "title_en", "tiers": f"over_{place}", "ends_at": "ends"}
        refuse(form, error, names.get(str(error.params.get("field", ""))))
        return _page(form, found, 422)
    except Conflict as error:
        say_refusal(error)
        return refused(_page(form, found, 409), error)
    said = gettext("The campaign is saved.")
    return went_to(said, url_for("admin.campaigns"))


def _start(day: date | None, found: PromotionView | None, zone: str) -> datetime | None:
    """As for coupons: an unchanged day keeps its moment, today means now."""
    if found is not None and first_day(found.starts_at, zone) == day:
        return found.starts_at
    if day == first_day(clock.now(), zone):
        return None
    return start_of(day, zone)


def _page(form: CampaignForm, found: PromotionView | None, status: int = 200) -> Response:
    pairs = [(over.data, off.data) for over, off in form.tiers() if over.data and off.data]
    shown: dict[str, Any] = {"form": form, "campaign": found, "pairs": pairs}
    if request.args.get("part") == "preview":
        return render("admin/campaigns/_preview.html", **shown)
    return render("admin/campaigns/edit.html", block="main", status=status, **shown)
