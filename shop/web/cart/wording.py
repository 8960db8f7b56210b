"""What the cart says of offers: why a coupon does not count, what is missing to the next gain."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from shop.campaigns.engine.quote import Applied, CouponResult, Progress, Quote
from shop.cart.views import CartLineView, CartPart, StorePart
from shop.core.i18n import pick
from shop.web.ui.format import day, money_text, percent
from shop.web.ui.locale import current_lang
from shop.web.ui.messages import sentence

_SHOWN = 2
"""How many prompts a store's goods get: more is a sales pitch."""


_WORTH_SAYING = 0.5


def _(text: str, **values: object) -> str:
    """``gettext`` with the type that it has."""
    return str(gettext(text, **values))


@dataclass(frozen=True, slots=True)
class Nudge:
    """A prompt with its bar; ``done`` says that something is reached already and has no bar."""

    text: str
    value: int = 0
    most: int = 0
    label: str = ""
    done: bool = False
    kind: str = ""


def coupon_problem(result: CouponResult | None, currency: str) -> str:
    """Why the entered code does not count, as a sentence that says what to do; "" when it does."""
    problem = result.problem if result else None
    if problem is None:
        return ""
    params = problem.params
    if problem.code == "coupon-below-threshold":
        return _(
            "Add %(missing)s more to use this coupon; it counts from %(threshold)s.",
            missing=money_text(params["missing_minor"], currency),
            threshold=money_text(params["threshold_minor"], currency),
        )
    if problem.code == "coupon-ended":
        return _("This coupon ended on %(day)s.", day=day(params["ends_at"]))
    if problem.code == "coupon-not-started":
        return _("This coupon is valid from %(day)s on.", day=day(params["starts_at"]))
    return sentence(problem.code, "conflict", params)


def store_nudges(part: CartPart, store: StorePart) -> list[Nudge]:
    """What one store's goods have reached and what comes next, nearest first."""
    if store.quote is None:
        return []
    steps = list(store.quote.progress)
    found = []
    for applied in part.quote.applied:
        if applied.source == "promotion" and applied.store_id == store.store.id:
            following = next((p for p in steps if p.source_id == applied.source_id), None)
            steps = [p for p in steps if p is not following]
            found.append(_reached(applied, following, part.currency))
    found += [_missing(step, part.currency) for step in steps]
    return found[:_SHOWN]


def platform_nudges(quote: Quote) -> list[Nudge]:
    """Prompts about goods of all stores together, nearest first."""
    steps = [step for step in quote.progress if step.store_id is None]
    return [_missing(step, quote.currency) for step in steps][:_SHOWN]


def line_message(line: CartLineView) -> tuple[str, str]:
    """What a line says of itself: the sentence and its kind (``warn``, ``good`` or none)."""
    if line.problem == "gone":
        return _("No longer sold. Take it out to go on."), "warn"
    if line.problem == "sold-out":
        return _("Sold out meanwhile. Take it out to go on."), "warn"
    if line.problem == "stock-short":
        return _("Only %(available)s left. Take fewer to go on.", available=line.available), "warn"
    if line.problem == "price-changed":
        difference = line.info.price_minor - line.seen_price_minor
        amount = money_text(abs(difference), line.info.currency)
        if difference < 0:
            return _("%(amount)s less than when you added it", amount=amount), "good"
        return _("%(amount)s more than when you added it", amount=amount), "warn"
    if line.available is not None and line.available <= 5:
        return _("Only %(available)s left", available=line.available), "warn"
    return "", ""


def reasons(line: CartLineView) -> list[tuple[str, int]]:
    """Why a line costs less than its goods: each offer's name and what it took off (≤ 0)."""
    if line.quoted is None:
        return []
    return [(pick(adj.labels, current_lang()), adj.amount_minor) for adj in line.quoted.adjustments]


def discount_name(applied: Applied, shops: Mapping[int, str], currency: str) -> str:
    """What the bill calls an offer that counts. ``shops``: store id → name, empty when none is named."""
    name = pick(applied.labels, current_lang())
    shop = shops.get(applied.store_id or 0, "")
    if applied.source == "coupon":
        return _("Coupon: %(name)s", name=name)
    if applied.source == "member":
        if shop:
            return _("%(shop)s member: %(level)s", shop=shop, level=name)
        return _("Member: %(level)s", level=name)
    if not applied.from_minor:
        return name
    # The step that counts, rather than the title: that may name steps which do not.
    off = money_text(-applied.amount_minor, currency)
    over = money_text(applied.from_minor, currency)
    if shop:
        return _("%(shop)s: %(off)s off %(over)s", shop=shop, off=off, over=over)
    return _("%(off)s off %(over)s", off=off, over=over)


def nearest_delivery(part: CartPart) -> Progress | None:
    """The prompt nearest to a waived delivery, once more than half of the way to it is gone."""
    steps = (step for step in part.quote.progress if step.kind == "delivery")
    return next((step for step in steps if step.fraction >= _WORTH_SAYING), None)


def _reached(applied: Applied, following: Progress | None, currency: str) -> Nudge:
    off = money_text(-applied.amount_minor, currency)
    over = money_text(applied.from_minor, currency)
    if following is None or following.off_minor is None:
        return Nudge(
            _("%(off)s off for spending over %(over)s.", off=off, over=over), done=True, kind="tier"
        )
    return Nudge(
        _(
            "%(off)s off for spending over %(over)s. Next: %(more)s off at %(target)s.",
            off=off,
            over=over,
            more=money_text(following.off_minor, currency),
            target=money_text(following.target_minor, currency),
        ),
        done=True,
        kind="tier",
    )


def _missing(step: Progress, currency: str) -> Nudge:
    missing = money_text(step.missing_minor, currency)
    if step.kind == "delivery":
        text = _("Add %(missing)s more for free delivery", missing=missing)
    elif step.off_minor is not None:
        off = money_text(step.off_minor, currency)
        text = _("Add %(missing)s more for %(off)s off", missing=missing, off=off)
    else:
        share = percent((step.off_bp or 0) / 10_000)
        text = _("Add %(missing)s more for %(off)s off", missing=missing, off=share)
    if step.kind == "coupon":
        name = pick(step.labels, current_lang())
        text = _("Add %(missing)s more to use “%(coupon)s”", missing=missing, coupon=name)
    label = _(
        "%(reached)s of %(target)s",
        reached=money_text(step.goods_minor, currency),
        target=money_text(step.target_minor, currency),
    )
    return Nudge(text, step.goods_minor, step.target_minor, label, kind=step.kind)
