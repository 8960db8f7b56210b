"""Fault switches: what a test, or a curious developer, asks to go wrong next."""

import json
import sqlite3
from typing import Any

FAULTS: dict[str, str] = {
    "notify_lost": "the notify is never sent",
    "notify_duplicate": "the notify is sent `count` times at once (default 5)",
    "notify_delayed": "the notify waits `seconds`, or until POST /_control/release without them",
    "notify_tampered": "fields of the notify are changed after signing (`changes`)",
    "notify_forged": "the notify is signed with a key that is not the provider's",
    "notify_foreign": "the notify is signed rightly, for another `app_id`, `seller_id` or `account`",
    "notify_stale": "WeChat Pay, Stripe: the notify is signed ten minutes ago",
    "notify_signtest": "WeChat Pay: the signature is a probe that must be refused",
    "refund_abnormal": "WeChat Pay, Stripe: the refund becomes ABNORMAL (requires_action)",
    "refund_closed": "WeChat Pay, Stripe: the refund becomes CLOSED (failed)",
    "refund_pending": "WeChat Pay, Stripe: the refund waits for POST /_control/refunds/<no>",
    "wrong_amount": "the buyer pays `amount` (yuan, default 0.01) instead of the amount asked",
    "answer_timeout": "the request is executed, its answer is held for `seconds` (default 20)",
    "answer_unsigned": "the answer carries no signature",
    "answer_wrong_key": "the answer is signed with a key that is not the provider's",
    "answer_new_certificate": "Alipay with certificates: the answer names a renewed one",
    "answer_html": "the answer is an HTML page",
    "answer_empty": "the answer has no body",
    "answer_500": "the answer is an HTTP error (`status`, default 500)",
    "system_error": "a signed ACQ.SYSTEM_ERROR; the request is not executed",
    "bill_row_missing": "the bill leaves the trade's row out",
    "bill_wrong_fee": "the bill tells one yuan more of fee",
    "bill_wrong_amount": "the bill tells one fen more than was paid or given back",
    "refused": "a signed business refusal (`sub_code`); the request is not executed",
}
"""Every switch and what it does. All take ``out_trade_no``, ``method`` and ``times`` (default 1);
an ``answer_…`` fault takes ``executed`` (default true)."""


class UnknownFault(Exception):
    """No switch has this name, or its values make no sense."""


def set_fault(db: sqlite3.Connection, wish: dict[str, Any]) -> None:
    """Arm one fault; raises ``UnknownFault``."""
    params = dict(wish)
    name = params.pop("fault", None)
    times = params.pop("times", 1)
    if name not in FAULTS or not isinstance(times, int) or times < 1:
        raise UnknownFault(str(name))
    db.execute(
        "INSERT INTO fault (name, out_trade_no, method, times, params) VALUES (?, ?, ?, ?, ?)",
        (
            name,
            params.pop("out_trade_no", None),
            params.pop("method", None),
            times,
            json.dumps(params),
        ),
    )


def take_fault(
    db: sqlite3.Connection, names: tuple[str, ...], out_trade_no: str, method: str | None = None
) -> tuple[str, dict[str, Any]] | None:
    """Use up one armed fault that fits this trade and method, the oldest first."""
    fitting = db.execute(
        "SELECT id, name, times, params FROM fault"
        " WHERE (out_trade_no IS NULL OR out_trade_no = ?) AND (method IS NULL OR method = ?)"
        " ORDER BY id",
        (out_trade_no, method),
    )
    row = next((row for row in fitting if row["name"] in names), None)
    if row is None:
        return None
    if row["times"] > 1:
        db.execute("UPDATE fault SET times = times - 1 WHERE id = ?", (row["id"],))
    else:
        db.execute("DELETE FROM fault WHERE id = ?", (row["id"],))
    return row["name"], json.loads(row["params"])


def list_faults(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """What is armed, oldest first."""
    return [
        {
            "fault": row["name"],
            "out_trade_no": row["out_trade_no"],
            "method": row["method"],
            "times": row["times"],
            **json.loads(row["params"]),
        }
        for row in db.execute("SELECT * FROM fault ORDER BY id")
    ]


def clear_faults(db: sqlite3.Connection) -> None:
    """Disarm everything."""
    db.execute("DELETE FROM fault")
