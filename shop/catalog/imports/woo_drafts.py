"""From the rows of one WooCommerce product to what the catalogue's services take."""

import html as markup
import re
from collections.abc import Sequence

from shop.catalog import html
from shop.catalog.data import MAX_IMAGES, ImageSource, ProductData, Spec, Text
from shop.catalog.folding import fold
from shop.catalog.imports import cells, values, woo_rows
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.contexts import Context, Draft, sealed
from shop.catalog.imports.reader import Group, Row
from shop.catalog.imports.woo_attributes import attributes, parts
from shop.catalog.imports.woo_variants import Sold, sold

_EDITION = "woocommerce-1"
_KNOWN = frozenset({"simple", "variable", "variation", "downloadable", "virtual"})
_PARAGRAPH = re.compile(r"\n\s*\n")


def read(group: Group, notes: Notes, context: Context) -> Draft | None:
    """Read the rows of a product; None when something refuses it."""
    product = _product(group, notes)
    if product is None or notes.is_refused():
        return None
    variations = [row for row in group.rows if row is not product]
    found = sold(product, variations, notes, context)
    data = _data(group, product, found, notes, context)
    return None if notes.is_refused() else Draft(sealed(_EDITION, data), found.quantities)


def _product(group: Group, notes: Notes) -> Row | None:
    """The row that describes the product, with what refuses a product of such rows."""
    product: Row | None = None
    for row in group.rows:
        if row.extra:
            notes.refuse("row-too-long", row, cells=row.width, headings=notes.headings.width)
        elif row.width < notes.headings.width:
            notes.warn("row-short", row, cells=row.width, headings=notes.headings.width)
        kinds = woo_rows.kinds(row.cells)
        if "variation" in kinds:
            if not group.handle:
                notes.refuse("parent-unnamed", row)
            continue
        if product is not None:
            notes.refuse("product-repeated", row, other=product.number)
            continue
        product = row
        _refuse_kind(row, kinds, notes)
    variations = [row for row in group.rows if "variation" in woo_rows.kinds(row.cells)]
    if product is None:
        if group.handle:
            notes.refuse("parent-missing", group.rows[0], value=group.rows[0].cells["parent"][:80])
    elif variations and "variable" not in woo_rows.kinds(product.cells):
        notes.refuse("parent-not-variable", variations[0], other=product.number)
    if product is not None and not product.cells.get("title"):
        notes.refuse("title-missing", product)
    if len(group.handle) > 255:
        notes.refuse("handle-too-long", group.rows[0], limit=255)
    if group.overflow:
        notes.refuse("rows-too-many", group.rows[0], limit=len(group.rows))
    return product


def _refuse_kind(row: Row, kinds: set[str], notes: Notes) -> None:
    if "grouped" in kinds:
        notes.refuse("grouped", row)
    elif "external" in kinds:
        notes.refuse("external", row, value=row.cells.get("external", "") or "–")
    elif kinds - _KNOWN:
        notes.refuse("type-unknown", row, value=", ".join(sorted(kinds - _KNOWN))[:60])


def _data(group: Group, product: Row, found: Sold, notes: Notes, context: Context) -> ProductData:
    title = " ".join(product.cells["title"].split())
    if len(title) > 255:
        notes.refuse("text-too-long", product, field=notes.headings.named("title"), limit=255)
    status = "draft" if found.unfinished else _status(product, notes)
    kind = "physical"
    if found.virtual:
        notes.warn("no-delivery", product)
        kind, status = "digital", "draft" if status == "published" else status
    lead, body = _texts(product)
    used = {fold(next(iter(option.names.values()))) for option in found.options}
    specs = [
        Spec(name[:120], ", ".join(given))
        for name, given in attributes(product)
        if given and fold(name) not in used
    ]
    return ProductData(
        store_id=context.store_id,
        texts={context.locale: Text(title=title, lead=lead, description_html=body)},
        variants=found.variants,
        options=found.options,
        specs={context.locale: specs} if specs else {},
        kind=kind,
        status=status,
        category_id=_category(product, context),
        brand=cells.cut(product, "vendor", notes, 160),
        tags=parts(product.cells.get("tags", "")),
        featured=cells.flag(product, "featured", False),
        import_handle=group.handle,
        images=_images(group.rows, product, notes),
    )


def _status(product: Row, notes: Notes) -> str:
    """1 is published; 0 (private) and -1 (draft) are drafts here. A hidden one is not for lists."""
    published = values.code(product.cells.get("published", "1"))
    if published not in {"1", "yes", "true"}:
        return "draft"
    if product.cells.get("visibility", "").lower() == "hidden":
        notes.warn("hidden", product)
        return "draft"
    return "published"


def _texts(product: Row) -> tuple[str, str]:
    """The first sentence, where the short description is one, and the description."""
    short = _written(product.cells.get("lead", ""))
    body = _written(product.cells.get("body", ""))
    plain = html.plain(short)
    return (plain, body) if len(plain) <= 255 else ("", short + body)


def _written(cell: str) -> str:
    """WooCommerce writes line ends as ``\\n``; text without markup is put in paragraphs."""
    cell = cell.replace("\\n", "\n")
    if not cell or "<" in cell:
        return cell
    return "".join(
        f"<p>{markup.escape(part.strip(), quote=False)}</p>"
        for part in _PARAGRAPH.split(cell)
        if part.strip()
    )


def _category(product: Row, context: Context) -> int | None:
    """The platform's category of the most exact name given: the deepest path, the nearest end."""
    paths = [path.split(">") for path in parts(product.cells.get("categories", ""))]
    paths.sort(key=len, reverse=True)
    names = [fold(name) for path in paths for name in reversed(path)]
    return next((context.categories[name] for name in names if name in context.categories), None)


def _images(rows: Sequence[Row], product: Row, notes: Notes) -> list[ImageSource]:
    found: dict[str, ImageSource] = {}
    for row in (product, *(row for row in rows if row is not product)):
        for url in parts(row.cells.get("images", "")):
            if cells.is_picture_address(url):
                found.setdefault(url, ImageSource(url))
            else:
                notes.warn("image-address", row, value=url[:80])
    if len(found) > MAX_IMAGES:
        notes.warn("images-too-many", limit=MAX_IMAGES)
    return list(found.values())[:MAX_IMAGES]
