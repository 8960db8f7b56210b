"""The packing slip: what goes into a parcel, for whom, with boxes to tick."""

from collections.abc import Sequence

from shop.documents import addresses
from shop.documents.queries import Slip, SlipLine
from shop.documents.sheet import MM, Sheet, leading
from shop.documents.table import TICK, Cell, Column, Table, Text
from shop.documents.wording import Words, words


def packing_slips(slips: Sequence[Slip]) -> bytes:
    """A slip for each order, each from a new page on, in the language of its order; A4."""
    sheet = Sheet()
    for slip in slips:
        _draw(sheet, slip)
    _ = words(slips[0].locale).text
    return sheet.pdf(_("Packing slip"), slips[0].store)


def _draw(sheet: Sheet, slip: Slip) -> None:
    said = words(slip.locale)
    _, ngettext = said.text, said.plural
    head = _("Packing slip, order %(number)s", number=slip.number)
    sheet.begin(
        head,
        lambda page, of: _(
            "%(number)s, page %(page)s of %(of)s", number=slip.number, page=page, of=of
        ),
    )
    half = sheet.room * 0.58
    right = sheet.right
    sheet.barcode(right, sheet.top, slip.number, sheet.room - half, 12 * MM)
    sheet.text(right, sheet.top + 12 * MM + 14, slip.number, 11, bold=True, align="right")
    sheet.text(
        right,
        sheet.top + 12 * MM + 27,
        said.day(slip.placed_at, slip.timezone),
        8.5,
        grey=True,
        align="right",
    )
    y = sheet.block(sheet.left, sheet.top, half, slip.store, 10.5, bold=True)
    y = sheet.block(sheet.left, y + 2, half, _("Packing slip"), 20, bold=True)
    y = sheet.block(
        sheet.left,
        y,
        half,
        ngettext("%(num)s piece", "%(num)s pieces", slip.units),
        9,
        grey=True,
    )
    if slip.cancelled:
        y = sheet.block(
            sheet.left, y + 2, half, _("This order is cancelled: do not send it."), 11, bold=True
        )
    sheet.y = max(y, sheet.top + 12 * MM + 30) + 10
    sheet.rule(sheet.y, 0.5)
    _parties(sheet, slip, said)
    _lines(sheet, slip, said)
    if slip.contact.note.strip():
        _note(sheet, slip, said)
    _thanks(sheet, slip, said)


def _parties(sheet: Sheet, slip: Slip, said: Words) -> None:
    _ = said.text
    contact = slip.contact
    gap = 14.0
    room = (sheet.room - 2 * gap) / 3
    columns = [
        (_("To"), [contact.name, *addresses.lines(contact), contact.phone]),
        (_("Sender"), [slip.store, *slip.store_lines, slip.store_email]),
        (_("Payment"), [said.method(slip.method)]),
    ]
    if slip.due_minor:
        due = said.money(slip.due_minor, slip.currency)
        columns[2][1].append(_("To collect: %(amount)s", amount=due))
    top = ends = sheet.y + 8
    for place, (title, lines) in enumerate(columns):
        x = sheet.left + place * (room + gap)
        y = sheet.block(x, top, room, title, 8, grey=True)
        for index, line in enumerate(filter(None, lines)):
            y = sheet.block(x, y, room, line, 10, bold=index == 0)
        ends = max(ends, y)
    sheet.y = ends + 12


def _lines(sheet: Sheet, slip: Slip, said: Words) -> None:
    _ = said.text
    table = Table(
        sheet,
        [
            Column(_("Packed"), 9),
            Column(_("Place"), 22),
            Column(_("Item"), 62),
            Column(_("SKU"), 30),
            Column(_("Pieces"), 13, right=True),
        ],
    )
    for line in slip.lines:
        table.row(_row(line, said))


def _row(line: SlipLine, said: Words) -> list[Cell]:
    piece = line.piece
    item = [Text(piece.title, bold=True)]
    if piece.options:
        item.append(Text(piece.options, grey=True, size=8.5))
    for part in line.parts:
        named = " · ".join(filter(None, (part.title, part.options, part.sku)))
        item.append(Text(f"{part.quantity} × {named}", size=8.5))
    places = dict.fromkeys([*piece.places, *(p for part in line.parts for p in part.places)])
    return [
        TICK,
        [Text(", ".join(places) or "–")],
        item,
        [Text(piece.sku or "–")],
        [Text(str(piece.quantity), bold=True, size=11)],
    ]


def _note(sheet: Sheet, slip: Slip, said: Words) -> None:
    _ = said.text
    sheet.y += 6
    sheet.need(50)
    sheet.y = sheet.block(
        sheet.left, sheet.y, sheet.room, _("Note from the customer"), 8, grey=True
    )
    for line in slip.contact.note.splitlines():
        sheet.need(leading(10) * 6 if len(line) > 300 else leading(10) * 2)
        sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, line, 10)


def _thanks(sheet: Sheet, slip: Slip, said: Words) -> None:
    _ = said.text
    sheet.y += 14
    sheet.need(50)
    name = slip.contact.name
    thanks = _("Thank you, %(name)s.", name=name) if name else _("Thank you for your order.")
    sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, thanks, 11, bold=True)
    hint = (
        _(
            "Returns and questions: write to %(email)s and name your order number.",
            email=slip.store_email,
        )
        if slip.store_email
        else _("For returns and questions please keep your order number.")
    )
    sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, hint, 9, grey=True)
