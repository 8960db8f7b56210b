"""A product once more, to be changed into another."""

from collections.abc import Mapping
from dataclasses import replace

from shop.catalog import files, terms
from shop.catalog.admin_views import AdminProduct
from shop.catalog.data import Text
from shop.catalog.facets import attributes
from shop.catalog.images import add_copy
from shop.catalog.models import Product
from shop.catalog.products import save_product

SUFFIX = "-COPY"
_LONGEST_TITLE, _LONGEST_SKU = 255, 255


def duplicate(found: AdminProduct, titles: Mapping[str, str]) -> Product:
    """A draft with the texts, options, variants and pictures of ``found``, but without stock.

    ``titles``: locale → what the copy is called there. SKUs get a suffix; barcodes are left out, since
    they name what was made and not what it is made of. Raises as ``save_product`` does.
    """
    data = found.data
    texts = {
        locale: replace(text, title=(titles.get(locale) or text.title)[:_LONGEST_TITLE])
        for locale, text in data.texts.items()
    }
    sold = [
        replace(
            variant,
            sku=variant.sku[: _LONGEST_SKU - len(SUFFIX)] + SUFFIX if variant.sku else "",
            barcode="",
            image=None,
        )
        for variant in data.variants
    ]
    fresh = replace(
        data,
        texts=_without_search_titles(texts),
        variants=sold,
        status="draft",
        slug=None,
        import_handle=None,
        import_hash=None,
        published_at=None,
        featured=False,
    )
    product = save_product(fresh)
    terms.change(product.id, terms.of(found.id))
    files.copy(found.id, product.id)
    copies = {}
    for image in found.images:
        if image.view is not None:
            copies[image.public_id] = add_copy(image.id, product.id)
    if any(variant.image in copies for variant in data.variants):
        named = [
            replace(variant, image=copies.get(old.image or ""))
            for variant, old in zip(sold, data.variants, strict=True)
        ]
        product = save_product(replace(fresh, variants=named), product_id=product.id)
    attributes.copy(found.id, product.id)
    return product


def _without_search_titles(texts: Mapping[str, Text]) -> dict[str, Text]:
    """Two pages of one search title would stand in each other's way."""
    return {locale: replace(text, seo_title="") for locale, text in texts.items()}
