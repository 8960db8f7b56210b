"""What a browser remembers by itself: what was looked at, and what is to be compared.

Two cookies hold public ids of products, signed with the shop's key, so that they name only what the shop
wrote there. Nothing of it reaches the database, and no page depends on it: what is made of it comes as
fragments of their own. So a page stays the same for everybody and can be kept (``ui.kept``).
"""

from collections.abc import Sequence

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

VIEWED, COMPARED = "viewed", "compared"
MOST_VIEWED = 12
MOST_COMPARED = 4
_LONGEST_COOKIE = 1000
_DAYS = {VIEWED: 30, COMPARED: 7}


def cookies() -> set[str]:
    """The names of both cookies; bound to the host under https."""
    return {_cookie(VIEWED), _cookie(COMPARED)}


def viewed() -> list[str]:
    """Public ids of the products that were looked at, the last one first."""
    return _read(VIEWED)[:MOST_VIEWED]


def compared() -> list[str]:
    """Public ids of the products to compare, in the order they were chosen."""
    return _read(COMPARED)[:MOST_COMPARED]


def see(public_id: str) -> None:
    """Remember that a product was looked at."""
    known = viewed()
    if known[:1] != [public_id]:
        _write(VIEWED, [public_id, *(one for one in known if one != public_id)][:MOST_VIEWED])


def forget_viewed() -> None:
    """Remember nothing of what was looked at."""
    _write(VIEWED, [])


def compare(public_ids: Sequence[str]) -> None:
    """Remember what to compare."""
    _write(COMPARED, list(dict.fromkeys(public_ids))[:MOST_COMPARED])


def _cookie(name: str) -> str:
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _serializer(name: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"trail:{name}")


def _write(name: str, public_ids: list[str]) -> None:
    g.setdefault("trail", {})[name] = public_ids


def _read(name: str) -> list[str]:
    fresh: dict[str, list[str]] = g.get("trail", {})
    if name in fresh:
        return fresh[name]
    kept = request.cookies.get(_cookie(name), "")
    if not kept or len(kept) > _LONGEST_COOKIE:
        return []
    try:
        found = _serializer(name).loads(kept)
    except BadData:
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _remember(response: Response) -> Response:
    """Give the browser what is to be remembered. Runs after the page was kept, so cookies are nobody else's."""
    changed: dict[str, list[str]] = g.get("trail", {})
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    for name, public_ids in changed.items():
        if public_ids:
            response.set_cookie(
                _cookie(name),
                str(_serializer(name).dumps(public_ids)),
                max_age=_DAYS[name] * 86400,
                path="/",
                httponly=True,
                samesite="Lax",
                secure=secure,
            )
        elif _cookie(name) in request.cookies:
            response.delete_cookie(
                _cookie(name), path="/", secure=secure, httponly=True, samesite="Lax"
            )
    return response


def init_trail(app: Flask) -> None:
    """Let every answer carry what is to be remembered."""
    app.after_request(_remember)
