"""How Alipay writes money, time and refusals."""

import re
from datetime import UTC, datetime, timedelta, timezone

# China keeps UTC+8 all year; every time in the protocol is Beijing time without a zone.
BEIJING = timezone(timedelta(hours=8))
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

_YUAN = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?")
_EXPRESS = re.compile(r"([1-9][0-9]{0,3})(m|h|d)")
_EXPRESS_SECONDS = {"m": 60, "h": 3600, "d": 86400}
MAX_FEN = 10_000_000_000


class Refusal(Exception):
    """A definite no, as the gateway words it: a code and, for business, a sub-code."""

    def __init__(self, sub_code: str, sub_msg: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg


def invalid(sub_msg: str) -> Refusal:
    """The refusal of a malformed business parameter."""
    return Refusal("ACQ.INVALID_PARAMETER", sub_msg)


def read_yuan(text: object) -> int:
    """``"88.80"`` → 8880 fen; from 0.01 to 100000000.00, at most two decimals."""
    match = _YUAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise invalid("金额格式错误")
    fen = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 < fen <= MAX_FEN:
        raise invalid("金额超出范围")
    return fen


def write_yuan(fen: int) -> str:
    """8880 fen → ``"88.80"``."""
    return f"{fen // 100}.{fen % 100:02d}"


def read_time(text: str) -> float:
    """A Beijing time as seconds since the epoch."""
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=BEIJING).timestamp()
    except ValueError:
        raise invalid("时间格式错误, 应为yyyy-MM-dd HH:mm:ss") from None


def write_time(seconds: float) -> str:
    """Seconds since the epoch as a Beijing time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(BEIJING).strftime(TIME_FORMAT)


def read_express(text: str, now: float) -> float:
    """A relative deadline (``timeout_express``): 90m, 2h, 1d."""
    match = _EXPRESS.fullmatch(text)
    if match is None:
        raise invalid("timeout_express格式错误")
    return now + int(match[1]) * _EXPRESS_SECONDS[match[2]]
