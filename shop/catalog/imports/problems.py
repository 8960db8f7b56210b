"""What an import has to say about a row or a product, and the sentences for it.

The command line words them in English here; a page words the same codes in its reader's language.
"""

from dataclasses import dataclass, field
from typing import Any

from shop.core.errors import Invalid

_SHOWN = 200


def N_(text: str) -> str:
    """Mark a text for translation: it stands here once, the command line and the pages both say it."""
    return text


class FileRefused(Invalid):
    """The file as a whole cannot be imported; nothing was changed."""

    code = "file-refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """``row`` counts as a spreadsheet does (the headings are row 1); None speaks of the product.

    ``refuses``: the whole product is left out. Otherwise something of it was mended or left out.
    """

    code: str
    handle: str
    row: int | None = None
    refuses: bool = True
    params: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """The problem in a sentence that a merchant understands."""
        return sentence(self.code, self.params)

    def plain_params(self) -> dict[str, Any]:
        """The parameters as JSON takes them, texts cut."""
        return plain(self.params)


def plain(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as JSON takes them, texts cut."""
    return {
        name: value if isinstance(value, int | float) else str(value)[:_SHOWN]
        for name, value in params.items()
    }


SENTENCES = {
    # The file
    "file-empty": N_("The file is empty."),
    "file-not-text": N_(
        "This is not a CSV file but {kind}. Save it as CSV (UTF-8) and import that."
    ),
    "file-unreadable": N_("The file cannot be read: {why}."),
    "file-inventory": N_(
        "This is Shopify's inventory export, which holds no prices or descriptions. "
        "Export the products (Products, Export) and import that file."
    ),
    "file-columns": N_(
        "This is not a product export of Shopify, WooCommerce or this shop. "
        "Columns that it lacks: {columns}."
    ),
    "file-unsorted": N_(
        "The rows of too many products are scattered over the file. "
        "Sort it by its Handle column and import it again."
    ),
    "file-gone": N_("The file is no longer kept here. Bring it in again."),
    "file-long": N_("The file is larger than {limit_mb} MB. Split it and import its parts."),
    "file-rows": N_("The file has more than {limit} rows. Split it and import its parts."),
    "file-broken": N_("The file could not be worked through. What was imported until then stays."),
    "file-tables": N_("This JSON file does not hold the tables of a litemall or mall catalogue."),
    "file-quotes": N_(
        "The file cannot be read from row {row} on: a quotation mark is opened and never "
        "closed, or a cell is larger than {limit_mb} MB."
    ),
    "file-format": N_("The headings are not those of {format} product file."),
    # Refuse the product
    "cells-slipped": N_(
        "The row has {cells} cells under {headings} headings, and “{value}” stands under "
        "{column}: its cells have slipped into the wrong columns."
    ),
    "row-too-long": N_(
        "The row has {cells} cells under {headings} headings. "
        "A text with a comma in it may lack its quotation marks."
    ),
    "value-unknown": N_("“{value}” is not a value that {column} can have."),
    "handle-missing": N_("The row names no product: both Handle and Title are empty."),
    "handle-too-long": N_("The handle is longer than {limit} characters."),
    "title-missing": N_("The product has no title."),
    "grouped": N_(
        "A grouped product only shows others together, which this shop does not have. "
        "The products in it are imported by their own rows."
    ),
    "external": N_("The product is sold on another site ({value}), which this shop does not do."),
    "type-unknown": N_("“{value}” is not a type of product that can be imported."),
    "product-repeated": N_("Row {other} describes a product of the same SKU already."),
    "parent-unnamed": N_("The variation does not name the product it belongs to (Parent)."),
    "parent-missing": N_("The product {value} that the variation belongs to is not in this file."),
    "parent-not-variable": N_(
        "The variation belongs to row {other}, which is not a variable product."
    ),
    "options-too-many": N_("The product has more than {limit} options to choose by."),
    "part-unknown": N_(
        "The bundle has a part “{value}”, but there is no variant of that SKU: neither in "
        "the store nor in this file, or its product was refused."
    ),
    "part-ambiguous": N_(
        "The bundle has a part “{value}”, but several variants have that SKU. Give each its own."
    ),
    "part-units": N_("A bundle takes 1 to 999 units of each part; “{value}” does not say so."),
    "part-archived": N_(
        "A part of the bundle is archived. Publish it first, or take it out of the bundle."
    ),
    "bundle-quantity": N_("A bundle takes 1 to 999 units of each part."),
    "bundle-itself": N_("A bundle cannot be a part of itself."),
    "bundle-in-bundle": N_("A bundle cannot contain a bundle."),
    "bundle-kind": N_("Only goods that are sent in a parcel can be a bundle or a part of one."),
    "bundle-full": N_("A bundle has at most {maximum} parts."),
    "bundle-has-stock": N_(
        "Units of the bundle itself are in stock. Count them as none before it is made of parts."
    ),
    "terms-out-of-range": N_(
        "The terms are out of range: {field} is a whole number from {minimum} to {maximum}."
    ),
    "row-kind": N_("“{value}” is not a kind of row: product, value, variant or picture."),
    "product-row-missing": N_("The product has no row of the kind “product”."),
    "currency-other": N_("The prices are in {value}, but the store sells in {currency}."),
    "kind-unknown": N_("“{kind}” is not a kind of goods: physical, service or digital."),
    "status-unknown": N_("“{status}” is not a status: draft, published or archived."),
    "date-unreadable": N_("“{value}” cannot be read as a time."),
    "number-unreadable": N_("“{value}” under {column} cannot be read as a whole number."),
    "variant-values": N_(
        "The variant’s values ({values}) are not values of the product’s options."
    ),
    "option-unknown": N_("“{value}” is not the number of one of the product’s options."),
    "gift-card": N_("Gift cards are issued by the shop itself and cannot be imported as goods."),
    "price-missing": N_("The variant has no price."),
    "price-unreadable": N_("“{value}” cannot be read as a price in {currency}."),
    "price-negative": N_("The price {value} is below zero."),
    "rows-too-many": N_("The product has more than {limit} rows."),
    "option-value-missing": N_(
        "The option “{option}” has no value here, but has one in other rows."
    ),
    "option-value-too-long": N_(
        "A value of the option “{option}” is longer than {limit} characters."
    ),
    "combination-repeated": N_(
        "The combination {values} stands in row {other} already, "
        "with another price or SKU. Keep one of them."
    ),
    "variants-too-many": N_("The product has more than {limit} variants."),
    "text-too-long": N_("A text is too long: {field} may have {limit} characters."),
    "amount-out-of-range": N_("An amount ({field}) is out of range."),
    "weight-out-of-range": N_("The weight is out of range."),
    "import-handle-taken": N_(
        "Another product of this store was imported under this handle meanwhile."
    ),
    "stock-short": N_("More units are promised to orders than the file says are in stock."),
    # Mend something
    "row-short": N_(
        "The row has {cells} cells under {headings} headings; the missing ones count as empty."
    ),
    "row-empty": N_("The row holds nothing but its handle and was left out."),
    "row-repeated": N_("The row repeats row {other} and was left out."),
    "compare-at-dropped": N_(
        "The former price {value} is not above the price {price} and was left out."
    ),
    "compare-at-unreadable": N_("The former price “{value}” cannot be read and was left out."),
    "cost-unreadable": N_("The cost “{value}” cannot be read and was left out."),
    "price-zero": N_("The price is zero."),
    "weight-unreadable": N_("The weight “{value}” cannot be read and counts as none."),
    "quantity-negative": N_("The stock {value} is below zero and counts as 0."),
    "quantity-unreadable": N_("The stock “{value}” cannot be read and was left as it is."),
    "sells-beyond-stock": N_(
        "The file says to go on selling without stock, so stock is not counted."
    ),
    "quantity-absent": N_(
        "Stock is counted, but the file gives no quantity: it is sold out until counted."
    ),
    "status-mended": N_("The status “{value}” is not known here; the product stays a draft."),
    "no-delivery": N_(
        "The product needs no delivery. It was imported as a digital draft: add its file, "
        "or make it a service, before publishing it."
    ),
    "barcode-damaged": N_("A spreadsheet has rounded the barcode “{value}”; it was left out."),
    "barcode-too-long": N_("The barcode is longer than {limit} characters and was left out."),
    "text-cut": N_("The {column} is longer than {limit} characters and was cut."),
    "variations-missing": N_(
        "The product is variable, but the file has no variations of it. It was "
        "imported without options, as a draft."
    ),
    "any-value": N_("The variation holds for any {option}: it became a variant for each."),
    "stock-shared": N_(
        "Stock is counted for several variants together, which this shop does not do: "
        "they are sold out until counted."
    ),
    "sale-past": N_("The sale price {value} is over and was left out."),
    "sale-future": N_("The sale price {value} has not begun and was left out."),
    "hidden": N_("The product is hidden in its catalogue; it was imported as a draft."),
    "location-unknown": N_("The store has no place “{value}”; its stock was left out."),
    "category-unknown": N_("There is no category “{value}”; the product was left without."),
    "attribute-unknown": N_("There is no attribute with the value “{value}”; it was left out."),
    "related-left-out": N_("There is no product “{value}” to show with this one; it was left out."),
    "related-too-many": N_(
        "A product is shown with at most {limit} others that were chosen by hand."
    ),
    "picture-unknown": N_("The picture “{value}” is not stored here and was left out."),
    "picture-missing": N_("The folder has no picture “{value}”; it is missing until it is added."),
    "picture-unreadable": N_(
        "The picture “{value}” cannot be read, or is larger than 20 MB or 50 "
        "megapixels; it was left out."
    ),
    "slug-dropped": N_("The web address “{value}” belongs to another product; a new one was made."),
    "image-address": N_("“{value}” is not an address of a picture and was left out."),
    "images-too-many": N_("Only the first {limit} pictures were taken."),
    "characters-replaced": N_(
        "Some characters of the file could not be read and were replaced by �."
    ),
}

KINDS = {
    "workbook": N_("an Excel workbook or a ZIP archive"),
    "old-workbook": N_("an old Excel workbook"),
    "pdf": N_("a PDF"),
    "gzip": N_("a gzip archive"),
    "picture": N_("a picture"),
    "binary": N_("a file with signs in it that no text has"),
}
"""What a file may be instead of a CSV: the values of ``kind``."""


def sentence(code: str, params: dict[str, Any]) -> str:
    """A code with its parameters in English; an unforeseen code speaks for itself."""
    text = SENTENCES.get(code)
    if text is None:
        details = ", ".join(f"{key} {value}" for key, value in params.items())
        return f"Refused by the catalogue: {code.replace('-', ' ')}" + (
            f" ({details})." if details else "."
        )
    if code == "file-not-text":
        params = {**params, "kind": KINDS.get(params["kind"], params["kind"])}
    return text.format(**params)
