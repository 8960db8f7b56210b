"""Tables over several pages: the head is repeated, a row is never split, sums are carried over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shop.documents.sheet import Sheet, leading
from shop.documents.wrapping import wrap

SIZE = 9.0
_PAD = 4.0


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``share`` of the width."""

    title: str
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of a cell."""

    text: str
    bold: bool = False
    grey: bool = False
    size: float = SIZE


Cell = Sequence[Text]
TICK: Cell = ()
"""A box to be ticked."""


class Table:
    """Draws rows as they come; ``carry`` says what is written at a page's end and the next one's start."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Sequence[Column],
        carry: Callable[[bool], tuple[str, str]] | None = None,
    ) -> None:
        self._sheet, self._columns, self._carry = sheet, columns, carry
        whole = sum(column.share for column in columns)
        gap = 8.0
        room = sheet.room - gap * (len(columns) - 1)
        self._places: list[tuple[float, float]] = []
        x = sheet.left
        for column in columns:
            wide = room * column.share / whole
            self._places.append((x, wide))
            x += wide + gap
        self._rows, self._heading = 0, ""
        sheet.need(60)
        self._head()

    def _head(self) -> None:
        sheet = self._sheet
        wrapped = [
            wrap(column.title, wide, 8)
            for column, (_, wide) in zip(self._columns, self._places, strict=True)
        ]
        for column, (x, wide), lines in zip(self._columns, self._places, wrapped, strict=True):
            y = sheet.y + 8
            for line in lines:
                at = x + wide if column.right else x
                sheet.text(at, y, line, 8, grey=True, align="right" if column.right else "left")
                y += leading(8)
        sheet.y += max(len(lines) for lines in wrapped) * leading(8) + 2
        sheet.rule(sheet.y, 1)
        sheet.y += _PAD

    def row(self, cells: Sequence[Cell]) -> None:
        """A row, whole on one page."""
        sheet = self._sheet
        laid = [
            [(part, wrap(part.text, wide, part.size, part.bold)) for part in cell]
            for cell, (_, wide) in zip(cells, self._places, strict=True)
        ]
        height = max(sum(len(lines) * leading(part.size) for part, lines in cell) for cell in laid)
        height = max(height, leading(SIZE))
        carried = 2 * leading(SIZE) if self._carry else 0
        above = leading(11) + 8 + 2 * _PAD if self._heading else 0
        if sheet.y + above + height + 2 * _PAD + carried > sheet.bottom and self._rows:
            self._break()
        self._draw_heading()
        for column, cell, (x, wide) in zip(self._columns, laid, self._places, strict=True):
            if not cell:
                sheet.box(x, sheet.y + 1, 9, 9)
            y = sheet.y
            for part, lines in cell:
                for line in lines:
                    sheet.text(
                        x + wide if column.right else x,
                        y + part.size,
                        line,
                        part.size,
                        bold=part.bold,
                        grey=part.grey,
                        align="right" if column.right else "left",
                    )
                    y += leading(part.size)
        sheet.y += height + _PAD
        sheet.rule(sheet.y, 0.3)
        sheet.y += _PAD
        self._rows += 1

    def heading(self, text: str) -> None:
        """A line over the rows that follow, on the page of the first of them."""
        self._heading = text

    def _draw_heading(self) -> None:
        if self._heading:
            sheet = self._sheet
            sheet.y += 6
            sheet.y = sheet.block(sheet.left, sheet.y, sheet.room, self._heading, 11, bold=True) + 2
            sheet.rule(sheet.y, 0.3)
            sheet.y += _PAD
            self._heading = ""

    def _break(self) -> None:
        if self._carry:
            self._carried(*self._carry(True))
        self._sheet.further()
        self._head()
        if self._carry:
            self._carried(*self._carry(False))

    def _carried(self, words: str, figure: str) -> None:
        sheet = self._sheet
        x, wide = self._places[-1]
        baseline = sheet.y + SIZE
        sheet.text(x - 8, baseline, words, SIZE, grey=True, align="right")
        sheet.text(x + wide, baseline, figure, SIZE, grey=True, align="right")
        sheet.y += leading(SIZE) + 6
