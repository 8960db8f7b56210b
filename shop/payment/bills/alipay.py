"""Alipay's bill of trades: a CSV in GBK, alone or in a zip, between lines that begin with ``#``."""

import csv
import io
import re
import zipfile
import zlib

from shop.payment.bills.base import (
    MAX_BYTES,
    BillKind,
    BillRow,
    check_once,
    read_minor,
    read_moment,
    refuse,
)

# In zips of Alipay the names are GBK without saying so: what zipfile reads as cp437.
_SUMMARY = "汇总"
_KINDS = {"交易": BillKind.PAYMENT, "退款": BillKind.REFUND}
_NEEDED = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "商品名称",
    "创建时间",
    "完成时间",
    "订单金额（元）",
    "商家实收（元）",
    "退款批次号/请求号",
    "服务费（元）",
)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_TOTAL = re.compile(r"#(交易|退款)合计：(\d+)笔，商家实收(?:退款)?共(-?[\d.]+)元")


def read(content: bytes) -> list[BillRow]:
    """The rows of a bill; a zip is unpacked, GBK and UTF-8 are told apart.

    Raises ``Invalid("bill-unreadable")`` with the line: for what is no such bill, a row that cannot be
    read, and sums at the end that are not those of the rows.
    """
    text = _decode(_unpack(content))
    lines = text.splitlines()
    head: list[str] = []
    rows: list[tuple[int, BillRow]] = []
    received = dict.fromkeys(BillKind, 0)
    ends: list[tuple[int, str, int, int]] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            if found := _TOTAL.match(line):
                ends.append(
                    (number, found[1], int(found[2]), read_minor(found[3], number, "total"))
                )
            continue
        if not line.strip():
            continue
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if not head:
            head = cells
            if missing := [name for name in _NEEDED if name not in head]:
                refuse(number, missing[0])
            continue
        row, net = _row(head, cells, number)
        rows.append((number, row))
        received[row.kind] += net
    if not head:
        refuse(max(1, len(lines)), "header")
    for number, name, count, total in ends:
        kind = _KINDS[name]
        if count != sum(row.kind == kind for _, row in rows) or total != received[kind]:
            refuse(number, "total")
    if {name for _, name, _, _ in ends} != set(_KINDS):
        refuse(len(lines), "total")
    check_once(rows)
    return [row for _, row in rows]


def _row(head: list[str], cells: list[str], number: int) -> tuple[BillRow, int]:
    cell = dict(zip(head, _fit(head, cells, number), strict=True))
    kind = _KINDS.get(cell["业务类型"])
    if kind is None:
        refuse(number, "业务类型")
    if not cell["商户订单号"] or not cell["支付宝交易号"]:
        refuse(number, "商户订单号")
    amount = read_minor(cell["订单金额（元）"], number, "订单金额（元）")
    fee = abs(read_minor(cell["服务费（元）"], number, "服务费（元）"))
    paid = kind == BillKind.PAYMENT
    if (amount <= 0) if paid else (amount >= 0):
        refuse(number, "订单金额（元）")
    row = BillRow(
        kind=kind,
        no=cell["商户订单号"],
        refund_no="" if paid else cell["退款批次号/请求号"],
        provider_id=cell["支付宝交易号"],
        provider_refund_id="",
        amount_minor=amount if paid else 0,
        # The sign of the column differs between exports; a payment costs, a refund gives back.
        fee_minor=fee if paid else -fee,
        refunded_minor=0 if paid else -amount,
        at=read_moment(cell["完成时间"], number),
        status="",
    )
    return row, read_minor(cell["商家实收（元）"], number, "商家实收（元）")


def _fit(head: list[str], cells: list[str], number: int) -> list[str]:
    """Join what commas in a title took apart: titles are not quoted, and the last column repeats them."""
    if len(cells) == len(head):
        return cells
    title = head.index("商品名称")
    gap = next(
        (at for at, text in enumerate(cells) if at > title and _TIME.fullmatch(text)), title + 1
    )
    cells = [*cells[:title], ",".join(cells[title:gap]), *cells[gap:]]
    if len(cells) < len(head):
        refuse(number, "columns")
    last = len(head) - 1
    return [*cells[:last], ",".join(cells[last:])]


def _unpack(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            named = [
                entry
                for entry in archive.infolist()
                if entry.filename.lower().endswith(".csv") and _SUMMARY not in _name(entry.filename)
            ]
            if len(named) != 1 or named[0].file_size > MAX_BYTES:
                refuse(1, "zip")
            return archive.read(named[0])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError):
        refuse(1, "zip")


def _name(name: str) -> str:
    try:
        return name.encode("cp437").decode("gbk")
    except UnicodeError:
        return name


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        refuse(1, "size")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    refuse(1, "encoding")
