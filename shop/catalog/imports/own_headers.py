"""The headings of the shop's own product file, which its exporter writes and its importer reads.

The column ``Row`` says what a row is: ``product`` (texts and what holds for all variants), ``value`` (a
choice of one of its options), ``variant`` (what is sold, with its stock per place), ``picture``. All rows
of a product carry its handle.

``Attributes`` holds a line for each value, ``material: celadon``; ``Related`` one for each product that is
shown with this one; ``Parts`` of a variant one for each part of the bundle that it is
(``own_references``). ``Uses per code`` and ``Reminder days`` are terms of a service, ``Downloads`` and
``Download days`` limits of a download; empty ones are as usual, and so is the ``Tax class``, a code. A file that lacks one of these columns
leaves what it would say as it is.
"""

LOCALES = ("en", "zh")
OPTIONS = (1, 2, 3)
STOCK = "Stock: "
"""Before the name of a place, in the heading of its column."""

TERMS = {
    "Uses per code": "uses",
    "Reminder days": "remind_days",
    "Downloads": "downloads",
    "Download days": "download_days",
}
"""Heading → field of ``terms.Terms``."""

PRODUCT = (
    "Address",
    "Kind",
    "Status",
    "Published at",
    "Category",
    "Brand",
    "Tags",
    "Featured",
    "Valid days",
    "Tax class",
    *TERMS,
    "Attributes",
    "Related",
)
TEXTS = (
    "Title",
    "Fact",
    "First sentence",
    "Description",
    "Details",
    "Search title",
    "Search text",
)
VARIANT = (
    "SKU",
    "Barcode",
    "Price",
    "Currency",
    "Compare-at price",
    "Cost",
    "Weight in grams",
    "Stock is counted",
    "Variant picture",
    "Parts",
)


def localised(heading: str, locale: str) -> str:
    """``Title (zh)``."""
    return f"{heading} ({locale})"


def fixed() -> list[str]:
    """Every heading but those of the places, in order."""
    return [
        "Handle",
        "Row",
        *PRODUCT,
        *(localised(text, locale) for locale in LOCALES for text in TEXTS),
        *(localised(f"Option {place}", locale) for place in OPTIONS for locale in LOCALES),
        "Option",
        "Value",
        *(localised("Label", locale) for locale in LOCALES),
        "Swatch",
        *(f"Value {place}" for place in OPTIONS),
        *VARIANT,
        "Picture",
        *(localised("Picture text", locale) for locale in LOCALES),
    ]


_BY_HEADING = {heading.lower(): heading for heading in fixed()}


def field_of(heading: str) -> str | None:
    """The field of a heading as the file writes it: its own name; None for a foreign one."""
    if heading.lower().startswith(STOCK.lower()):
        return STOCK + heading[len(STOCK) :]
    return _BY_HEADING.get(heading.lower())


def is_ours(headings: set[str]) -> bool:
    """Whether these headings, in lower case, are of the shop's own product file."""
    return {"handle", "row", "title (en)", "price"} <= headings
