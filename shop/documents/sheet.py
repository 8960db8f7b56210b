"""A PDF in the making: places are points from the upper left corner, pages are numbered at the end.

What is drawn is noted first and written when all pages are known, so that a foot can say "2 of 3".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from shop.documents.faces import CHINESE, clean, runs, width
from shop.documents.wrapping import wrap

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
FOUR_BY_SIX = (4 * 72.0, 6 * 72.0)
GREY = 0.35
Op = Callable[[Canvas], None]


@dataclass
class _Page:
    size: tuple[float, float]
    section: int
    foot: Callable[[int, int], str]
    ops: list[Op] = field(default_factory=list)


class Sheet:
    """Pages of one size; a section (a slip, a bill) is numbered by itself."""

    def __init__(self, size: tuple[float, float] = A4, margin: float = 15 * MM) -> None:
        self.width, self.height = size
        self.left, self.right = margin, self.width - margin
        self.top, self.bottom = margin, self.height - margin - 4 * MM
        self.y = self.top
        self._size, self._pages = size, list[_Page]()
        self._section, self._head = 0, ""
        self._foot: Callable[[int, int], str] = _nothing

    @property
    def room(self) -> float:
        """Between the margins."""
        return self.right - self.left

    def begin(self, head: str = "", foot: Callable[[int, int], str] | None = None) -> None:
        """A section on a new page. ``head`` stands above its further pages, ``foot`` (page, of) below all."""
        self._section += 1
        self._head, self._foot = head, foot or _nothing
        self._page()

    def further(self) -> None:
        """A further page of the section."""
        self._page()
        if self._head:
            self.text(self.left, self.top + 7, self._head, 8.5, grey=True)
            self.y = self.top + 18

    def _page(self) -> None:
        self._pages.append(_Page(self._size, self._section, self._foot))
        self.y = self.top

    def need(self, height: float) -> bool:
        """Make sure of ``height`` points on a page; whether that took a further one."""
        if self.y + height <= self.bottom:
            return False
        self.further()
        return True

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        grey: bool = False,
        align: str = "left",
    ) -> None:
        """One line with its baseline at ``y``; ``x`` is its left, right or middle."""
        shown = clean(text)
        if align != "left":
            x -= width(shown, size, bold) / (1 if align == "right" else 2)
        self._pages[-1].ops.append(
            lambda canvas: _write(canvas, x, self.height - y, shown, size, bold, grey)
        )

    def block(
        self,
        x: float,
        y: float,
        room: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        grey: bool = False,
        align: str = "left",
    ) -> float:
        """A text in as many lines as it needs, from ``y`` down; returns where the next one begins."""
        at = x + (room if align == "right" else 0)
        for line in wrap(text, room, size, bold):
            self.text(at, y + size, line, size, bold=bold, grey=grey, align=align)
            y += leading(size)
        return y

    def rule(self, y: float, weight: float = 0.5, x0: float | None = None) -> None:
        """A line across."""
        start, end = self.left if x0 is None else x0, self.right

        def draw(canvas: Canvas) -> None:
            canvas.setLineWidth(weight)
            canvas.line(start, self.height - y, end, self.height - y)

        self._pages[-1].ops.append(draw)

    def box(self, x: float, y: float, w: float, h: float, weight: float = 0.8) -> None:
        """A frame, such as one to be ticked."""

        def draw(canvas: Canvas) -> None:
            canvas.setLineWidth(weight)
            canvas.rect(x, self.height - y - h, w, h)

        self._pages[-1].ops.append(draw)

    def barcode(self, right: float, y: float, value: str, room: float, height: float) -> None:
        """Code 128 whose right edge is at ``right``, with quiet zones, as wide as fits in ``room``."""
        plain = Code128(value, barWidth=1, barHeight=height, quiet=0)
        scaled = min(room / plain.width, 1.2)
        code = Code128(value, barWidth=scaled, barHeight=height, quiet=0)
        x = right - code.width
        self._pages[-1].ops.append(lambda canvas: code.drawOn(canvas, x, self.height - y - height))

    def pdf(self, title: str, author: str = "") -> bytes:
        """The file."""
        out = BytesIO()
        canvas = Canvas(out, pagesize=self._size, pageCompression=1, invariant=1)
        canvas.setTitle(title)
        canvas.setAuthor(author)
        totals: dict[int, int] = {}
        for page in self._pages:
            totals[page.section] = totals.get(page.section, 0) + 1
        numbers: dict[int, int] = {}
        for page in self._pages:
            number = numbers[page.section] = numbers.get(page.section, 0) + 1
            for op in page.ops:
                op(canvas)
            foot = clean(page.foot(number, totals[page.section]))
            x = self.right - width(foot, 8)
            _write(canvas, x, 10 * MM, foot, 8, False, True)
            canvas.showPage()
        canvas.save()
        return out.getvalue()


def leading(size: float) -> float:
    """From one line to the next."""
    return size * 1.38


def _nothing(_page: int, _of: int) -> str:
    return ""


def _write(
    canvas: Canvas, x: float, y: float, text: str, size: float, bold: bool, grey: bool
) -> None:
    tone = GREY if grey else 0
    canvas.setFillGray(tone)
    canvas.setStrokeGray(tone)
    line = canvas.beginText(x, y)
    for face, piece in runs(text, bold):
        line.setFont(face, size)
        # Rare characters have one weight: bold is the same outline with a stroke around it.
        line.setTextRenderMode(2 if bold and face == CHINESE else 0)
        line.textOut(piece)
    line.setTextRenderMode(0)
    canvas.setLineWidth(size * 0.03)
    canvas.drawText(line)
    canvas.setStrokeGray(0)
