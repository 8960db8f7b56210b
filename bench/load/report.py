"""What the crowd's notes say in figures."""

import statistics
from collections import Counter, defaultdict
from typing import Any

from bench.load.crowd import Notes

_SAID = {409, 422}
"""Somebody else was quicker, or a form was wrong: said in a sentence, no error of the shop."""


def pages(notes: Notes) -> dict[str, dict[str, float]]:
    """How often each step was made, its median and its 95th percentile, in milliseconds."""
    times: dict[str, list[float]] = defaultdict(list)
    for name, _, seconds, _ in notes.pages:
        times[name].append(seconds * 1000)
    return {
        name: {
            "times": len(all_),
            "p50": round(statistics.median(all_), 1),
            "p95": round(statistics.quantiles(all_, n=20)[18] if len(all_) > 1 else all_[0], 1),
        }
        for name, all_ in sorted(times.items())
    }


def refusals(notes: Notes) -> dict[str, int]:
    """Answers that were no page, by status and step."""
    counted = Counter(f"{status} {name}" for name, status, *_ in notes.pages if status >= 400)
    return dict(sorted(counted.items()))


def errors(notes: Notes) -> int:
    """How many of them nobody may get."""
    return sum(status >= 400 and status not in _SAID for _, status, *_ in notes.pages)


def wrong(checked: dict[str, Any]) -> bool:
    """Whether the checks found anything."""
    return any(checked.values())
