"""Fetching the pictures that imports name by address."""

import time

import structlog
from flask import current_app

from shop.catalog import rendering
from shop.catalog.fetching import download, waiting
from shop.catalog.media import Storage
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.transaction import transaction
from shop.jobs.context import job

log = structlog.get_logger(__name__)

_BATCH = 200
_SECONDS = 40
"""Of one run: the next takes over where it ended."""


@job
def fetch_pictures() -> int:
    """Fetch what waits, a picture at a time; how many came. Harmless to run twice at once."""
    ends = time.monotonic() + _SECONDS
    ids = waiting.due(_BATCH)
    db.session.rollback()
    came = 0
    for image_id in ids:
        if time.monotonic() > ends:
            break
        came += fetch(image_id)
    return came


def fetch(image_id: int, net: download.Net | None = None) -> bool:
    """Fetch one picture, unless somebody does. Nothing is open while the net is asked and sizes are made."""
    with transaction():
        url = waiting.claim(image_id)
    if url is None:
        return False
    try:
        picture = rendering.render(download.download(url, net))
        Storage(current_app.config["MEDIA_FOLDER"]).save_all(picture.files)
        with transaction():
            waiting.fetched(image_id, picture)
    except NotFound:  # taken away while it was fetched
        return False
    except Invalid as error:
        log.info("picture not fetched", image=image_id, reason=error.reason)
        with transaction():
            waiting.failed(image_id, error.reason, for_good=not isinstance(error, download.Later))
        return False
    return True
