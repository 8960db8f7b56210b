"""What whoever brings in a file may ask for beside what the file says."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from shop.catalog.data import ProductData
from shop.catalog.imports.contexts import Draft, sealed

STATUSES = ("file", "draft", "published")
MISSING = ("leave", "archive")


@dataclass(frozen=True, slots=True)
class Options:
    """``set_stock``: of known variants too. ``status``: "file" as the file says; "draft" brings new
    goods as drafts and leaves known ones as they are; "published" publishes all but what is archived.
    ``category_id``: puts all into it. ``missing``: what to do with the store's goods that the file does
    not name. ``locale``: the language of texts in files that do not say.
    """

    set_stock: bool = False
    status: str = "file"
    category_id: int | None = None
    missing: str = "leave"
    locale: str = "en"

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def from_json(kept: dict[str, Any]) -> Options:
    """As it was kept."""
    return Options(**kept)


def dressed(draft: Draft, options: Options, current_status: str | None) -> Draft:
    """The draft as the options want it; ``current_status`` of the product, None for a new one.

    The hash tells what the file and the options say, whatever the status of the product is now: the
    same file with the same options changes nothing the second time.
    """
    if options.status == "file" and options.category_id is None:
        return draft
    data = draft.data
    if options.category_id is not None:
        data = replace(data, category_id=options.category_id)
    if data.import_hash is not None:
        data = sealed(f"{options.status}:{options.category_id}", data)
    return replace(draft, data=replace(data, status=_status(data, options, current_status)))


def _status(data: ProductData, options: Options, current: str | None) -> str:
    if options.status == "draft":
        if current is not None:
            return current
        return "draft" if data.status == "published" else data.status
    if options.status == "published" and data.status == "draft":
        # Without its file a digital product cannot be sold.
        return "draft" if data.kind == "digital" and not data.digital_name else "published"
    return data.status
