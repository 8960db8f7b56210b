"""Where the signed-in person works: the stores they may enter and the one they stand in.

Every query and every service call of the admin starts from ``desk().store_ids``, so another store's
orders, goods and customers do not exist here. Strangers and shoppers find no admin at all (404).
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, g, session
from flask_login import current_user

from shop.core import audit
from shop.store import queries as stores
from shop.store.data import StoreView
from shop.store.models import Store
from shop.web.ui.guards import to_sign_in
from shop.web.ui.locale import current_lang

CHOSEN = "admin_store"
"""Session key: public id of the store that was chosen last."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The store that the page is about, the others within reach, and who sits here."""

    store: StoreView
    stores: list[StoreView]
    role: str
    user_id: int
    name: str

    @property
    def actor(self) -> str:
        """Who acts, as ledgers and timelines keep it: an id, so that a person can be erased."""
        return f"u:{self.user_id}"

    @property
    def store_id(self) -> int:
        """The store's internal key."""
        return self.store.id

    @property
    def store_ids(self) -> list[int]:
        """Where every query starts."""
        return [self.store.id]

    @property
    def currency(self) -> str:
        """The currency of the store's prices."""
        return self.store.currency

    @property
    def may_manage_staff(self) -> bool:
        """Owners and operators decide who works here."""
        return self.role in {"owner", "operator"}


def desk() -> Desk:
    """The desk of this request."""
    found: Desk = g.desk
    return found


def open_desk() -> Response | None:
    """Runs before every admin view: signed in, and staff of a store or operator; else 404."""
    if not current_user.is_authenticated:
        return to_sign_in()
    user_id = int(current_user.user_id)
    within = _within_reach(user_id, bool(current_user.is_operator))
    if not within:
        abort(404)
    lang = current_lang()
    views = [stores.as_view(store, lang) for store in within]
    chosen = next((view for view in views if view.public_id == session.get(CHOSEN)), views[0])
    role = stores.role(chosen.id, user_id) or "operator"
    g.timezone = chosen.timezone
    g.desk = Desk(chosen, views, role, user_id, str(current_user.name)[:80])
    return None


def note(action: str, subject: str, **detail: Any) -> None:
    """Write into the audit log what the person here did in this store."""
    here = desk()
    audit.write(
        action, subject, actor=here.actor, user_id=here.user_id, store_id=here.store_id, **detail
    )


def choose(public_id: str) -> None:
    """Stand in another of one's stores from now on. 404 for any other."""
    if all(view.public_id != public_id for view in desk().stores):
        abort(404)
    session[CHOSEN] = public_id


def _within_reach(user_id: int, operator: bool) -> list[Store]:
    return stores.all_stores() if operator else stores.stores_of(user_id)
