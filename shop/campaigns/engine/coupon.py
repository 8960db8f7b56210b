"""Which coupon an entered code means, and why it does not apply."""

from dataclasses import dataclass
from datetime import datetime

from shop.campaigns.engine.benefits import AmountOff, PercentageOff
from shop.campaigns.engine.conditions import GoodsFrom
from shop.campaigns.engine.quote import CouponResult, Problem, Progress
from shop.campaigns.engine.values import CouponRule, Lane, Promotion, Rules, Scope, Step
from shop.campaigns.engine.working import Outcome, Working

# Of several coupons that share a code and all fail, the one nearest to working explains itself.
_NEAREST_FIRST = (
    "coupon-below-threshold",
    "coupon-nothing-to-reduce",
    "coupon-limit-per-user",
    "coupon-used-up",
    "coupon-not-started",
    "coupon-ended",
    "coupon-other-currency",
    "coupon-other-store",
)


@dataclass(frozen=True, slots=True)
class _Verdict:
    rule: CouponRule
    offer: Promotion
    outcome: Outcome
    problem: Problem | None
    progress: Progress | None = None

    def rank(self) -> tuple[int, int, int, int]:
        """Smallest is chosen: what applies and takes most off, else the nearest to working."""
        if self.problem is None:
            return 0, -self.outcome.amount_minor, 0, self.rule.coupon_id
        missing = self.progress.missing_minor if self.progress else 0
        return 1, _NEAREST_FIRST.index(self.problem.code), missing, self.rule.coupon_id


def count(working: Working, rules: Rules, now: datetime) -> tuple[CouponResult, Progress | None]:
    """Let the entered code count, if it does; and say what is missing to its threshold."""
    code = rules.coupon_code or ""
    verdicts = [_judge(working, rule, rules.currency, now) for rule in rules.coupons]
    if not verdicts:
        return CouponResult(code, problem=Problem("coupon-unknown", {"code": code})), None
    chosen = min(verdicts, key=_Verdict.rank)
    applied = None
    if chosen.problem is None:
        applied = working.count(chosen.offer, chosen.outcome)
    rule = chosen.rule
    return (
        CouponResult(rule.code, rule.coupon_id, rule.labels, applied, chosen.problem),
        chosen.progress,
    )


def _judge(working: Working, rule: CouponRule, currency: str, now: datetime) -> _Verdict:
    offer = _as_offer(rule)
    outcome = working.weigh(offer, working.left)

    def refuse(code: str, progress: Progress | None = None, **params: object) -> _Verdict:
        return _Verdict(
            rule, offer, outcome, Problem(code, {"code": rule.code, **params}), progress
        )

    covered = [line for line in working.lines if offer.scope.covers(line)]
    goods = sum(working.left[line.key] for line in covered)
    if not covered:
        return refuse("coupon-other-store", store_id=rule.store_id)
    if rule.currency != currency:
        return refuse("coupon-other-currency", currency=rule.currency)
    if now < rule.starts_at:
        return refuse("coupon-not-started", starts_at=rule.starts_at)
    if rule.ends_at is not None and now >= rule.ends_at:
        return refuse("coupon-ended", ends_at=rule.ends_at)
    if rule.left is not None and rule.left <= 0:
        return refuse("coupon-used-up")
    if rule.left_for_customer is not None and rule.left_for_customer <= 0:
        return refuse("coupon-limit-per-user")
    if goods < rule.threshold_minor:
        progress = Progress(
            "coupon",
            rule.coupon_id,
            rule.store_id,
            rule.labels,
            goods,
            rule.threshold_minor,
            off_minor=rule.value if rule.kind == "amount" else None,
            off_bp=rule.value if rule.kind == "percentage" else None,
        )
        return refuse(
            "coupon-below-threshold",
            progress,
            missing_minor=progress.missing_minor,
            threshold_minor=rule.threshold_minor,
            currency=rule.currency,
        )
    if outcome.amount_minor == 0:
        return refuse("coupon-nothing-to-reduce")
    return _Verdict(rule, offer, outcome, None)


def _as_offer(rule: CouponRule) -> Promotion:
    benefit = AmountOff(rule.value) if rule.kind == "amount" else PercentageOff(rule.value)
    return Promotion(
        "coupon",
        rule.coupon_id,
        Lane.COUPON,
        Scope(rule.store_id),
        (Step(benefit, (GoodsFrom(rule.threshold_minor),)),),
        rule.labels,
        rule.currency,
    )
