"""What an import has to say about a row or a product, and the sentences for it.

The command line words them in English here; a page words the same codes in its reader's language.
"""

from dataclasses import dataclass, field
from typing import Any

from shop.core.errors import Invalid


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


_SENTENCES = {
    # The file
    "file-empty": "The file is empty.",
    "file-not-text": "This is not a CSV file but {kind}. Save it as CSV (UTF-8) and import that.",
    "file-unreadable": "The file cannot be read: {why}.",
    "file-inventory": "This is Shopify's inventory export, which holds no prices or descriptions. "
    "Export the products (Products, Export) and import that file.",
    "file-columns": "This is not a product export of Shopify, WooCommerce or this shop: it has "
    "no column {columns}.",
    "file-unsorted": "The rows of too many products are scattered over the file. "
    "Sort it by its Handle column and import it again.",
    "file-tables": "This JSON file does not hold the tables of a litemall or mall catalogue.",
    "file-quotes": "The file cannot be read from row {row} on: a quotation mark is opened and never "
    "closed, or a cell is larger than {limit_mb} MB.",
    "file-format": "The headings are not those of {format} product file.",
    # Refuse the product
    "cells-slipped": "The row has {cells} cells under {headings} headings, and “{value}” stands under "
    "{column}: its cells have slipped into the wrong columns.",
    "row-too-long": "The row has {cells} cells under {headings} headings. "
    "A text with a comma in it may lack its quotation marks.",
    "value-unknown": "“{value}” is not a value that {column} can have.",
    "handle-missing": "The row names no product: both Handle and Title are empty.",
    "handle-too-long": "The handle is longer than {limit} characters.",
    "title-missing": "The product has no title.",
    "grouped": "A grouped product only shows others together, which this shop does not have. "
    "The products in it are imported by their own rows.",
    "external": "The product is sold on another site ({value}), which this shop does not do.",
    "type-unknown": "“{value}” is not a type of product that can be imported.",
    "product-repeated": "Row {other} describes a product of the same SKU already.",
    "parent-unnamed": "The variation does not name the product it belongs to (Parent).",
    "parent-missing": "The product {value} that the variation belongs to is not in this file.",
    "parent-not-variable": "The variation belongs to row {other}, which is not a variable product.",
    "options-too-many": "The product has more than {limit} options to choose by.",
    "part-unknown": "The bundle has a part “{value}”, but there is no variant of that SKU: neither in "
    "the store nor in this file, or its product was refused.",
    "part-ambiguous": "The bundle has a part “{value}”, but several variants have that SKU. Give each "
    "its own.",
    "part-units": "A bundle takes 1 to 999 units of each part; “{value}” does not say so.",
    "part-archived": "A part of the bundle is archived. Publish it first, or take it out of the bundle.",
    "bundle-quantity": "A bundle takes 1 to 999 units of each part.",
    "bundle-itself": "A bundle cannot be a part of itself.",
    "bundle-in-bundle": "A bundle cannot contain a bundle.",
    "bundle-kind": "Only goods that are sent in a parcel can be a bundle or a part of one.",
    "bundle-full": "A bundle has at most {maximum} parts.",
    "bundle-has-stock": "Units of the bundle itself are in stock. Count them as none before it is made of "
    "parts.",
    "terms-out-of-range": "The terms are out of range: {field} is a whole number from {minimum} to "
    "{maximum}.",
    "row-kind": "“{value}” is not a kind of row: product, value, variant or picture.",
    "product-row-missing": "The product has no row of the kind “product”.",
    "currency-other": "The prices are in {value}, but the store sells in {currency}.",
    "kind-unknown": "“{kind}” is not a kind of goods: physical, service or digital.",
    "status-unknown": "“{status}” is not a status: draft, published or archived.",
    "date-unreadable": "“{value}” cannot be read as a time.",
    "number-unreadable": "“{value}” under {column} cannot be read as a whole number.",
    "variant-values": "The variant’s values ({values}) are not values of the product’s options.",
    "option-unknown": "“{value}” is not the number of one of the product’s options.",
    "gift-card": "Gift cards are issued by the shop itself and cannot be imported as goods.",
    "price-missing": "The variant has no price.",
    "price-unreadable": "“{value}” cannot be read as a price in {currency}.",
    "price-negative": "The price {value} is below zero.",
    "rows-too-many": "The product has more than {limit} rows.",
    "option-value-missing": "The option “{option}” has no value here, but has one in other rows.",
    "option-value-too-long": "A value of the option “{option}” is longer than {limit} characters.",
    "combination-repeated": "The combination {values} stands in row {other} already, "
    "with another price or SKU. Keep one of them.",
    "variants-too-many": "The product has more than {limit} variants.",
    "text-too-long": "A text is too long: {field} may have {limit} characters.",
    "amount-out-of-range": "An amount ({field}) is out of range.",
    "weight-out-of-range": "The weight is out of range.",
    "import-handle-taken": "Another product of this store was imported under this handle meanwhile.",
    "stock-short": "More units are promised to orders than the file says are in stock.",
    # Mend something
    "row-short": "The row has {cells} cells under {headings} headings; the missing ones count as empty.",
    "row-empty": "The row holds nothing but its handle and was left out.",
    "row-repeated": "The row repeats row {other} and was left out.",
    "compare-at-dropped": "The former price {value} is not above the price {price} and was left out.",
    "compare-at-unreadable": "The former price “{value}” cannot be read and was left out.",
    "cost-unreadable": "The cost “{value}” cannot be read and was left out.",
    "price-zero": "The price is zero.",
    "weight-unreadable": "The weight “{value}” cannot be read and counts as none.",
    "quantity-negative": "The stock {value} is below zero and counts as 0.",
    "quantity-unreadable": "The stock “{value}” cannot be read and was left as it is.",
    "sells-beyond-stock": "The file says to go on selling without stock, so stock is not counted.",
    "quantity-absent": "Stock is counted, but the file gives no quantity: it is sold out until "
    "counted.",
    "status-mended": "The status “{value}” is not known here; the product stays a draft.",
    "no-delivery": "The product needs no delivery. It was imported as a digital draft: add its file, "
    "or make it a service, before publishing it.",
    "barcode-damaged": "A spreadsheet has rounded the barcode “{value}”; it was left out.",
    "barcode-too-long": "The barcode is longer than {limit} characters and was left out.",
    "text-cut": "The {column} is longer than {limit} characters and was cut.",
    "variations-missing": "The product is variable, but the file has no variations of it. It was "
    "imported without options, as a draft.",
    "any-value": "The variation holds for any {option}: it became a variant for each.",
    "stock-shared": "Stock is counted for several variants together, which this shop does not do: "
    "they are sold out until counted.",
    "sale-past": "The sale price {value} is over and was left out.",
    "sale-future": "The sale price {value} has not begun and was left out.",
    "hidden": "The product is hidden in its catalogue; it was imported as a draft.",
    "location-unknown": "The store has no place “{value}”; its stock was left out.",
    "category-unknown": "There is no category “{value}”; the product was left without.",
    "attribute-unknown": "There is no attribute with the value “{value}”; it was left out.",
    "related-left-out": "There is no product “{value}” to show with this one; it was left out.",
    "related-too-many": "A product is shown with at most {limit} others that were chosen by hand.",
    "picture-unknown": "The picture “{value}” is not stored here and was left out.",
    "picture-missing": "The folder has no picture “{value}”; it is missing until it is added.",
    "picture-unreadable": "The picture “{value}” cannot be read, or is larger than 20 MB or 50 "
    "megapixels; it was left out.",
    "slug-dropped": "The web address “{value}” belongs to another product; a new one was made.",
    "image-address": "“{value}” is not an address of a picture and was left out.",
    "images-too-many": "Only the first {limit} pictures were taken.",
    "characters-replaced": "Some characters of the file could not be read and were replaced by �.",
}


def sentence(code: str, params: dict[str, Any]) -> str:
    """A code with its parameters in English; an unforeseen code speaks for itself."""
    text = _SENTENCES.get(code)
    if text is None:
        details = ", ".join(f"{key} {value}" for key, value in params.items())
        return f"Refused by the catalogue: {code.replace('-', ' ')}" + (
            f" ({details})." if details else "."
        )
    return text.format(**params)
