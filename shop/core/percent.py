"""Percentages in hundred-thousandths, as taxes have them: 20 % is 20,000, so that 8.875 % is exact."""

from decimal import Decimal


def percent_text(rate: int) -> str:
    """Without needless noughts: 20000 → ``"20"``, 8875 → ``"8.875"``."""
    return format((Decimal(rate) / 1000).normalize(), "f")


def percent(rate: int) -> str:
    """With its sign, as both of our languages write it in tables and bills: ``"8.875%"``."""
    return f"{percent_text(rate)}%"
