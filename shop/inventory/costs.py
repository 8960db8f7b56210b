"""What a unit costs on average: a pure function."""


def moving_average(old_minor: int | None, on_hand: int, received: int, unit_cost_minor: int) -> int:
    """The cost of a unit once ``received`` units at ``unit_cost_minor`` join ``on_hand`` at ``old_minor``.

    Half a minor unit and more is rounded up. Without an old cost or without goods on hand it is the new one.
    """
    if old_minor is None or on_hand <= 0:
        return unit_cost_minor
    units = on_hand + received
    return (2 * (old_minor * on_hand + unit_cost_minor * received) + units) // (2 * units)
