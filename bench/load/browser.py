"""As much of a browser as a crowd needs: one connection, cookies, forms."""

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Answer:
    """What a server said."""

    url: str
    status: int
    location: str
    text: str
    seconds: float


@dataclass
class Browser:
    """Somebody with a cookie jar for each host. ``seen``: (what was asked for, status, seconds, when).
    ``address``: where they come from, as a proxy in front of the shop would say."""

    base: str
    address: str = ""
    seen: list[tuple[str, int, float, float]] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    links: dict[str, http.client.HTTPConnection] = field(default_factory=dict)
    at: str = ""

    def get(self, path: str, name: str = "") -> Answer:
        """Fetch a page, following where it leads."""
        return self._follow(self._ask("GET", path, None, name), name)

    def post(self, path: str, fields: Mapping[str, str], name: str = "") -> Answer:
        """Send a form, following where it leads."""
        return self._follow(self._ask("POST", path, fields, name), name)

    def _follow(self, answer: Answer, name: str) -> Answer:
        for _ in range(8):
            if answer.status not in {301, 302, 303, 307} or not answer.location:
                return answer
            answer = self._ask("GET", urljoin(answer.url, answer.location), None, f"{name} →")
        raise RuntimeError(f"{answer.url} leads nowhere")

    def _ask(self, method: str, path: str, fields: Mapping[str, str] | None, name: str) -> Answer:
        url = urljoin(self.base, path)
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        headers = {"Accept": "text/html", "Accept-Encoding": "identity"}
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if jar:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in jar.items())
        body = None
        if fields is not None:
            body = urlencode(list(fields.items()))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.at:
            headers["Referer"] = self.at
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        began = time.monotonic()
        answer, text = self._send(parts.netloc, method, target, body, headers)
        seconds = time.monotonic() - began
        for key, value in answer.getheaders():
            if key.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                jar[cookie] = rest.split(";", 1)[0]
        self.seen.append((name or parts.path, answer.status, seconds, began))
        if method == "GET" and answer.status == 200:
            self.at = url
        return Answer(url, answer.status, answer.getheader("Location") or "", text, seconds)

    def _send(
        self, host: str, method: str, target: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        for last in (False, True):
            link = self.links.get(host) or http.client.HTTPConnection(host, timeout=60)
            self.links[host] = link
            try:
                link.request(method, target, body, dict(headers))
                answer = link.getresponse()
                return answer, answer.read().decode("utf-8", "replace")
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                # A kept connection that the server has closed: a browser asks again, but posts no form
                # twice that may have arrived. (Every form here carries a key, or changes nothing twice.)
                link.close()
                self.links.pop(host, None)
                if last:
                    raise
        raise AssertionError("not reached")

    def close(self) -> None:
        """Leave."""
        for link in self.links.values():
            link.close()


def form(text: str, mark: str) -> tuple[str, dict[str, str]]:
    """Address and fields of the first form whose tag contains ``mark``, as a browser would send them."""
    found = re.search(rf"<form\b[^>]*{mark}[^>]*>.*?</form>", text, re.DOTALL)
    if found is None:
        raise LookupError(f"no form with {mark}")
    reader = _Fields()
    reader.feed(found[0])
    return reader.action, reader.fields


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind in {"radio", "checkbox"} and "checked" not in given:
                return
            if kind not in {"submit", "button", "file"}:
                self.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:  # a line break right after the tag is not part of the text
            begins = not self.fields[self._area]
            self.fields[self._area] += re.sub(r"^\r?\n", "", data) if begins else data
