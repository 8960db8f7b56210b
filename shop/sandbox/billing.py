"""What the bills of both providers have in common: whole Beijing days, the fee, and their faults."""

import sqlite3
from datetime import date, datetime
from typing import Any

from shop.sandbox.alipay.wire import BEIJING
from shop.sandbox.faults import take_fault

LINK_SECONDS = 30
"""How long the link to a bill is valid."""
_FAULTS = ("bill_row_missing", "bill_wrong_amount", "bill_wrong_fee")

Row = dict[str, Any]
"""``no``, ``fen`` (negative where money went back), ``fee`` (negative where it cost), ``at`` and more."""


def span(day: date) -> tuple[float, float]:
    """When a Beijing day begins and ends, in seconds since the epoch."""
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp()
    return start, start + 86400


def fee(fen: int) -> int:
    """Six thousandths, half a fen rounded up."""
    return (fen * 6 + 500) // 1000


def bend(db: sqlite3.Connection, rows: list[Row], method: str) -> None:
    """Use up the armed faults: a row is left out, tells one fen more than moved, or another fee."""
    for row in list(rows):
        fault = take_fault(db, _FAULTS, row["no"], method)
        if fault is None:
            continue
        if fault[0] == "bill_row_missing":
            rows.remove(row)
        elif fault[0] == "bill_wrong_fee":
            row["fee"] -= 100
        else:
            row["fen"] += 1 if row["fen"] > 0 else -1
