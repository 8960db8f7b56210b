"""The state of a quote while offers are counted, and how one offer counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.campaigns.engine.conditions import GoodsFrom, Ground
from shop.campaigns.engine.quote import Adj, Applied, Progress
from shop.campaigns.engine.values import Customer, Line, Promotion, Step


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an offer would do: shares by line key (> 0), the step reached, and the next one."""

    shares: Mapping[int, int]
    step: Step | None
    progress: Progress | None

    @property
    def amount_minor(self) -> int:
        """What it takes off, as a positive amount."""
        return sum(self.shares.values())


class Working:
    """What is left of each line, and the adjustments so far.

    Lines are kept by key, so that a quote does not depend on the order they are given in.
    """

    def __init__(self, lines: Sequence[Line], customer: Customer) -> None:
        self.lines = sorted(lines, key=lambda line: line.key)
        self.customer = customer
        self.left = {line.key: line.items_minor for line in self.lines}
        self.adjustments: dict[int, list[Adj]] = {line.key: [] for line in self.lines}
        self.applied: list[Applied] = []

    def weigh(self, offer: Promotion, began_with: Mapping[int, int]) -> Outcome:
        """What ``offer`` would take off now; its conditions look at what its lane ``began_with``."""
        covered = [line for line in self.lines if offer.scope.covers(line)]
        if not covered:
            return Outcome({}, None, None)
        ground = Ground(sum(began_with[line.key] for line in covered), self.customer.user_id)
        left = [self.left[line.key] for line in covered]
        best: Step | None = None
        shares = [0] * len(covered)
        for step in sorted(offer.steps, key=threshold):
            if all(condition.met(ground) for condition in step.conditions):
                candidate = step.benefit.shares(left)
                if sum(candidate) > sum(shares):
                    best, shares = step, candidate
        return Outcome(
            {line.key: share for line, share in zip(covered, shares, strict=True) if share},
            best,
            _next_step(offer, ground, sum(shares)),
        )

    def count(self, offer: Promotion, outcome: Outcome) -> Applied | None:
        """Let ``offer`` count as weighed; None when it takes nothing off."""
        if outcome.step is None:
            return None
        labels = outcome.step.labels or offer.labels
        by_store: dict[int, int] = {}
        for line in self.lines:
            share = outcome.shares.get(line.key, 0)
            if share:
                self.left[line.key] -= share
                self.adjustments[line.key].append(
                    Adj(offer.source, offer.source_id, labels, -share)
                )
                by_store[line.store_id] = by_store.get(line.store_id, 0) - share
        applied = Applied(
            offer.source,
            offer.source_id,
            offer.scope.store_id,
            labels,
            sum(by_store.values()),
            by_store,
            threshold(outcome.step),
        )
        self.applied.append(applied)
        return applied


def threshold(step: Step) -> int:
    """The worth of goods that a step asks for (0: none)."""
    return max((c.minor for c in step.conditions if isinstance(c, GoodsFrom)), default=0)


def _next_step(offer: Promotion, ground: Ground, present: int) -> Progress | None:
    """The nearest step that only more goods are missing to, and that would take off more."""
    for step in sorted(offer.steps, key=threshold):
        target = threshold(step)
        others = (c for c in step.conditions if not isinstance(c, GoodsFrom))
        if (
            target > ground.goods_minor
            and all(condition.met(ground) for condition in others)
            and step.benefit.worth(target) > present
        ):
            return Progress(
                "tier",
                offer.source_id,
                offer.scope.store_id,
                step.labels or offer.labels,
                ground.goods_minor,
                target,
                off_minor=step.benefit.off_minor,
                off_bp=step.benefit.off_bp,
            )
    return None
