"""Static files under names that carry a hash of their content, so that they may be cached for ever.

``asset("js/app.js")`` gives ``/assets/js/app-1f0c….js``; ``asset("shop.css")`` and
``asset("admin.css")`` are the two joined sheets. WhiteNoise answers these addresses in front of Flask;
text is kept in memory, compressed once. While developing, a changed file gets a new address.
"""

import gzip
import hashlib
import io
import mimetypes
import threading
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import brotli
from flask import Flask, abort, current_app, redirect
from werkzeug.http import parse_accept_header, parse_etags
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise
from whitenoise.responders import Response as StaticResponse

from shop.web.ui import stylesheet

ROOT = Path(__file__).resolve().parents[3] / "static"
SHEETS = {"shop.css": "css/main.css", "admin.css": "css/admin/admin.css"}
PREFIX = "/assets/"

_FOREVER = "public, max-age=31536000, immutable"
_TEXT = {".css", ".js", ".svg", ".json", ".txt", ".html", ".webmanifest"}
_CHARSET = {".css", ".js", ".txt", ".html"}


class Asset:
    """One file in memory with its compressed forms; answers as WhiteNoise's own files do."""

    def __init__(self, name: str, body: bytes) -> None:
        self.name = name
        self.body = body
        self.digest = hashlib.sha256(body).hexdigest()[:16]
        stem, dot, suffix = name.rpartition(".")
        self.url = f"{PREFIX}{stem}-{self.digest}{dot}{suffix}"
        self._suffix = Path(name).suffix
        self._encoded: dict[str, bytes] = {}

    def get_response(self, method: str, environ: dict[str, Any]) -> StaticResponse:
        """The answer to GET or HEAD, compressed when the browser takes it and it is worth it."""
        if method not in {"GET", "HEAD"}:
            return StaticResponse(HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", "GET, HEAD")], None)
        encoding = self._encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        etag = f"{self.digest}-{encoding}" if encoding else self.digest
        headers = Headers([("Cache-Control", _FOREVER), ("ETag", f'"{etag}"')])
        headers["X-Content-Type-Options"] = "nosniff"
        if self._suffix in _TEXT:
            headers["Vary"] = "Accept-Encoding"
        if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains(etag):
            return StaticResponse(HTTPStatus.NOT_MODIFIED, headers.items(), None)
        body = self._body(encoding)
        headers["Content-Type"] = self._content_type()
        headers["Content-Length"] = str(len(body))
        if encoding:
            headers["Content-Encoding"] = encoding
        file = None if method == "HEAD" else io.BytesIO(body)
        return StaticResponse(HTTPStatus.OK, headers.items(), file)

    def _content_type(self) -> str:
        kind = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return f"{kind}; charset=utf-8" if self._suffix in _CHARSET else kind

    def _encoding(self, accepted: str) -> str | None:
        if self._suffix not in _TEXT or len(self.body) < 500:
            return None
        offers = parse_accept_header(accepted)
        for encoding in ("br", "gzip"):
            if offers.quality(encoding) > 0:
                return encoding
        return None

    def _body(self, encoding: str | None) -> bytes:
        if encoding is None:
            return self.body
        if encoding not in self._encoded:
            compress = brotli.compress if encoding == "br" else _gzip
            self._encoded[encoding] = compress(self.body)
        return self._encoded[encoding]


class AssetStore:
    """Every static file by name, and the addresses under which they are served."""

    def __init__(self, root: Path = ROOT, watch: bool = False) -> None:
        self._root = root
        self._watch = watch
        self._lock = threading.Lock()
        self._by_name: dict[str, Asset] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}
        self.by_url: dict[str, Asset] = {}
        for name in self._names():
            self.get(name)

    def get(self, name: str) -> Asset | None:
        """The asset of that name, read again if it is watched and its files have changed."""
        known = self._by_name.get(name)
        if known is not None and not self._watch:
            return known
        files = self._files(name)
        if not files:
            return None
        with self._lock:
            stamp = tuple(file.stat().st_mtime_ns for file in files)
            if known is None or self._stamps.get(name) != stamp:
                known = Asset(name, self._read(name))
                self._by_name[name] = known
                self._stamps[name] = stamp
                self.by_url[known.url] = known
        return known

    def current(self, path: str) -> Asset | None:
        """The present form of an asset that is asked for under an address of another release."""
        stem, dot, suffix = path.rpartition(".")
        return self.get(f"{stem.rpartition('-')[0]}{dot}{suffix}") or self.get(path)

    def _names(self) -> Iterable[str]:
        yield from SHEETS
        for folder in ("js", "img", "vendor"):
            for file in sorted((self._root / folder).rglob("*")):
                if file.is_file():
                    yield file.relative_to(self._root).as_posix()

    def _files(self, name: str) -> list[Path]:
        if name in SHEETS:
            entry = self._root / SHEETS[name]
            return stylesheet.sources(entry) if entry.is_file() else []
        try:
            file = (self._root / name).resolve()
            inside = file.is_relative_to(self._root) and not name.startswith("css/")
            return [file] if inside and file.is_file() else []
        except (OSError, ValueError):  # no file's name: too long, or with a NUL in it
            return []

    def _read(self, name: str) -> bytes:
        if name in SHEETS:
            return stylesheet.join(self._root / SHEETS[name]).encode()
        return (self._root / name).read_bytes()


def asset(name: str) -> str:
    """The cached-for-ever address of a static file. Raises ``LookupError`` for one that is not there."""
    store: AssetStore = current_app.extensions["assets"]
    found = store.get(name)
    if found is None:
        raise LookupError(f"there is no static file {name}")
    return found.url


def install_static(app: Flask) -> None:
    """Put the static files in front of ``app`` and give its templates ``asset()``."""
    store = AssetStore(watch=app.debug or bool(app.config.get("TEMPLATES_AUTO_RELOAD")))
    app.extensions["assets"] = store
    front = WhiteNoise(app.wsgi_app, index_file=False)
    front.files = store.by_url
    app.wsgi_app = front  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.add_template_global(asset, "asset")
    app.add_url_rule(PREFIX + "<path:path>", "assets.current", _current)


def _current(path: str) -> Response:
    """A page of another release asks for its own hash: send it to what there is now."""
    store: AssetStore = current_app.extensions["assets"]
    found = store.current(path)
    if found is None:
        abort(404)
    answer = redirect(found.url)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
