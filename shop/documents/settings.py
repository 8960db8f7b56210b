"""What a store decides about its papers: kept in ``store.settings["documents"]``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

KEY = "documents"


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """Who sells, how numbers are written, what stands at the foot, which paper labels are printed on.

    ``automatic``: an invoice is issued with the payment; else when somebody asks for it.
    ``label_paper``: "4x6" or "a4".
    """

    legal_name: str = ""
    address: str = ""
    tax_number: str = ""
    invoice_prefix: str = "INV-"
    credit_prefix: str = "CN-"
    with_year: bool = True
    footer_en: str = ""
    footer_zh: str = ""
    label_paper: str = "4x6"
    automatic: bool = True

    def label(self, series: str, number: int, issued_at: datetime) -> str:
        """How a number is printed; ``issued_at`` is in the store's zone: ``INV-2026-000012``."""
        prefix = self.credit_prefix if series == "credit" else self.invoice_prefix
        return f"{prefix}{f'{issued_at:%Y}-' if self.with_year else ''}{number:06d}"

    def footer(self, locale: str) -> str:
        """The line at the foot in ``locale``, else in the other language."""
        first, second = self.footer_en, self.footer_zh
        return (second or first) if locale == "zh" else (first or second)

    def kept(self) -> dict[str, Any]:
        """As ``store.settings`` takes it."""
        return {KEY: asdict(self)}


def of(store_settings: Mapping[str, Any]) -> DocumentSettings:
    """What a store decided; what it never decided is as above."""
    kept = store_settings.get(KEY)
    names = DocumentSettings.__dataclass_fields__
    given = {name: value for name, value in (kept or {}).items() if name in names}
    return DocumentSettings(**given)
