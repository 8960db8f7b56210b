"""The pick list: what to take from the shelves for many orders, one walk through the house."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.documents.queries import Piece, Slip
from shop.documents.sheet import Sheet
from shop.documents.table import TICK, Column, Table, Text
from shop.documents.wording import words

SHOWN = 60
"""Orders that are named beside one thing; of more the list says how many."""


@dataclass
class Pick:
    """So many of one thing from one place, and for which orders."""

    piece: Piece
    quantity: int = 0
    orders: dict[str, int] = field(default_factory=dict)


def picks(slips: Sequence[Slip]) -> list[tuple[str, list[Pick]]]:
    """What to take, by place (those without one last) and then by SKU; bundles as their parts."""
    found: dict[tuple[str, str, str, str], Pick] = {}
    for slip in slips:
        for line in slip.lines:
            for piece in line.parts or (line.piece,):
                key = (", ".join(piece.places), piece.sku, piece.title, piece.options)
                pick = found.setdefault(key, Pick(piece))
                pick.quantity += piece.quantity
                pick.orders[slip.number] = pick.orders.get(slip.number, 0) + piece.quantity
    grouped: dict[str, list[Pick]] = {}
    for key in sorted(found, key=lambda key: (not key[0], *key)):
        grouped.setdefault(key[0], []).append(found[key])
    return list(grouped.items())


def pick_list(slips: Sequence[Slip], locale: str) -> bytes:
    """The list as A4 pages, in the language of who walks."""
    said = words(locale)
    _, ngettext = said.text, said.plural
    sheet = Sheet()
    title = ngettext("Pick list for %(num)s order", "Pick list for %(num)s orders", len(slips))
    sheet.begin(title, lambda page, of: _("Page %(page)s of %(of)s", page=page, of=of))
    sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, slips[0].store, 10.5, bold=True)
    sheet.y = sheet.block(sheet.left, sheet.y + 2, sheet.room, title, 20, bold=True)
    units = sum(slip.units for slip in slips)
    pieces = ngettext("%(num)s piece", "%(num)s pieces", units)
    sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, pieces, 9, grey=True) + 12
    table = Table(
        sheet,
        [
            Column(_("Taken"), 9),
            Column(_("SKU"), 28),
            Column(_("Item"), 48),
            Column(_("Orders"), 56),
            Column(_("Pieces"), 13, right=True),
        ],
    )
    for place, things in picks(slips):
        table.heading(place or _("No place known"))
        for pick in things:
            item = [Text(pick.piece.title, bold=True)]
            if pick.piece.options:
                item.append(Text(pick.piece.options, grey=True, size=8.5))
            orders = [n if many == 1 else f"{n} × {many}" for n, many in pick.orders.items()]
            more = f", + {len(orders) - SHOWN}" if len(orders) > SHOWN else ""
            table.row(
                [
                    TICK,
                    [Text(pick.piece.sku or "–")],
                    item,
                    [Text(", ".join(orders[:SHOWN]) + more, size=8)],
                    [Text(str(pick.quantity), bold=True, size=11)],
                ]
            )
    return sheet.pdf(title, slips[0].store)
