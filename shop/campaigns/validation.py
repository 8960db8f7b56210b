"""Whether an offer makes sense before it is stored. Every refusal names the field to mend."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from shop.campaigns.data import CouponData, PromotionData, Tier
from shop.core.contact import fold
from shop.core.errors import Invalid
from shop.core.money import MAX_MINOR

MAX_LIMIT = 10**9
MAX_TIERS = 10
_CODE = re.compile(r"[\w-]{3,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def code_key(code: str) -> str:
    """The form in which codes are compared: width and case do not matter."""
    return fold(code)


def coupon(data: CouponData, now: datetime) -> None:
    """Raise ``Invalid`` for the first thing wrong with a coupon."""
    code(data.code)
    if data.kind not in ("amount", "percentage"):
        raise Invalid("coupon-kind-unknown", field="kind")
    highest = MAX_MINOR - 1 if data.kind == "amount" else 10_000
    _within("value", data.value, 1, highest)
    _within("threshold_minor", data.threshold_minor, 0, MAX_MINOR - 1)
    if data.total_limit is not None:
        _within("total_limit", data.total_limit, 1, MAX_LIMIT)
    if data.per_user_limit is not None:
        _within("per_user_limit", data.per_user_limit, 1, MAX_LIMIT)
    _titles(data.titles)
    window(data.starts_at or now, data.ends_at)


def promotion(data: PromotionData, now: datetime) -> None:
    """Raise ``Invalid`` for the first thing wrong with a spend-and-save promotion.

    Each tier takes less off than it asks for, and asks for more and gives more than the one before.
    """
    _titles(data.titles)
    if not any(text.strip() for text in data.titles.values()):
        raise Invalid("title-missing", field="titles")
    if not 1 <= len(data.tiers) <= MAX_TIERS:
        raise Invalid("tiers-count", field="tiers", minimum=1, maximum=MAX_TIERS)
    before = Tier(0, 0)
    for place, tier in enumerate(data.tiers):
        _within("tiers", tier.over_minor, 1, MAX_MINOR - 1, place=place)
        _within("tiers", tier.off_minor, 1, MAX_MINOR - 1, place=place)
        if tier.off_minor >= tier.over_minor:
            raise Invalid("tier-gives-all", field="tiers", place=place)
        if tier.over_minor <= before.over_minor or tier.off_minor <= before.off_minor:
            raise Invalid("tiers-not-rising", field="tiers", place=place)
        before = tier
    _within("priority", data.priority, -1000, 1000)
    window(data.starts_at or now, data.ends_at)


def code(text: str) -> str:
    """The code as it is stored. Raises ``Invalid("coupon-code-format")`` unless it is 3 to 40 letters,
    digits, hyphens or underscores of any script."""
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if not _CODE.fullmatch(cleaned) or len(code_key(cleaned)) > 80:
        raise Invalid("coupon-code-format", field="code", minimum=3, maximum=40)
    return cleaned


def currency(given: str | None, stores: str | None) -> str:
    """The offer's currency: the store's, or for the platform's offers the one given."""
    if stores is not None:
        if given not in (None, stores):
            raise Invalid("currency-not-the-stores", field="currency", currency=stores)
        return stores
    if given is None or not _CURRENCY.fullmatch(given):
        raise Invalid("currency-missing", field="currency")
    return given


def titles(given: Mapping[str, str]) -> dict[str, str]:
    """The titles that say something, trimmed."""
    return {locale: text.strip() for locale, text in given.items() if text.strip()}


def window(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raise ``Invalid("ends-before-start")`` unless the end, if any, comes after the start."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid("ends-before-start", field="ends_at")


def _titles(given: Mapping[str, str]) -> None:
    for locale, text in given.items():
        if len(locale) > 10 or len(text.strip()) > 120:
            raise Invalid("title-too-long", field="titles", locale=locale, maximum=120)


def _within(field: str, value: int, lowest: int, highest: int, **params: int) -> None:
    if not lowest <= value <= highest:
        raise Invalid("out-of-range", field=field, minimum=lowest, maximum=highest, **params)
