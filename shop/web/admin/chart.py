"""The line chart of the dashboard as numbers for an inline SVG.

The outer drawing is in real pixels so that text stays crisp; the inner one, 1000 × 200, is stretched to the
width and holds the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.analytics.sales import Sales
from shop.core.money import exponent
from shop.web.ui.format import day, money_text
from shop.web.ui.locale import present_locale

_WIDTH, _HEIGHT, _TOP, _LEFT = 1000, 200, 14, 5.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it stands and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths, ticks and the best day; ``x`` in per cent of the width, ``y`` in pixels."""

    now: str
    before: str
    rows: list[Tick]
    columns: list[Tick]
    peak_x: float
    peak_y: float
    peak_text: str
    hits: list[Tick]
    hit_width: float


def draw(sales: Sales, currency: str) -> Chart | None:
    """The chart of a period of at least two days; None when there is nothing to draw."""
    values = [item.sales_minor for item in sales.days]
    before = [item.before_minor for item in sales.days]
    most = max([*values, *before])
    if len(values) < 2 or not most:
        return None
    step = _step(most)
    top = -(-most // step) * step
    peak = values.index(max(values))
    label = f"{day(sales.days[peak].day)} {money_text(values[peak], currency)}"
    places = {0, len(values) - 1, *range(0, len(values), max(1, len(values) // 4))}
    shown = sorted(
        place for place in places if place == len(values) - 1 or place < len(values) * 0.9
    )
    return Chart(
        now=_path(values, top),
        before=_path(before, top),
        rows=[Tick(_y(line, top), _short(line, currency)) for line in range(step, top + 1, step)],
        columns=[Tick(_x(place, len(values)), day(sales.days[place].day)) for place in shown],
        peak_x=_x(peak, len(values)),
        peak_y=_y(values[peak], top),
        peak_text=label if values[peak] else "",
        hits=[
            Tick(
                _x(place, len(values)), f"{day(item.day)}: {money_text(item.sales_minor, currency)}"
            )
            for place, item in enumerate(sales.days)
        ],
        hit_width=round((100 - _LEFT) / len(values), 2),
    )


def _x(place: int, count: int) -> float:
    return round(_LEFT + (100 - _LEFT) * place / (count - 1), 2)


def _y(value: int, top: int) -> float:
    return round(_TOP + _HEIGHT * (1 - value / top), 1)


def _path(values: Sequence[int], top: int) -> str:
    points = [
        f"{_WIDTH * place / (len(values) - 1):.1f} {_HEIGHT * (1 - value / top):.1f}"
        for place, value in enumerate(values)
    ]
    return "M" + " L".join(points)


def _step(most: int) -> int:
    """A round step (1, 2 or 5 × a power of ten) that gives two to five lines."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 4 * factor * power:
                return factor * power
        power *= 10


def _short(minor: int, currency: str) -> str:
    """¥5k, ¥15k; in Chinese ¥5000, ¥1.5万; small amounts in full."""
    unit = 10 ** exponent(currency)
    amount = minor / unit
    if present_locale().language == "zh":
        scale, mark, least = 10_000, "万", 10_000
    else:
        scale, mark, least = 1_000, "k", 1_000
    if amount < least:
        return money_text(minor, currency)
    figure = f"{amount / scale:.1f}".removesuffix(".0")
    return f"{money_text(0, currency).rstrip('0')}{figure}{mark}"
