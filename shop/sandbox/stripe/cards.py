"""Which cards the make-believe bank knows, and what is wrong with what was typed."""

from datetime import UTC, datetime

PAYS = "4242424242424242"
DECLINED = frozenset(("4000000000000002", "4000000000009995"))


def problem(number: str, expiry: str, cvc: str, now: float) -> str:
    """The name of what is wrong, or "" for a card that pays. No real card is ever taken."""
    digits = "".join(mark for mark in number if not mark.isspace() and mark != "-")
    if not digits.isascii() or not digits.isdecimal() or not _is_whole(digits):
        return "card_number"
    if not _is_ahead(expiry, now):
        return "card_expiry"
    if not cvc.isascii() or not cvc.isdecimal() or len(cvc) not in (3, 4):
        return "card_cvc"
    if digits in DECLINED:
        return "card_declined"
    return "" if digits == PAYS else "card_real"


def _is_whole(digits: str) -> bool:
    """Luhn's check."""
    if not 12 <= len(digits) <= 19:
        return False
    doubled = [int(mark) * (1 + at % 2) for at, mark in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_ahead(expiry: str, now: float) -> bool:
    month, _, year = (part.strip() for part in expiry.partition("/"))
    if not (month.isdecimal() and year.isdecimal() and expiry.isascii() and len(year) in (2, 4)):
        return False
    today = datetime.fromtimestamp(now, UTC)
    full = int(year) + (2000 if len(year) == 2 else 0)
    return 1 <= int(month) <= 12 and (full, int(month)) >= (today.year, today.month)
