"""Files at the desk of a store."""

import io

from flask import current_app

from shop.catalog import rendering
from shop.catalog.media import Storage
from shop.catalog.photos import Photo, new_name
from shop.catalog.runs import uploads
from shop.catalog.runs.keeping import Kept
from shop.catalog.runs.options import Options
from shop.catalog.runs.upload_models import ImportUpload
from shop.core.transaction import transaction
from shop.jobs import uploads as desk
from tests.factories.catalog import picture

HEADINGS = (
    "Handle,Title,Vendor,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Status"
)


def goods_file(*lines: str) -> bytes:
    """A product CSV as Shopify writes it."""
    return "\n".join([HEADINGS, *lines]).encode()


def make_upload(store_id: int, content: bytes, **options) -> ImportUpload:
    """A file that was brought in, of which nothing is done yet; a job is asked to look at it."""
    kept, size = Kept(current_app.config["IMPORTS_FOLDER"]).take(io.BytesIO(content), "goods.csv")
    with transaction():
        upload = uploads.take(
            store_id,
            name="goods.csv",
            kept=kept,
            size=size,
            options=Options(**options),
            actor="u:1",
        )
        desk.ask_check(upload.id)
    return upload


def stored_photo(folder: str = "private/returns") -> Photo:
    """A photo that lies in media storage, as one that came with a form."""
    made = rendering.render(picture(40, 30), new_name(folder))
    Storage(current_app.config["MEDIA_FOLDER"]).save_all(made.files)
    return Photo(made.name, made.width, made.height, made.widths)
