"""From the rows of one product in the shop's own file to what the catalogue's services take."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shop.catalog.data import (
    KINDS,
    MAX_IMAGES,
    STATUSES,
    ImageSource,
    OptionData,
    OptionValueData,
    ProductData,
    Spec,
    Text,
)
from shop.catalog.exports.reading import MEDIA
from shop.catalog.imports import cells, own_told, own_variants, values
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.contexts import Context, Draft
from shop.catalog.imports.own_headers import LOCALES, OPTIONS, TEXTS, localised
from shop.catalog.imports.own_references import lines, spec
from shop.catalog.imports.reader import Group, Row

_ROWS = ("product", "value", "variant", "picture")


def read(group: Group, notes: Notes, context: Context) -> Draft | None:
    """Read the rows of a product; None when something refuses it."""
    rows: dict[str, list[Row]] = {kind: [] for kind in _ROWS}
    for row in group.rows:
        if row.extra:
            notes.refuse("row-too-long", row, cells=row.width, headings=notes.headings.width)
        kind = row.cells.get("Row", "").strip().lower()
        if kind in rows:
            rows[kind].append(row)
        else:
            notes.refuse("row-kind", row, value=row.cells.get("Row", "")[:60])
    if not group.handle:
        notes.refuse("handle-missing", group.rows[0])
    elif len(group.handle) > 255:
        notes.refuse("handle-too-long", group.rows[0], limit=255)
    elif not rows["product"]:
        notes.refuse("product-row-missing", group.rows[0])
    for row in rows["product"][1:]:
        notes.refuse("product-repeated", row, other=rows["product"][0].number)
    if group.overflow:
        notes.refuse("rows-too-many", group.rows[0], limit=len(group.rows))
    if notes.is_refused():
        return None
    product = rows["product"][0]
    options = _options(product, rows["value"], notes)
    variants, places, parts = own_variants.read(rows["variant"], options, notes, context.currency)
    status, kind, published_at = _shelf(product, notes)
    data = ProductData(
        store_id=context.store_id,
        texts=_texts(product, notes),
        variants=variants,
        options=options,
        specs=_specs(product),
        kind=kind,
        status=status,
        category_id=_category(product, notes, context),
        brand=product.cells.get("Brand", ""),
        tags=[tag for tag in product.cells.get("Tags", "").split(", ") if tag],
        featured=own_variants.flag(product, "Featured", False, notes),
        slug=product.cells.get("Address") or None,
        import_handle=group.handle,
        published_at=published_at,
        validity_days=own_variants.number(product, "Valid days", notes),
        tax_class=_tax_class(product),
        images=_images(rows["picture"], notes),
    )
    told = own_told.read(product, parts, group, notes, context)
    return None if notes.is_refused() else Draft(data, {}, places, complete=True, told=told)


def _texts(product: Row, notes: Notes) -> dict[str, Text]:
    found = {}
    for locale in LOCALES:
        title, fact, lead, body, _, seo_title, seo_text = (
            product.cells.get(localised(name, locale), "") for name in TEXTS
        )
        if title.strip():
            found[locale] = Text(title, fact, lead, body, seo_title, seo_text)
        elif fact or lead or body or seo_title or seo_text:
            notes.refuse("title-missing", product)
    if not found:
        notes.refuse("title-missing", product)
    return found


def _tax_class(product: Row) -> str | None:
    """The code of a class; None where the file has no such column. One that the store lacks is taxed as
    the standard one, so a file may come before the classes are set up."""
    code = product.cells.get("Tax class")
    return None if code is None else code.strip().lower()[:40]


def _specs(product: Row) -> dict[str, list[Spec]]:
    found = {}
    for locale in LOCALES:
        specs = [spec(line) for line in lines(product.cells.get(localised("Details", locale), ""))]
        if specs:
            found[locale] = specs
    return found


def _options(product: Row, rows: Sequence[Row], notes: Notes) -> list[OptionData]:
    listed: dict[str, list[OptionValueData]] = {}
    for row in rows:
        label = {
            locale: row.cells[localised("Label", locale)]
            for locale in LOCALES
            if row.cells.get(localised("Label", locale))
        }
        key = row.cells.get("Value", "")
        value = OptionValueData(key, label or {LOCALES[0]: key}, row.cells.get("Swatch"))
        place = row.cells.get("Option", "").strip()
        if place not in {str(number) for number in OPTIONS}:
            notes.refuse("option-unknown", row, value=place[:60])
        listed.setdefault(place, []).append(value)
    options = []
    for number in OPTIONS:
        names = {
            locale: product.cells[localised(f"Option {number}", locale)]
            for locale in LOCALES
            if product.cells.get(localised(f"Option {number}", locale))
        }
        found = listed.get(str(number), [])
        if names or found:
            options.append(OptionData(names, found))
    return options


def _shelf(product: Row, notes: Notes) -> tuple[str, str, datetime | None]:
    status = product.cells.get("Status", "draft").strip().lower()
    kind = product.cells.get("Kind", "physical").strip().lower()
    if status not in STATUSES:
        notes.refuse("status-unknown", product, status=status[:60])
    if kind not in KINDS:
        notes.refuse("kind-unknown", product, kind=kind[:60])
    cell = product.cells.get("Published at", "").strip()
    if not cell:
        return status, kind, None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        notes.refuse("date-unreadable", product, value=cell[:60])
        return status, kind, None
    return status, kind, moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _category(product: Row, notes: Notes, context: Context) -> int | None:
    slug = product.cells.get("Category", "").strip()
    if slug and slug not in context.slugs:
        notes.warn("category-unknown", product, value=slug[:80])
    return context.slugs.get(slug)


def _images(rows: Sequence[Row], notes: Notes) -> list[ImageSource]:
    found: dict[str, ImageSource] = {}
    for row in rows:
        address = values.text(row.cells.get("Picture", ""))
        if not address.startswith(MEDIA) and not cells.is_picture_address(address):
            notes.warn("image-address", row, value=address[:80])
            continue
        alts = {
            locale: row.cells[localised("Picture text", locale)]
            for locale in LOCALES
            if row.cells.get(localised("Picture text", locale))
        }
        found.setdefault(address, ImageSource(address, alts))
    if len(found) > MAX_IMAGES:
        notes.warn("images-too-many", limit=MAX_IMAGES)
    return list(found.values())[:MAX_IMAGES]
