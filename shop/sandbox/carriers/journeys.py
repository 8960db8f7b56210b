"""What happens to a make-believe parcel: the same for the same number, however often it is asked for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

# Hours after the number was first asked for, kind, words. A number that ends in 99 meets with a problem, one
# that ends in 999 comes no further.
_WAY = (
    (1, "picked_up", "Picked up from the sender"),
    (6, "in_transit", "Arrived at the sorting centre"),
    (20, "in_transit", "Left for the next sorting centre"),
    (30, "in_transit", "Arrived in the town of delivery"),
    (36, "out_for_delivery", "The courier is on the way"),
    (40, "delivered", "Handed over"),
)
_PROBLEM = (
    *_WAY[:5],
    (39, "exception", "Nobody was there to take it"),
    (63, "out_for_delivery", "The courier tries again"),
    (66, "delivered", "Handed over"),
)
_PLACES = ("杭州", "上海", "南京", "武汉", "广州", "深圳", "成都", "北京", "西安", "厦门")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: ``after`` seconds of real time since the parcel was first asked for."""

    event_id: str
    after: float
    kind: str
    place: str
    text: str


def journey(number: str, factor: float) -> list[Happening]:
    """Everything that will happen to a parcel, ``factor`` times faster than in life."""
    digest = hashlib.sha256(number.encode()).digest()
    way: Sequence[tuple[int, str, str]] = _PROBLEM if number.endswith("99") else _WAY
    if number.endswith("999"):
        way = _PROBLEM[:6]
    places = [_PLACES[byte % len(_PLACES)] for byte in digest[:3]]
    at = (0, 0, 1, 2, 2, 2, 2, 2)
    return [
        Happening(f"{number}-{step}", hours * 3600 / factor, kind, places[at[step]], text)
        for step, (hours, kind, text) in enumerate(way)
    ]


def told(number: str, began: float, factor: float, now: float) -> list[dict[str, str]]:
    """What has happened until ``now``, as the protocol writes it."""
    return [
        {
            "id": one.event_id,
            "at": datetime.fromtimestamp(began + one.after, UTC).isoformat(),
            "kind": one.kind,
            "place": one.place,
            "text": one.text,
        }
        for one in journey(number, factor)
        if began + one.after <= now
    ]
