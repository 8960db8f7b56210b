"""What one unit of a bought line is worth when it goes back."""


def refund_share(
    unit_price_minor: int, quantity: int, discount_minor: int, already: int, n: int
) -> int:
    """The exact share of ``n`` more units of a line after ``already`` units went back.

    ``discount_minor`` ≤ 0 is what all offers together took off the line. Shares are cut from the
    running total, so whatever the steps, all units together give exactly what was paid, no step is
    negative, and any single unit is within one minor unit of the average. Raises ``ValueError`` for
    more units than there are.
    """
    if quantity <= 0 or n < 0 or already < 0 or already + n > quantity:
        raise ValueError("units that the line does not have")
    total = unit_price_minor * quantity + discount_minor
    if total < 0:
        raise ValueError("a line is never worth less than nothing")

    def up_to(units: int) -> int:
        return (2 * total * units + quantity) // (2 * quantity)  # half a minor unit rounded up

    return up_to(already + n) - up_to(already)
