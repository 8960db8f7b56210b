"""Drawing an invoice or a credit note, on as many A4 pages as it takes."""

from collections.abc import Sequence

from shop.core.percent import percent
from shop.documents.bill_data import Bill, BillLine, Party
from shop.documents.sheet import Sheet, leading
from shop.documents.table import Cell, Column, Table, Text
from shop.documents.wording import Words, words


def bills(found: Sequence[Bill]) -> bytes:
    """The papers one after the other, each from a new page on, in the language of its order."""
    sheet = Sheet()
    for bill in found:
        _draw(sheet, bill)
    first = found[0]
    return sheet.pdf(f"{title_of(first)} {first.label}", first.seller.name)


def title_of(bill: Bill) -> str:
    """What the paper is."""
    _ = words(bill.locale).text
    return _("Credit note") if bill.series == "credit" else _("Invoice")


def _draw(sheet: Sheet, bill: Bill) -> None:
    said = words(bill.locale)
    _ = said.text
    title = title_of(bill)
    sheet.begin(
        f"{title} {bill.label}",
        lambda page, of: _(
            "%(number)s, page %(page)s of %(of)s", number=bill.label, page=page, of=of
        ),
    )
    half = sheet.room * 0.5 - 10
    y = _party(sheet, sheet.left, sheet.top, half, bill.seller, said)
    end = _facts(sheet, bill, said, sheet.left + half + 20, half)
    sheet.y = max(y, end) + 16
    top = sheet.block(sheet.left, sheet.y, half, _("Billed to"), 8, grey=True)
    sheet.y = _party(sheet, sheet.left, top, half, bill.buyer, said) + 16
    _lines(sheet, bill, said)
    _sums(sheet, bill, said)
    if bill.footer:
        sheet.y += 18
        sheet.need(leading(9) * 3)
        sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, bill.footer, 9, grey=True)


def _party(sheet: Sheet, x: float, y: float, room: float, party: Party, said: Words) -> float:
    y = sheet.block(x, y, room, party.name or "–", 11, bold=True)
    for line in party.lines:
        y = sheet.block(x, y, room, line, 9.5)
    if party.tax_number:
        _ = said.text
        number = _("Tax number: %(number)s", number=party.tax_number)
        y = sheet.block(x, y, room, number, 9.5)
    return sheet.block(x, y, room, party.email, 9.5) if party.email else y


def _facts(sheet: Sheet, bill: Bill, said: Words, x: float, room: float) -> float:
    _ = said.text
    y = sheet.block(x, sheet.top, room, title_of(bill), 20, bold=True, align="right")
    facts = [
        (_("Number"), bill.label),
        (_("Date"), said.day(bill.issued_at, bill.timezone)),
        (_("Order"), bill.order_number),
        (_("Ordered on"), said.day(bill.placed_at, bill.timezone)),
    ]
    if bill.corrects:
        facts.append((_("Corrects invoice"), bill.corrects))
    for name, value in facts:
        sheet.text(x + room * 0.45, y + 9.5, name, 9.5, grey=True, align="right")
        y = sheet.block(x + room * 0.48, y, room * 0.52, value, 9.5, align="right")
    return y


def _lines(sheet: Sheet, bill: Bill, said: Words) -> None:
    _ = said.text
    so_far = 0

    def carry(ends: bool) -> tuple[str, str]:
        text = _("Carried forward") if ends else _("Brought forward")
        return text, said.money(so_far, bill.currency)

    table = Table(
        sheet,
        [
            Column(_("Item"), 78),
            Column(_("Quantity"), 16, right=True),
            Column(_("Price each"), 26, right=True),
            Column(_("Amount"), 30, right=True),
        ],
        carry,
    )
    for line in bill.lines:
        table.row(_row(line, bill, said))
        so_far += line.total_minor
    if bill.other_minor:
        amount = [Text(said.money(bill.other_minor, bill.currency))]
        table.row([[Text(_("Given back without goods"))], [Text("")], [Text("")], amount])


def _row(line: BillLine, bill: Bill, said: Words) -> list[Cell]:
    item = [Text(line.title, bold=True)]
    below = " · ".join(filter(None, (line.options, line.sku)))
    if below:
        item.append(Text(below, grey=True, size=8.5))
    for label, minor in line.discounts:
        item.append(Text(f"{label}: {said.money(minor, bill.currency)}", size=8.5))
    return [
        item,
        [Text(str(line.quantity))],
        [Text(said.money(line.unit_minor, bill.currency))],
        [Text(said.money(line.total_minor, bill.currency))],
    ]


def _sums(sheet: Sheet, bill: Bill, said: Words) -> None:
    _ = said.text
    goods = sum(line.total_minor for line in bill.lines) + bill.other_minor
    rows = [(_("Items"), goods)]
    if bill.physical or bill.delivery_minor:
        rows.append((_("Delivery"), bill.delivery_minor))
    rows += bill.delivery_discounts
    for share in bill.taxes:
        words_ = (
            _("%(name)s %(rate)s on %(net)s")
            if bill.tax_added
            else _("of it %(name)s %(rate)s on %(net)s")
        )
        named = words_ % {
            "name": share.name,
            "rate": percent(share.rate),
            "net": said.money(share.net_minor, bill.currency),
        }
        rows.append((named, share.tax_minor))
    total = _("Total given back") if bill.series == "credit" else _("Total")
    sheet.need((len(rows) + 3) * leading(11) + 20)
    sheet.y += 4
    x = sheet.left + sheet.room * 0.4
    room = sheet.right - x
    for name, minor in rows:
        figure = said.money(minor, bill.currency)
        sheet.text(sheet.right, sheet.y + 9.5, figure, 9.5, align="right")
        sheet.y = sheet.block(x, sheet.y, room * 0.68, name, 9.5) + 2
    sheet.rule(sheet.y + 2, 1, x)
    sheet.y += 6
    sheet.text(
        sheet.right,
        sheet.y + 12,
        said.money(bill.total_minor, bill.currency),
        12,
        bold=True,
        align="right",
    )
    sheet.y = sheet.block(x, sheet.y, room * 0.6, f"{total} ({bill.currency})", 12, bold=True) + 2
    how = (
        _("Given back by %(method)s", method=said.method(bill.method))
        if bill.series == "credit"
        else _("Paid by %(method)s", method=said.method(bill.method))
    )
    sheet.y = sheet.block(x, sheet.y, room, how, 9, grey=True)
