"""Photos of reviews and returns, and proofs of transfers, that nobody refers to: uploaded and never posted, or gone with their account."""

from collections.abc import Callable, Collection
from datetime import timedelta

from flask import current_app

from shop.catalog.media import Storage
from shop.core import clock
from shop.core.db import db
from shop.jobs.context import job
from shop.order import return_photos
from shop.payment import transfer_proofs
from shop.review import photos

LASTS = timedelta(days=1)
"""So long an upload may wait in its form, which itself lets it wait half of that."""
_BATCH = 500


@job
def tidy_photos() -> int:
    """Remove their files."""
    return (
        _tidy(photos.FOLDER, photos.known)
        + _tidy(return_photos.FOLDER, return_photos.known)
        + _tidy(transfer_proofs.FOLDER, transfer_proofs.known)
    )


def _tidy(folder: str, named: Callable[[Collection[str]], set[str]]) -> int:
    storage = Storage(current_app.config["MEDIA_FOLDER"])
    before = (clock.now() - LASTS).timestamp()
    gone = 0
    files = list(storage.older(folder, before))
    for start in range(0, len(files), _BATCH):
        some = files[start : start + _BATCH]
        stems = {name: name.rpartition("-")[0] for name in some}
        known = named(set(stems.values()))
        db.session.rollback()  # no transaction stays open while files are removed
        for name, stem in stems.items():
            if stem not in known:
                storage.remove(name)
                gone += 1
    return gone
