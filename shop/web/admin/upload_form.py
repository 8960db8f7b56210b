"""The form with which a file is brought in."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField

from shop.catalog import queries as catalog
from shop.catalog.runs.options import Options
from shop.web.ui.forms import Form, IdempotencyField, choices
from shop.web.ui.locale import NAMES, current_lang


class UploadForm(Form):
    """A file, and what is asked for beside what it says."""

    file = FileField(lazy_gettext("File"), id="file")
    status = RadioField(
        lazy_gettext("On the shelf"),
        choices=choices(
            (
                ("file", lazy_gettext("As the file says")),
                (
                    "draft",
                    lazy_gettext("New products come as drafts, known ones stay as they are"),
                ),
                ("published", lazy_gettext("Publish all that the file names")),
            )
        ),
        default="file",
    )
    missing = RadioField(
        lazy_gettext("Products of the shop that the file does not name"),
        choices=choices(
            (
                ("leave", lazy_gettext("Leave them as they are")),
                ("archive", lazy_gettext("Archive them: the file is the whole range")),
            )
        ),
        default="leave",
    )
    category = SelectField(lazy_gettext("Category"), id="category", default="")
    locale = SelectField(lazy_gettext("Language of the texts"), id="locale")
    set_stock = BooleanField(
        lazy_gettext("Set the stock of products that are here already, too"), id="set-stock"
    )
    key = IdempotencyField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = catalog.categories(current_lang())
        self._ids = {node.public_id: node.id for node in catalog.walk(tree)}
        self.category.choices = choices(
            [
                ("", lazy_gettext("As the file says")),
                *(
                    (node.public_id, " › ".join(part.name for part in path))
                    for node in catalog.walk(tree)
                    if (path := catalog.path_to(tree, node.slug))
                ),
            ]
        )
        self.locale.choices = choices(NAMES.items())
        if not self.locale.raw_data:
            self.locale.data = self.locale.data or current_lang()

    def options(self) -> Options:
        """What was asked for."""
        return Options(
            set_stock=bool(self.set_stock.data),
            status=str(self.status.data),
            category_id=self._ids.get(str(self.category.data)),
            missing=str(self.missing.data),
            locale=str(self.locale.data),
        )
