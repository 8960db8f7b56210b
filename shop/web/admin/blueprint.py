"""The admin's blueprint and its door: who may come in, and which store they stand in."""

from flask import Blueprint
from flask.sansio.blueprints import BlueprintSetupState

from shop.core import ids
from shop.web.admin import delivery_words, desk
from shop.web.admin.macros import AdminMacros
from shop.web.admin.shell import Shell
from shop.web.admin.wording import Wording, until
from shop.web.ui import deliveries
from shop.web.ui.caching import make_private
from shop.web.ui.locale import LANG_PREFIX
from shop.web.ui.nul import refuse_nul

bp = Blueprint("admin", __name__, url_prefix=LANG_PREFIX + "/admin")
make_private(bp)
bp.before_request(desk.open_desk)
refuse_nul(bp)


@bp.record
def macros(state: BlueprintSetupState) -> None:
    """Templates reach the admin's macros as ``adm``; the macros themselves need ``until``."""
    environment = state.app.jinja_env
    environment.globals.update(adm=AdminMacros(environment), until=until)


bp.context_processor(deliveries.context)
bp.context_processor(delivery_words.context)


@bp.context_processor
def shell() -> dict[str, object]:
    """What the frame of every admin page shows; read only when the frame is drawn."""
    return {"shell": Shell(), "say": Wording(), "new_key": ids.token}
