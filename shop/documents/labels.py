"""Address labels: a page of 4×6 inches each, or four on a sheet of A4 to be cut."""

from collections.abc import Sequence

from shop.documents import addresses
from shop.documents.label_data import Label
from shop.documents.queries import Slip
from shop.documents.sheet import A4, FOUR_BY_SIX, MM, Sheet, leading
from shop.documents.wording import words
from shop.documents.wrapping import fitting, wrap

_SIZES = (18.0, 16.0, 14.0, 12.0, 10.5, 9.0, 8.0)


def address_labels(slips: Sequence[Slip], paper: str = "4x6") -> bytes:
    """A label for each order that goes somewhere. ``paper``: "4x6" or "a4"."""
    size = A4 if paper == "a4" else FOUR_BY_SIX
    sheet = Sheet(size, margin=6 * MM)
    across, down = (2, 2) if paper == "a4" else (1, 1)
    wide, high = size[0] / across, size[1] / down
    for index, slip in enumerate(slips):
        cell = index % (across * down)
        if cell == 0:
            sheet.begin()
        _label(sheet, _of(slip), cell % across * wide, cell // across * high, wide, high)
        if across > 1:
            sheet.box(cell % across * wide, cell // across * high, wide, high, 0.2)
    return sheet.pdf(words(slips[0].locale).text("Address label"), slips[0].store)


def single(label: Label) -> bytes:
    """One label of 4×6 inches."""
    sheet = Sheet(FOUR_BY_SIX, margin=6 * MM)
    sheet.begin()
    _label(sheet, label, 0, 0, *FOUR_BY_SIX)
    return sheet.pdf(words(label.locale).text("Address label"), label.sender)


def _of(slip: Slip) -> Label:
    said, contact = words(slip.locale), slip.contact
    due = said.money(slip.due_minor, slip.currency) if slip.due_minor else ""
    return Label(
        slip.locale,
        " · ".join([slip.store, *slip.store_lines]),
        contact.name,
        tuple(addresses.lines(contact)),
        contact.phone,
        slip.number,
        said.text("To collect: %(amount)s", amount=due) if due else "",
    )


def _label(sheet: Sheet, label: Label, x: float, y: float, wide: float, high: float) -> None:
    _ = words(label.locale).text
    margin = 6 * MM
    x, room, foot = x + margin, wide - 2 * margin, y + high - margin
    y += margin
    size = fitting(label.sender, room, (8.0, 7.0, 6.0), 3)
    for line in wrap(_("Sender: %(sender)s", sender=label.sender), room, size)[:4]:
        sheet.text(x, y + size, line, size, grey=True)
        y += leading(size)
    y += 10
    y = sheet.block(x, y, room, _("To"), 9, grey=True) + 2
    code_top = foot - 15 * MM - leading(11)
    size = _size(label, room, code_top - y - 12)
    y = sheet.block(x, y, room, label.name, min(size * 1.25, 20), bold=True) + 2
    for line in label.lines:
        y = sheet.block(x, y, room, line, size)
    if label.phone:
        y = sheet.block(x, y + 2, room, label.phone, size, bold=True)
    sheet.barcode(x + room, code_top, label.number, room, 13 * MM)
    sheet.text(x + room, foot, label.number, 11, bold=True, align="right")
    if label.note:
        sheet.text(x, foot, label.note, 11, bold=True)


def _size(label: Label, room: float, high: float) -> float:
    """The largest letters with which name, address and phone fit between sender and barcode."""
    for size in _SIZES:
        name = min(size * 1.25, 20)
        need = len(wrap(label.name, room, name, True)) * leading(name) + 4
        need += sum(len(wrap(line, room, size)) for line in label.lines) * leading(size)
        if label.phone:
            need += leading(size)
        if need <= high:
            return size
    return _SIZES[-1]
