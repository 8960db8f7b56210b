"""What a process keeps of the shop, and how it learns that it is old.

Two things are kept: values that every page shows (the tree of categories, the names of the stores), and
whole pages for visitors of whom nothing is known. Both carry the stamp of the moment they were made at.
The log of changes (``core.changes``) moves the stamps; a process asks it once in ``PATIENCE`` at most,
and at once after a change of its own and for whoever is signed in, so that nobody misses what he just did.

A page is kept for a visitor without a cart, an account or a message waiting: his cookies name at most a
language, a theme, what was looked at (which no page shows) and a session that holds no more than a CSRF
token, which is put into the page as it leaves (``ui.caching``). It says no more than anybody may read.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, request, session

from shop.campaigns import queries as campaigns
from shop.core import changes, clock
from shop.core.db import db
from shop.web.ui import trail
from shop.web.ui.caching import digest
from shop.web.ui.headers import set_headers
from shop.web.ui.htmx import VARY
from shop.web.ui.locale import COOKIE
from shop.web.ui.unseen import UNSEEN

PATIENCE = 0.4
"""Seconds in which a process does not ask the log again."""
LONGEST = 60.0
"""Seconds that a page is kept at most: it may say what depends on the hour, and on what is not watched."""
ROOM = 24 * 1024 * 1024
"""Bytes of pages that a process keeps."""

PAGES, PRODUCT, STOCK, COLLECTION = "pages", "product", "stock", "collection"

# The second is Flask-Login's, for nobody as well.
_OWN_SESSION = frozenset({"csrf_token", "_fresh"})
_FILES = frozenset({"assets", "media"})
_LONGEST_QUERY = 500
_MOST_FOLLOWED = 50_000

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer without its cookies. ``product_id``: it is about this product alone; ``again``: what
    making it noted besides, for every visitor anew."""

    body: bytes
    digest: bytes
    headers: tuple[tuple[str, str], ...]
    product_id: int | None
    made_at: int
    until: float
    again: tuple[Callable[[], object], ...]


class Shelf:
    """What one application keeps in one process. Safe for threads.

    Time is counted in notes of the log: what was made at ``_now`` holds while nothing that it shows was
    changed at a later one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self._forget()

    def _forget(self) -> None:
        self._now += 1
        self._follower = changes.Follower()
        self._asked = self._own = -1.0
        self._all_changed = self._lists_changed = self._now
        self._changed: dict[int, int] = {}
        self._values: dict[Hashable, tuple[int, Any]] = {}
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._size = 0

    def forget(self) -> None:
        """Keep nothing of what was: for whoever changed the database behind the shop's back."""
        with self._lock:
            self._forget()

    def catch_up(self, at_once: bool = False) -> int:
        """Ask the log, unless that was done a moment ago; the time it is. At most one statement."""
        with self._lock:
            own = changes.own()
            recently = self._asked >= 0 and time.monotonic() - self._asked < PATIENCE
            if not at_once and own == self._own and recently:
                return self._now
            news = self._follower.news()
            self._own, self._asked = own, time.monotonic()
            if news:
                self._now += 1
            if news.lost:
                self._all_changed = self._now
            for topic, key in news.notes:
                self._take(topic, key)
            return self._now

    def _take(self, topic: str, key: int | None) -> None:
        if topic == PAGES:
            self._all_changed = self._now
        if topic in {PRODUCT, COLLECTION}:
            self._lists_changed = self._now
        if topic in {PRODUCT, STOCK} and key is not None:
            if len(self._changed) >= _MOST_FOLLOWED:
                self._changed.clear()
                self._all_changed = self._now
            self._changed[key] = self._now

    def value(self, key: Hashable, made_at: int | None, make: Callable[[], T]) -> T:
        """A value that holds until something that pages show is changed; without ``made_at`` it is not kept."""
        found = self._values.get(key)
        if found is not None and found[0] >= self._all_changed:
            kept: T = found[1]
            return kept
        made = make()
        if made_at is not None:
            self._values[key] = (made_at, made)
        return made

    def find(self, key: Hashable) -> Page | None:
        """The page kept under ``key``, if it still holds."""
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if self._holds(page):
                self._pages.move_to_end(key)
                return page
            del self._pages[key]
            self._size -= len(page.body)
            return None

    def _holds(self, page: Page) -> bool:
        own = self._lists_changed
        if page.product_id is not None:
            own = self._changed.get(page.product_id, 0)
        return page.made_at >= max(own, self._all_changed) and time.monotonic() < page.until

    def keep(self, key: Hashable, page: Page) -> None:
        """Keep a page; those not asked for longest make room."""
        with self._lock:
            before = self._pages.pop(key, None)
            self._size += len(page.body) - (len(before.body) if before else 0)
            self._pages[key] = page
            while self._size > ROOM:
                _, oldest = self._pages.popitem(last=False)
                self._size -= len(oldest.body)


