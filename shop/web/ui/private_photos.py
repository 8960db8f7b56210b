"""Photos for some eyes only, from the private part of media storage: for views that know who asks."""

from flask import Response, abort, current_app, request, send_file

from shop.catalog.media import Storage
from shop.catalog.photos import Photo
from shop.core.errors import Invalid, NotFound

_THUMBNAIL = 320


def answer(photo: Photo) -> Response:
    """The photo as JPEG, ``?size=small`` as a thumbnail. Only the browser of whoever asked may keep it."""
    width = photo.widths[-1]
    if request.args.get("size") == "small":
        width = next((one for one in photo.widths if one >= _THUMBNAIL), width)
    try:
        path = Storage(current_app.config["MEDIA_FOLDER"]).path(f"{photo.name}-{width}.jpg")
    except (Invalid, NotFound):
        abort(404)
    response = send_file(path, mimetype="image/jpeg", conditional=True, etag=True)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
