"""Writing down what the editor of a product was sent: product, pictures, files, stock."""

from pathlib import Path

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from shop.analytics import stock
from shop.catalog import products, rendering
from shop.catalog import queries as catalog
from shop.catalog.admin_views import AdminProduct
from shop.catalog.data import ProductData
from shop.catalog.images import add_image
from shop.catalog.media import Storage
from shop.core import audit, ids
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.web.admin import product_attributes
from shop.web.admin.desk import desk
from shop.web.admin.product_data import whole
from shop.web.admin.product_draft import Draft


def save(
    draft: Draft,
    data: ProductData,
    found: AdminProduct | None,
    places: list[stock.Place],
    pictures: list[rendering.Rendered],
) -> str:
    """Write product, pictures, stock and alerts in one transaction; returns the public id.

    Raises as ``products.save_product`` and the verbs of stock do.
    """
    here = desk()
    with transaction():
        saved = products.save_product(
            data,
            product_id=found.id if found else None,
            expected_version=int(draft.version) if draft.version.isdigit() else None,
        )
        product_id, public_id = saved.id, saved.public_id
        product_attributes.save(product_id)
        for picture in pictures:
            add_image(product_id, picture, {lang: text.title for lang, text in data.texts.items()})
        if draft.tracked:
            _save_stock(draft, public_id, places)
        audit.write(
            "product.save",
            f"product {product_id}",
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
            status=data.status,
        )
    return public_id


def _save_stock(draft: Draft, public_id: str, places: list[stock.Place]) -> None:
    """Counts that were changed go through the ledger; alerts belong to the first location."""
    here = desk()
    saved = catalog.admin_product(public_id, here.store_ids)
    if saved is None:
        return
    variant_ids = {
        variant.values: variant.id
        for variant in saved.variants
        if variant.data.tracked and not variant.archived
    }
    columns = [(place.id, place.public_id) for place in places]
    if not columns:
        columns = [(inventory.default_location(here.store_id), "")]
    for number, row in enumerate(draft.variants):
        keys = tuple(
            next(value.key for value in option.filled if value.place == place)
            for option, place in zip(draft.used, row.at, strict=True)
        )
        variant_id = variant_ids.get(keys)
        if variant_id is None or not row.sell:
            continue
        for location_id, column in columns:
            typed, had = row.stock.get(column, ""), row.had.get(column, "")
            if typed in {had, ""} or (typed == "0" and not had):
                continue
            on_hand = whole(draft, f"variant-{number}-stock-{column}", typed)
            if on_hand is None:
                raise Invalid(
                    "quantity-out-of-range",
                    field=f"variant-{number}-stock-{column}",
                    maximum=9_999_999,
                )
            inventory.set_on_hand(
                variant_id,
                location_id,
                on_hand,
                reason="counted" if had else "received",
                actor=here.actor,
            )
        if row.alert or row.public_id:
            alert = whole(draft, f"variant-{number}-alert", row.alert)
            inventory.set_threshold(variant_id, columns[0][0], alert)


def files(name: str) -> list[FileStorage]:
    """The files that were chosen in a field, at most twelve."""
    return [file for file in request.files.getlist(name) if file.filename][:12]


def stored_picture(file: FileStorage) -> rendering.Rendered:
    """Render and store a picture; slow, hence before the transaction. Raises ``Invalid``."""
    rendered = rendering.render(file.read())
    Storage(current_app.config["MEDIA_FOLDER"]).save_all(rendered.files)
    return rendered


def stored_file(field: str = "digital") -> str | None:
    """Store what buyers download under an unguessable name; outside of what the shop serves openly."""
    for file in files(field):
        suffix = "".join(ch for ch in Path(file.filename or "").suffix if ch.isalnum())[:8].lower()
        bare = "".join(ch for ch in Path(file.filename or "").stem if ch.isalnum() or ch in "-_ ")
        name = f"{ids.public_id()}{ids.public_id()}/{bare.strip()[:60] or 'file'}.{suffix or 'bin'}"
        Storage(current_app.config["FILES_FOLDER"]).save(name, file.read())
        return name
    return None