def value(key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` gives, kept in the process until something that pages show is changed.

    For small things that every page shows and that are the same for everybody; ``key`` names them, with
    the language where that matters. They are shared: never changed in place.
    """
    if "kept" not in current_app.extensions:  # a part of the shop, in tests
        return make()
    return _shelf().value(key, _time(), make)


def moment() -> int | None:
    """The time as of which this request reads, for what else follows the log; None when it is not sure."""
    return _time() if "kept" in current_app.extensions else None


def about(product_id: int) -> None:
    """The page being made shows this product alone, with its stock: changes of others do not end it."""
    g.kept_about = product_id


def again(action: Callable[[], object]) -> None:
    """Do ``action`` now, and whenever the page being made is shown again."""
    action()
    g.setdefault("kept_again", []).append(action)


def page(view: Callable[P, Response]) -> Callable[P, Response]:
    """A view whose answer is kept for visitors of whom nothing is known."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        made_at = _time()  # before anything is read
        unknown = (
            _unknown_visitor()
        )  # before a message that waited is shown, and gone from the session
        response = view(*args, **kwargs)
        if made_at is not None and unknown and _unknown_visitor() and _keepable(response):
            _shelf().keep(_key(), _written(response, made_at))
        return response

    return wrapped


def _answer() -> Response | None:
    """The page that was kept for such a visitor: found before anybody else looks at the request."""
    if request.blueprint in _FILES or not _unknown_visitor():
        return None
    _time()
    found = _shelf().find(_key())
    if found is None:
        return None
    for action in found.again:
        action()
    g.body_digest = found.digest
    g.headers_set = True
    return Response(found.body, 200, list(found.headers))


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions["kept"]
    return found


def _time() -> int | None:
    """The time as of which this request reads; none when it had begun to read before it asked.

    On SQLite the whole request sees what was there at its first statement. One that comes before the log
    is asked may miss what other threads already know of.
    """
    if "kept_time" not in g:
        begun = db.session.registry.has() and db.session().in_transaction()
        late = begun and db.engine.dialect.name == "sqlite"
        now = _shelf().catch_up(at_once="_user_id" in session)
        g.kept_time = None if late else now
    moment: int | None = g.kept_time
    return moment


def _unknown_visitor() -> bool:
    if request.method != "GET" or len(request.query_string) > _LONGEST_QUERY:
        return False
    own = {COOKIE, "theme", current_app.config["SESSION_COOKIE_NAME"], *trail.cookies()}
    return request.cookies.keys() <= own and session.keys() <= _OWN_SESSION


def _key() -> Hashable:
    asked = tuple(request.headers.get(name) for name in VARY)
    theme = request.cookies.get("theme")
    return (request.host_url, request.path, request.query_string, theme, asked)


def _keepable(response: Response) -> bool:
    plain = response.status_code == 200 and response.mimetype == "text/html"
    fits = plain and not response.is_streamed and len(response.get_data()) < ROOM // 16
    return fits and "Set-Cookie" not in response.headers and "guest_token" not in g


def _written(response: Response, made_at: int) -> Page:
    product_id: int | None = g.get("kept_about")
    set_headers(response)
    body = response.get_data()
    return Page(
        body=body,
        digest=digest(body),
        headers=tuple(response.headers.items()),
        product_id=product_id,
        made_at=made_at,
        until=time.monotonic() + min(LONGEST, _until_edge()),
        again=tuple(g.get("kept_again", ())),
    )


def _until_edge() -> float:
    """Seconds until a campaign or a coupon begins or ends."""
    now = clock.now()
    edge = value("edge", lambda: campaigns.next_edge(now))
    if edge is not None and edge <= now:
        edge = campaigns.next_edge(now)
    return (edge - now).total_seconds() if edge else LONGEST


def init_kept(app: Flask) -> None:
    """Give ``app`` its shelf, and let every change of what pages show be noted. Before all extensions that
    look at requests."""
    app.extensions["kept"] = Shelf()
    app.before_request(_answer)
    changes.watch(lambda table: None if table in UNSEEN else PAGES)
