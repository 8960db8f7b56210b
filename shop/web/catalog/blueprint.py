"""The blueprint of the shop window; pictures come along without a language."""

from flask import Blueprint
from flask.sansio.blueprints import BlueprintSetupState

from shop.catalog.facets.index import Index
from shop.web.catalog.media import media_bp
from shop.web.ui import deliveries
from shop.web.ui.locale import LANG_PREFIX
from shop.web.ui.nul import refuse_nul

bp = Blueprint("catalog", __name__, url_prefix=LANG_PREFIX)
refuse_nul(bp)
bp.context_processor(deliveries.context)
bp.record_once(lambda state: state.app.register_blueprint(media_bp))


@bp.record_once
def facets(state: BlueprintSetupState) -> None:
    """Every application keeps how many goods have what, each over its own database."""
    state.app.extensions["facets"] = Index()
