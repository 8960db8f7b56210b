"""Reading a change to many products out of a form, and saying what it does to one."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext

from shop.catalog.bulk import (
    Before,
    CategoryChange,
    Change,
    PriceChange,
    StatusChange,
    TagChange,
)
from shop.core.errors import Invalid
from shop.core.money import exponent, parse
from shop.web.ui.format import money_text

NAMES: dict[str, Any] = {
    "price": lazy_gettext("Price"),
    "category": lazy_gettext("Category"),
    "tags": lazy_gettext("Tags"),
    "status": lazy_gettext("Status"),
}
STATUSES: dict[str, Any] = {
    "published": lazy_gettext("Published"),
    "draft": lazy_gettext("Draft"),
    "archived": lazy_gettext("Archived"),
}
STEPS = ("1", "10", "100")  # in hundredths of the main unit


def read(
    form: Mapping[str, str], currency: str, categories: Mapping[str, tuple[int, str]]
) -> tuple[Change | None, dict[str, str]]:
    """The change that was asked for, or what is wrong with it by field."""
    kind = form.get("change", "")
    if kind == "price":
        return _price(form, currency)
    if kind == "tags":
        add, remove = _tags(form.get("tags_add", "")), _tags(form.get("tags_remove", ""))
        if not add and not remove:
            return None, {"tags_add": gettext("Write a tag to add or to remove.")}
        return TagChange(tuple(add), tuple(remove)), {}
    if kind == "category":
        wanted = form.get("category", "")
        if wanted and wanted not in categories:
            return None, {"category": gettext("Choose a category.")}
        return CategoryChange(categories[wanted][0] if wanted else None), {}
    if kind == "status" and form.get("status") in STATUSES:
        status = form["status"]
        return StatusChange(status), {}  # type: ignore[arg-type]  # one of the three, as just seen
    return None, {"change": gettext("Choose what to change.")}


def _price(form: Mapping[str, str], currency: str) -> tuple[Change | None, dict[str, str]]:
    typed = form.get("by", "").strip().replace("−", "-").removeprefix("+")[:20]
    step = form.get("step_size", "1")
    scale = 10 ** exponent(currency)
    size = max(1, int(step) * scale // 100) if step in STEPS else 1
    wrong = gettext("Write a number other than 0, such as 10 or -5.")
    try:
        if form.get("unit") == "amount":
            sign = -1 if typed.startswith("-") else 1
            amount = sign * parse(typed.removeprefix("-"), currency)
            return (PriceChange(None, amount, size), {}) if amount else (None, {"by": wrong})
        percent = Decimal(typed.removesuffix("%").strip())
    except (Invalid, InvalidOperation):
        return None, {"by": wrong}
    if not percent.is_finite() or percent == 0:
        return None, {"by": wrong}
    if not -100 <= percent <= 1000:
        return None, {"by": gettext("Write from -100 to 1000 percent.")}
    return PriceChange(percent, 0, size), {}


def _tags(typed: str) -> list[str]:
    parts = (part.strip()[:60] for part in typed[:500].replace("，", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def stands(change: Change, row: Before, names: Mapping[int, str], currency: str) -> str:
    """What of a product the change is about, as it is now."""
    if isinstance(change, PriceChange):
        return _range(row.prices, currency)
    if isinstance(change, TagChange):
        return row.tags
    if isinstance(change, CategoryChange):
        return names.get(row.category_id or 0, "")
    return str(STATUSES[row.status])


def after(change: Change, row: Before, names: Mapping[int, str], currency: str) -> str:
    """The same afterwards. Raises ``Invalid`` where it will be skipped."""
    if isinstance(change, PriceChange):
        if not row.prices:
            raise Invalid("nothing-on-sale")
        return _range([change.new(price) for price in row.prices], currency)
    if isinstance(change, TagChange):
        return change.new(row.tags)
    if isinstance(change, CategoryChange):
        return names.get(change.category_id or 0, "")
    return str(STATUSES[change.status])


def _range(prices: list[int], currency: str) -> str:
    texts = [money_text(price, currency, "always") for price in sorted({*prices[:1], *prices[-1:]})]
    return " – ".join(texts)
