"""The words of the papers, in the language of who reads them: no request, so no Flask."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.support import NullTranslations, Translations

from shop.core.money import exponent, to_decimal

_FOLDER = Path(__file__).parents[1] / "translations"
_LOCALES = {"zh": "zh_Hans_CN"}
_DAYS = {"zh": "y年M月d日"}
# As on the pages: the plain mark, since the currency is known.
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


class Words:
    """Texts, sums and days in one language."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._locale = Locale.parse(_LOCALES.get(locale, "en"))
        self._texts: NullTranslations = Translations.load(str(_FOLDER), [locale])

    def text(self, english: str, **values: object) -> str:
        """A text with its values."""
        said: str = self._texts.ugettext(english)
        return said % values if values else said

    def plural(self, one: str, many: str, num: int, **values: object) -> str:
        """A text that counts: ``%(num)s``."""
        said: str = self._texts.ungettext(one, many, num)
        return said % {"num": num, **values}

    def money(self, minor: int, currency: str) -> str:
        """A sum with all its decimals: ``−¥1,234.50``."""
        places = exponent(currency)
        figure = numbers.format_decimal(
            abs(to_decimal(minor, currency)),
            format=f"#,##0.{'0' * places}" if places else "#,##0",
            locale="en",
        )
        mark = _SYMBOLS.get(currency) or numbers.get_currency_symbol(currency, self._locale)
        return f"{'−' if minor < 0 else ''}{mark}{figure}"

    def day(self, moment: datetime, timezone: str) -> str:
        """A day in the store's zone: ``22 November 2026``."""
        local = moment.astimezone(ZoneInfo(timezone))
        return dates.format_date(local, _DAYS.get(self.locale, "d MMMM y"), locale=self._locale)

    def country(self, code: str) -> str:
        """A country's name."""
        return str(self._locale.territories.get(code, code))

    def method(self, code: str) -> str:
        """A way to pay."""
        _ = self.text
        known = {
            "alipay": _("Alipay"),
            "wechatpay": _("WeChat Pay"),
            "stripe": _("Card"),
            "transfer": _("Bank transfer"),
            "cod": _("Cash on delivery"),
            "gift_card": _("Gift card or balance"),
        }
        return known.get(code, code.replace("_", " ").replace("-", " ").capitalize())


@lru_cache(maxsize=8)
def words(locale: str) -> Words:
    """The words of ``locale``."""
    return Words(locale)
