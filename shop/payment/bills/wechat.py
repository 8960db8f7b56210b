"""WeChat Pay's bill of trades (API v3, ``bill_type=ALL``): CSV with a backtick before each cell."""

import hashlib
import hmac
import zlib

from shop.core.errors import Invalid
from shop.payment.bills.base import (
    MAX_BYTES,
    BillKind,
    BillRow,
    check_once,
    read_minor,
    read_moment,
    refuse,
)

_NEEDED = (
    "交易时间",
    "微信订单号",
    "商户订单号",
    "交易状态",
    "货币种类",
    "微信退款单号",
    "商户退款单号",
    "退款状态",
    "手续费",
    "订单金额",
    "申请退款金额",
)
_SUMS = ("总交易单数", "手续费总金额", "订单总金额", "申请退款总金额")


def read(content: bytes, sha1: str | None = None) -> list[BillRow]:
    """The rows of a bill, gzipped or plain. ``sha1`` is the provider's hash of the plain content.

    Raises ``Invalid("bill-hash")`` when the content is another's, and ``Invalid("bill-unreadable")``
    with the line for what is no such bill, a row that cannot be read, and sums that are not the rows'.
    """
    content = _unpack(content)
    if sha1 is not None:
        # The provider's own choice; it only tells whether a download is whole.
        found = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(found.encode(), sha1.strip().lower().encode()):
            raise Invalid("bill-hash")
    try:
        lines = content.decode("utf-8").replace("\ufeff", "").splitlines()
    except UnicodeDecodeError:
        refuse(1, "encoding")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) < 3:
        refuse(max(1, len(lines)), "header")
    head = [name.strip() for name in lines[0].split(",")]
    if missing := [name for name in _NEEDED if name not in head]:
        refuse(1, missing[0])
    rows, fees = [], 0
    for number, line in enumerate(lines[1:-2], 2):
        row, fee = _row(dict(zip(head, _cells(line, len(head), number), strict=True)), number)
        rows.append((number, row))
        fees += fee
    _check_sums(lines, [row for _, row in rows], fees)
    check_once(rows)
    return [row for _, row in rows]


def _row(cell: dict[str, str], number: int) -> tuple[BillRow, int]:
    if cell["货币种类"] != "CNY":
        refuse(number, "货币种类")
    if not cell["商户订单号"] or not cell["微信订单号"]:
        refuse(number, "商户订单号")
    state = cell["交易状态"]
    if state not in {"SUCCESS", "REFUND", "REVOKED"}:
        refuse(number, "交易状态")
    paid = state == "SUCCESS"
    signed = read_minor(cell["手续费"], number, "手续费")
    amount = read_minor(cell["订单金额"], number, "订单金额")
    back = read_minor(cell["申请退款金额"], number, "申请退款金额")
    if amount < 0 or back < 0 or (amount if paid else back) == 0:
        refuse(number, "订单金额" if paid else "申请退款金额")
    row = BillRow(
        kind=BillKind.PAYMENT if paid else BillKind.REFUND,
        no=cell["商户订单号"],
        refund_no="" if paid else _number(cell["商户退款单号"]),
        provider_id=cell["微信订单号"],
        provider_refund_id="" if paid else _number(cell["微信退款单号"]),
        amount_minor=amount if paid else 0,
        fee_minor=abs(signed) if paid else -abs(signed),
        refunded_minor=0 if paid else back,
        at=read_moment(cell["交易时间"], number),
        status=cell["退款状态"] if not paid else state,
    )
    return row, signed


def _number(text: str) -> str:
    """WeChat writes 0 where there is none."""
    return "" if text == "0" else text


def _cells(line: str, wanted: int, number: int) -> list[str]:
    """Titles may hold commas, so only a comma before a backtick parts two cells."""
    if not line.startswith("`"):
        refuse(number, "columns")
    cells = [cell.strip() for cell in line[1:].split(",`")]
    if len(cells) != wanted:
        refuse(number, "columns")
    return cells


def _check_sums(lines: list[str], rows: list[BillRow], fees: int) -> None:
    head, number = [name.strip() for name in lines[-2].split(",")], len(lines)
    if missing := [name for name in _SUMS if name not in head]:
        refuse(number - 1, missing[0])
    told = dict(zip(head, _cells(lines[-1], len(head), number), strict=True))
    sums = {
        "手续费总金额": fees,
        "订单总金额": sum(row.amount_minor for row in rows),
        "申请退款总金额": sum(row.refunded_minor for row in rows),
    }
    if told["总交易单数"] != str(len(rows)):
        refuse(number, "总交易单数")
    for name, real in sums.items():
        if read_minor(told[name], number, name) != real:
            refuse(number, name)


def _unpack(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        plain = content
    else:
        try:
            # One byte more than may be, so that a bomb stops there.
            plain = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content, MAX_BYTES + 1)
        except zlib.error:
            refuse(1, "gzip")
    if len(plain) > MAX_BYTES:
        refuse(1, "size")
    return plain
