"""One refund over several payments: its lines, its delivery and their taxes cut so that no fen is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.payment.refund_quotes import RefundQuote
from shop.payment.refund_taxes import TaxPart


@dataclass(frozen=True, slots=True)
class PieceLine:
    """What a piece holds of a line. Its units go with the first of its pieces: ``quantity`` is 0 in others."""

    line_id: int
    quantity: int
    amount_minor: int


@dataclass(slots=True)
class Piece:
    """What goes back to one payment."""

    lines: list[PieceLine] = field(default_factory=list)
    delivery_minor: int = 0
    taxes: list[TaxPart] = field(default_factory=list)


def cut(quote: RefundQuote, amounts: Sequence[int]) -> list[Piece]:
    """The pieces of a quote that come to ``amounts``, whose sum is its total: lines first, then delivery."""
    pieces = [Piece() for _ in amounts]
    rooms = list(amounts)
    at = 0
    for line in quote.lines:
        if not line.quantity:
            continue
        units, left, taxes = line.quantity, line.amount_minor, line.taxes
        while True:
            while rooms[at] == 0 and left and at + 1 < len(rooms):
                at += 1
            taken = min(left, rooms[at])
            now, taxes = share(taxes, taken, left)
            pieces[at].lines.append(PieceLine(line.line_id, units, taken))
            pieces[at].taxes += now
            rooms[at] -= taken
            units, left = 0, left - taken
            if not left:
                break
    left, taxes = quote.delivery_minor, quote.delivery_taxes
    for place, room in enumerate(rooms):
        taken = min(left, room)
        if taken:
            now, taxes = share(taxes, taken, left)
            pieces[place].delivery_minor = taken
            pieces[place].taxes += now
            left -= taken
    return pieces


def share(taxes: Sequence[TaxPart], amount: int, whole: int) -> tuple[list[TaxPart], list[TaxPart]]:
    """The taxes within ``amount`` of ``whole``, and those of the rest; rounded down, so that no tax is above
    the money that it is in."""
    if amount >= whole:
        return list(taxes), []
    now = [
        TaxPart(
            part.order_tax_id, part.net_minor * amount // whole, part.tax_minor * amount // whole
        )
        for part in taxes
    ]
    rest = [
        TaxPart(
            part.order_tax_id,
            part.net_minor - taken.net_minor,
            part.tax_minor - taken.tax_minor,
        )
        for part, taken in zip(taxes, now, strict=True)
    ]
    return now, rest
