"""Reading a file of sales (UCI "Online Retail": a line for each thing on an invoice) without trusting it.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. Invoices
whose number begins with C take earlier lines back. Times are of the seller's clock, prices in pounds.
"""

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from shop.cart.services import MAX_QUANTITY
from shop.core.money import MAX_MINOR

ZONE = "Europe/London"
COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
_GOODS = re.compile(r"\d{5}[A-Za-z]{0,2}")
"""Stock codes of goods; POST, D, M, BANK CHARGES and their like are none."""


@dataclass(frozen=True, slots=True)
class Sold:
    """One good line: so many of a thing at a price in pence. ``quantity`` is positive also when it is
    taken back."""

    code: str
    price_minor: int
    quantity: int


@dataclass(slots=True)
class Invoice:
    """The good lines of one invoice; ``back``: it takes them back. ``at`` in UTC."""

    number: str
    at: datetime
    customer: str
    country: str
    back: bool
    lines: list[Sold] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """A whole file: its invoices by time, what its codes are called, and the lines that were refused."""

    invoices: list[Invoice]
    titles: dict[str, str]
    refused: Counter[str]
    rows: int


class Unreadable(ValueError):
    """The file is not what it is said to be."""


def read(path: Path, limit: int | None = None) -> Book:
    """Read the file (plain or gzip), at most ``limit`` lines of it. Raises ``Unreadable``."""
    invoices: dict[str, Invoice] = {}
    titles: dict[str, str] = {}
    refused: Counter[str] = Counter()
    rows = 0
    zone = ZoneInfo(ZONE)
    for row in _rows(path):
        if limit is not None and rows >= limit:
            break
        rows += 1
        why = _refusal(row)
        if why:
            refused[why] += 1
            continue
        number, code = row["InvoiceNo"].strip(), row["StockCode"].strip().upper()
        if row["Description"].strip():
            titles.setdefault(code, row["Description"].strip()[:200])
        invoice = invoices.get(number)
        if invoice is None:
            at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=zone)
            customer = row["CustomerID"].split(".")[0].strip()
            back = number.startswith("C")
            invoice = Invoice(number, at.astimezone(UTC), customer, row["Country"].strip(), back)
            invoices[number] = invoice
        price = int(Decimal(row["UnitPrice"]) * 100)
        invoice.lines.append(Sold(code, price, abs(int(row["Quantity"]))))
    found = sorted(
        invoices.values(), key=lambda one: one.at
    )  # stable: the file's order within a minute
    refused += _without_sale(found)
    return Book([one for one in found if one.lines], titles, refused, rows)


def _without_sale(invoices: list[Invoice]) -> Counter[str]:
    """Strike what is taken back without a sale before it of the same thing to the same customer."""
    refused: Counter[str] = Counter()
    sold: Counter[tuple[str, str, int]] = Counter()
    for invoice in invoices:
        kept = []
        for line in invoice.lines:
            thing = invoice.customer, line.code, line.price_minor
            if not invoice.back:
                sold[thing] += line.quantity
            elif not invoice.customer or sold[thing] < line.quantity:
                refused["taken back without a sale that it belongs to"] += 1
                continue
            else:
                sold[thing] -= line.quantity
            kept.append(line)
        invoice.lines = kept
    return refused


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            text = io.TextIOWrapper(
                gzip.GzipFile(fileobj=raw) if packed else raw, "utf-8-sig", newline=""
            )
            reader = csv.DictReader(text)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise Unreadable("the file has not the columns " + ", ".join(COLUMNS))
            for row in reader:
                yield {name: row[name] or "" for name in COLUMNS}
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(str(error)) from error


def _refusal(row: dict[str, str]) -> str:
    """Why a line is no sale and no return of this shop's kind; empty for a good one."""
    if not _GOODS.fullmatch(row["StockCode"].strip()):
        return "not goods (postage, fees, manual entries)"
    try:
        quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
        datetime.fromisoformat(row["InvoiceDate"])
    except (ValueError, InvalidOperation):
        return "a figure or a date that cannot be read"
    if price <= 0:
        return "no price (stock corrections)"
    if price * 100 != int(price * 100) or price * 100 >= MAX_MINOR:
        return "a price that is no whole number of pence"
    if (quantity < 0) != row["InvoiceNo"].strip().startswith("C") or not quantity:
        return "a quantity whose sign does not fit its invoice"
    if abs(quantity) > MAX_QUANTITY:
        return f"more than {MAX_QUANTITY} of one thing"
    return ""
