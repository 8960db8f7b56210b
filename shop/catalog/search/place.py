"""Where a product stands among those that match equally well.

One number, smaller first, so that both databases walk an index in this order and stop when a page is
full: what can be bought before what cannot, then what sold more (in steps of its logarithm, so that a
sale rarely moves anything), then what came later.
"""

import math

_STEPS = 63
_ID_BITS = 40


def place(product_id: int, *, available: bool, sales: int) -> int:
    """The place of a product; unique, since the id is part of it."""
    step = min(_STEPS, int(4 * math.log2(1 + max(0, sales))))
    head = (0 if available else 1 << 6) | (_STEPS - step)
    return (head << _ID_BITS) | ((1 << _ID_BITS) - 1 - product_id)
