"""Addresses of products and brands, made from their names."""

import hashlib
import re
import unicodedata

_RUN = re.compile(r"[^a-z0-9]+")
_FORM = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG = 120


def slugify(text: str, limit: int = 80) -> str:
    """ASCII letters and figures of ``text`` in lower case, joined by ``-``; empty for Chinese only.

    Accents are dropped (``Crème brûlée`` → ``creme-brulee``); cut at a word's end where possible.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = _RUN.sub("-", plain).strip("-")
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1].rpartition("-")[0]
    return (cut or slug[:limit]).strip("-")


def product_slug(title: str, handle: str | None) -> str:
    """The slug to try first: from the title, else from the import handle; empty when neither helps."""
    return slugify(title) or slugify(handle or "")


def brand_slug(name: str) -> str:
    """A slug for a brand: the same name gives the same slug, in any script."""
    stem = slugify(name, 100)
    if stem and unicodedata.normalize("NFKC", name).isascii():
        return stem
    digest = hashlib.sha256(unicodedata.normalize("NFKC", name).casefold().encode()).hexdigest()[:8]
    return f"{stem}-{digest}" if stem else f"b-{digest}"


def is_slug(text: str) -> bool:
    """Whether ``text`` may stand in an address as it is."""
    return len(text) <= MAX_SLUG and _FORM.fullmatch(text) is not None
