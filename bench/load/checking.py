"""Whether everything is right after the crowd has gone."""

import re
import time
from collections import Counter
from typing import Any

from bench.load.crowd import Notes
from bench.load.house import House

_NUMBER = re.compile(r"\b\d{6}-[0-9A-Z]{6,8}\b")
_MAILS = {"paid": "order_paid", "cancelled": "order_cancelled", "forgotten": "order_cancelled"}
"""What a shopper is written beside "We have your order", by how it ended."""


def found(house: House, notes: Notes) -> dict[str, Any]:
    """What is wrong, by kind, and how the doctor ends: nothing but empty lists and 0 when all is well."""
    doctor = house.shop.flask("doctor", "--quiet")
    mails = mailed(house)
    return {
        "oversold": _levels(house, "reserved > on_hand + backorder_limit"),
        "negative": _levels(house, "on_hand < 0 OR reserved < 0"),
        "lost": lost(house, notes),
        "untrue": untrue(house, notes),
        "without_mail": unmailed(mails, notes),
        "mailed_twice": [
            number
            for (template, number), times in mails.items()
            if template == "order_placed" and times > 1
        ],
        "doctor": doctor.returncode,
        "doctor_said": (doctor.stdout.splitlines()[:20] + doctor.stderr.splitlines()[-3:])
        if doctor.returncode
        else [],
    }


def settled(house: House, since: int, patience: float = 90.0) -> float:
    """Wait until nothing is to be done any more: mails, refunds, expiries of orders after the id ``since``;
    returns the seconds it took."""
    began = time.monotonic()
    waiting = (
        "SELECT (SELECT count(*) FROM outbox WHERE drained_at IS NULL) + "
        "(SELECT count(*) FROM delivery WHERE state NOT IN ('done', 'failed')) + "
        "(SELECT count(*) FROM \"order\" WHERE state = 'open' AND payment_state = 'unpaid' "
        f"AND expires_at IS NOT NULL AND id > {since})"
    )
    while time.monotonic() < began + patience and house.rows(waiting)[0][0]:
        time.sleep(0.5)
    return round(time.monotonic() - began, 1)


def lost(house: House, notes: Notes) -> list[str]:
    """Orders that a shopper was told of and that are not there."""
    known = {str(row[0]) for row in house.rows('SELECT number FROM "order"')}
    return sorted(set(notes.told) - known)


def untrue(house: House, notes: Notes) -> list[str]:
    """Orders that are not what their shopper was told: cancelled, paid, or held until they expired."""
    rows = house.rows('SELECT number, state, payment_state, cancel_reason FROM "order"')
    wrong = []
    for number, state, money, reason in rows:
        end = notes.told.get(str(number), "")
        done = number in notes.done
        if (
            (end == "cancelled" and done and state != "cancelled")
            or (end == "paid" and done and money == "unpaid" and state != "cancelled")
            or (end == "forgotten" and (state, reason) != ("cancelled", "expired"))
            or (end == "cash" and state == "cancelled")
        ):
            wrong.append(f"{number} ({end}): {state}, {money}, {reason}")
    return wrong


def mailed(house: House) -> Counter[tuple[str, str]]:
    """(template, order's number) → how often such a mail to one recipient has left."""
    sent: Counter[tuple[str, str]] = Counter()
    for template, subject, times in house.rows(
        "SELECT template, subject, count(*) FROM message WHERE state = 'sent' "
        "GROUP BY template, subject, recipient"
    ):
        number = _NUMBER.search(str(subject))
        if number:
            key = (str(template), number[0])
            sent[key] = max(sent[key], int(times))
    return sent


def unmailed(mails: Counter[tuple[str, str]], notes: Notes) -> list[str]:
    """Orders that a shopper was told of and that lack one of their mails."""
    missing = []
    for number, end in notes.told.items():
        wanted = ["order_placed"]
        if end == "forgotten" or (end in _MAILS and number in notes.done):
            wanted.append(_MAILS[end])
        missing += [f"{number}: {name}" for name in wanted if not mails[name, number]]
    return missing


def _levels(house: House, condition: str) -> list[str]:
    return [
        str(tuple(row))
        for row in house.rows(
            f"SELECT id, on_hand, reserved, backorder_limit FROM stock_level WHERE {condition}"
        )
    ]
