"""From the rows of one product to what the catalogue's services take."""

from shop.catalog.data import MAX_IMAGES, ImageSource, ProductData, Text
from shop.catalog.folding import fold
from shop.catalog.imports import cells, own_drafts, woo_drafts
from shop.catalog.imports.cells import Notes
from shop.catalog.imports.combinations import Combinations, combine
from shop.catalog.imports.contexts import Context, Draft, sealed
from shop.catalog.imports.headers import Headings
from shop.catalog.imports.problems import Problem
from shop.catalog.imports.reader import MAX_ROWS, Group, Row

# Part of every hash: raise it when the same file is to give another product than before.
_EDITION = "1"
_STATUSES = {"active": "published", "draft": "draft", "archived": "archived"}
_HANDLE_LIMIT = 255


def draft(group: Group, headings: Headings, context: Context) -> tuple[Draft | None, list[Problem]]:
    """Read the rows of a product. Without a draft, at least one of the problems refuses it."""
    notes = Notes(group.handle, headings)
    other = _READERS.get(headings.format)
    if other is not None:
        return other(group, notes, context), notes.problems
    for row in group.rows:
        cells.check_shape(row, notes)
    first = _first(group, notes)
    if notes.is_refused():
        return None, notes.problems
    found = combine(group.rows, first, notes, context.currency, context.locale)
    data = _data(group, first, found, notes, context)
    if notes.is_refused():
        return None, notes.problems
    return Draft(data, found.quantities), notes.problems


_READERS = {"woocommerce": woo_drafts.read, "own": own_drafts.read}


def _first(group: Group, notes: Notes) -> Row:
    """The row that describes the product: the first with a title."""
    first = next((row for row in group.rows if row.cells.get("title")), group.rows[0])
    if not group.handle:
        for row in group.rows:
            notes.refuse("handle-missing", row)
    elif len(group.handle) > _HANDLE_LIMIT:
        notes.refuse("handle-too-long", first, limit=_HANDLE_LIMIT)
    elif not first.cells.get("title"):
        notes.refuse("title-missing", first)
    if group.overflow:
        notes.refuse("rows-too-many", first, limit=MAX_ROWS)
    if any(cells.flag(row, "gift_card", False) for row in group.rows):
        notes.refuse("gift-card", first)
    return first


def _data(
    group: Group, first: Row, found: Combinations, notes: Notes, context: Context
) -> ProductData:
    title = " ".join(first.cells["title"].split())
    if len(title) > 255:
        notes.refuse("text-too-long", first, field=notes.headings.named("title"), limit=255)
    kind, status = _kind_and_status(first, found, notes)
    data = ProductData(
        store_id=context.store_id,
        texts={
            context.locale: Text(
                title=title,
                description_html=first.cells.get("body", ""),
                seo_title=cells.cut(first, "seo_title", notes, 255),
                seo_description=first.cells.get("seo_description", ""),
            )
        },
        variants=found.variants,
        options=found.options,
        kind=kind,
        status=status,
        category_id=_category(first, context),
        brand=cells.cut(first, "vendor", notes, 160),
        tags=[tag.strip() for tag in first.cells.get("tags", "").split(",") if tag.strip()],
        import_handle=group.handle,
        images=_images(group, notes, context.locale),
    )
    return sealed(_EDITION, data)


def _kind_and_status(first: Row, found: Combinations, notes: Notes) -> tuple[str, str]:
    status = _status(first, notes)
    if found.needs_delivery:
        return "physical", status
    notes.warn("no-delivery", first)
    return "digital", "draft" if status == "published" else status


def _status(first: Row, notes: Notes) -> str:
    """A product that is active but not published in the online store is a draft here."""
    published = cells.flag(first, "published", True)
    cell = first.cells.get("status")
    if not cell:
        return "published" if published else "draft"
    status = _STATUSES.get(cell.lower())
    if status is None:
        notes.warn("status-mended", first, value=cell)
        return "draft"
    return "draft" if status == "published" and not published else status


def _category(first: Row, context: Context) -> int | None:
    """The platform's category of the same name: the type's, else the most exact of the taxonomy's."""
    names = [first.cells.get("type", ""), *reversed(first.cells.get("category", "").split(">"))]
    return next(
        (context.categories[fold(name)] for name in names if fold(name) in context.categories), None
    )


def _images(group: Group, notes: Notes, locale: str) -> list[ImageSource]:
    placed: list[tuple[int, int, ImageSource]] = []
    seen: set[str] = set()
    for order, row in enumerate(group.rows):
        for name in ("image", "variant_image"):
            url = row.cells.get(name, "")
            if not url or url in seen:
                continue
            if not cells.is_picture_address(url):
                notes.warn("image-address", row, value=url[:80])
                continue
            seen.add(url)
            position, alt = len(group.rows) + order, ""
            if name == "image":
                alt = row.cells.get("image_alt", "")[:500]
                cell = row.cells.get("image_position", "")
                position = int(cell) if cell.isdecimal() and len(cell) < 6 else position
            placed.append((position, order, ImageSource(url, {locale: alt} if alt else {})))
    placed.sort(key=lambda entry: entry[:2])
    if len(placed) > MAX_IMAGES:
        notes.warn("images-too-many", limit=MAX_IMAGES)
    return [image for _, _, image in placed[:MAX_IMAGES]]
