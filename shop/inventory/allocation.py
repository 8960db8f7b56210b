"""From which locations an order is taken: as few parcels as can be. A pure function on plain values."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

MOST_TRIED = 20_000
"""So many sets of locations are looked at; a store with more takes the fullest first, without the promise
that fewer would not do."""

Plan = dict[int, dict[int, int]]
"""Variant → location → units."""


def allocate(
    wanted: Mapping[int, int], free: Mapping[int, Mapping[int, int]], order: Sequence[int]
) -> Plan | None:
    """Take all of ``wanted`` (variant → units) from the fewest locations that can fill it together.

    ``free``: location → variant → units to be had. ``order``: the locations, those taken from first in
    front; it decides between sets of one size. Within a set a variant comes whole from the first location
    that has all of it, else from one after the other. None when all of them together have too little.
    """
    wanted = {variant: units for variant, units in wanted.items() if units > 0}
    useful = [place for place in order if any(free.get(place, {}).get(v, 0) > 0 for v in wanted)]
    if not _fills(useful, wanted, free):
        return None
    tried = 0
    for size in range(len(useful) + 1):
        tried += comb(len(useful), size)
        if tried > MOST_TRIED:
            return _split(_fullest_first(useful, wanted, free), wanted, free)
        for chosen in combinations(useful, size):
            if _fills(chosen, wanted, free):
                return _split(chosen, wanted, free)
    return None


def _fills(
    places: Sequence[int], wanted: Mapping[int, int], free: Mapping[int, Mapping[int, int]]
) -> bool:
    return all(
        sum(max(0, free.get(place, {}).get(variant, 0)) for place in places) >= units
        for variant, units in wanted.items()
    )


def _fullest_first(
    places: Sequence[int], wanted: Mapping[int, int], free: Mapping[int, Mapping[int, int]]
) -> list[int]:
    """Add the location that gives most of what is still wanted, until all is there."""
    left, chosen = dict(wanted), list[int]()
    while any(units > 0 for units in left.values()):
        gives = {
            place: sum(min(units, free.get(place, {}).get(v, 0)) for v, units in left.items())
            for place in places
            if place not in chosen
        }
        best = max(gives, key=lambda place: gives[place])  # the first of the fullest
        chosen.append(best)
        left = {v: max(0, units - free.get(best, {}).get(v, 0)) for v, units in left.items()}
    return [place for place in places if place in chosen]


def _split(
    places: Sequence[int], wanted: Mapping[int, int], free: Mapping[int, Mapping[int, int]]
) -> Plan:
    plan: Plan = {}
    for variant, units in wanted.items():
        whole = [place for place in places if free.get(place, {}).get(variant, 0) >= units]
        left, taken = units, dict[int, int]()
        for place in whole[:1] or places:
            part = min(left, max(0, free.get(place, {}).get(variant, 0)))
            if part:
                taken[place] = part
                left -= part
        plan[variant] = taken
    return plan
