"""What else is done with a product: an hour at which it is published, a copy of it."""

import re
from datetime import UTC, datetime

from flask import Response, request, url_for
from flask_babel import force_locale, gettext

from shop.catalog import duplicates, publishing
from shop.catalog.admin_views import AdminProduct
from shop.core import audit
from shop.core.errors import Invalid, ShopError
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.product_editor import product_or_404, shown_again
from shop.web.admin.products import product_id_or_404
from shop.web.admin.replies import went_to
from shop.web.ui.errors import status_of
from shop.web.ui.format import moment
from shop.web.ui.locale import current_zone

_TYPED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::00)?")


@bp.post("/products/<product>/schedule")
def product_schedule(product: str) -> Response:
    """Publish a draft at an hour of the store's own time; ``act=clear`` leaves it a draft."""
    product_id = product_id_or_404(product)
    typed = request.form.get("publish_at", "").strip()[:40]
    here = desk()
    at = None
    try:
        if request.form.get("act") != "clear":
            at = _moment(typed)
        with transaction():
            if at is None:
                publishing.unschedule(product_id)
            else:
                publishing.schedule(product_id, at)
            audit.write(
                "product.schedule",
                f"product {product_id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                at=at.isoformat() if at else None,
            )
    except ShopError as error:
        return shown_again(product, status_of(error), typed, say(error))
    if at is None:
        said = gettext("It stays a draft.")
    else:
        said = gettext("It goes on sale %(when)s.", when=moment(at))
    return went_to(said, url_for("admin.product", product=product))


def _moment(typed: str) -> datetime:
    """A time of day in the store's zone as the UTC moment it is."""
    if not _TYPED.fullmatch(typed):
        raise Invalid("publish-at-form", field="publish_at")
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=current_zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("publish-at-form", field="publish_at") from None


@bp.post("/products/<product>/copy")
def product_copy(product: str) -> Response:
    """A draft with the same texts, options, variants and pictures, and no stock."""
    found = product_or_404(product)
    here = desk()
    titles = _titles(found)
    try:
        with transaction():
            made = duplicates.duplicate(found, titles)
            public_id = made.public_id
            audit.write(
                "product.copy",
                f"product {made.id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                of=found.id,
            )
    except ShopError as error:
        return went_to(say(error), url_for("admin.product", product=product))
    said = gettext("This is the copy: a draft without stock. Change what is different.")
    return went_to(said, url_for("admin.product", product=public_id))


def _titles(found: AdminProduct) -> dict[str, str]:
    titles = {}
    for locale, text in found.data.texts.items():
        with force_locale(locale):
            titles[locale] = gettext("%(title)s (copy)", title=text.title[:200])
    return titles
