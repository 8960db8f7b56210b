"""Photos for a form: uploaded with it, kept while it is filled in, posted with it.

A photo is stored when it arrives; the form carries what it is stored as, signed for its purpose, so that
nothing is lost when something else has to be mended, and large photos can be sent a few at a time.
"""

from dataclasses import dataclass, field

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from shop.catalog import rendering
from shop.catalog.media import Storage
from shop.catalog.photos import MOST_PHOTOS, Photo, new_name
from shop.catalog.views import ImageView
from shop.core.errors import Invalid
from shop.web.ui.errors import words

_LASTS = 12 * 3600
"""Seconds in which a form must be posted; ``jobs.photos`` removes what was not."""


@dataclass(slots=True)
class Chosen:
    """The photos of a form: those that it keeps with their signed words, and what was refused. ``came``:
    new ones were sent with it."""

    kept: dict[str, Photo] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    came: bool = False

    @property
    def views(self) -> list[tuple[str, ImageView]]:
        """Signed words and picture, for the form."""
        return [
            (word, ImageView(one.name, one.width, one.height, one.widths, ""))
            for word, one in self.kept.items()
        ]


def chosen(purpose: str, folder: str) -> Chosen:
    """What a form was sent with: photos of before, signed for ``purpose``, and new ones, which are stored
    in ``folder``."""
    found = Chosen()
    storage = Storage(current_app.config["MEDIA_FOLDER"])
    for word in request.form.getlist("photo")[:MOST_PHOTOS]:
        photo = read(purpose, word)
        if photo is not None and storage.exists(f"{photo.name}-{photo.widths[-1]}.jpg"):
            found.kept[word] = photo
    for file in request.files.getlist("photos"):
        if not file.filename:
            continue
        found.came = True
        if len(found.kept) >= MOST_PHOTOS:
            found.problems.append(words(Invalid("photos-too-many", maximum=MOST_PHOTOS)))
            break
        try:
            made = rendering.render(file.read(), new_name(folder))
        except Invalid as error:
            found.problems.append(f"{file.filename[:80]}: {words(error)}")
            continue
        storage.save_all(made.files)
        photo = Photo(made.name, made.width, made.height, made.widths)
        found.kept[sign(purpose, photo)] = photo
    return found


def sign(purpose: str, photo: Photo) -> str:
    """The word that stands for a stored photo."""
    return _serializer(purpose).dumps([photo.name, photo.width, photo.height, *photo.widths])


def read(purpose: str, word: str) -> Photo | None:
    """The photo of a word; None for one that is too old, or was signed for something else."""
    try:
        name, width, height, *widths = _serializer(purpose).loads(word, max_age=_LASTS)
    except (BadData, ValueError):
        return None
    return Photo(name, width, height, tuple(widths))


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=purpose)
