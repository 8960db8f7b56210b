"""``/media/…``: the pictures of goods, from storage.

In production a web server or an object store may answer in front of this; the headers are what they
should send as well. Names carry a hash of the content, so an answer may be kept for ever.
"""

from flask import Blueprint, Response, abort, current_app, send_file

from shop.catalog.media import PREFIX, Storage
from shop.catalog.photos import PRIVATE
from shop.core.errors import Invalid, NotFound

media_bp = Blueprint("media", __name__, url_prefix=PREFIX.rstrip("/"))

FOREVER = "public, max-age=31536000, immutable"
# Said here, not guessed: what mimetypes knows depends on the machine. Nothing else lies there.
_TYPES = {
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


@media_bp.get("/<path:name>")
def file(name: str) -> Response:
    """A stored picture; whole, in part, or 304."""
    kind = _TYPES.get(name.rpartition(".")[2])
    if kind is None or name.startswith(PRIVATE):
        abort(404)
    try:
        path = Storage(current_app.config["MEDIA_FOLDER"]).path(name)
    except (Invalid, NotFound):
        abort(404)
    response = send_file(path, mimetype=kind, conditional=True, etag=True)
    response.headers["Cache-Control"] = FOREVER
    return response
