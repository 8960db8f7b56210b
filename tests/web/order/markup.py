"""Reading a page as a browser does: what its form would send, and what it says."""

import re
from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self, element_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.element_id = element_id
        self.inside = False
        self.values: dict[str, str] = {}
        self.shown: list[str] = []
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.element_id
        if not self.inside:
            return
        name = given.get("name")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in {"radio", "checkbox"}:
                if "checked" in given:
                    self.values[name] = given.get("value", "y")
                return
            self.values[name] = given.get("value") or ""
            if kind != "hidden":
                self.shown.append(name)
        elif tag == "select" and name:
            self._select = name
            self.values[name] = ""
            self.shown.append(name)
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data):
        if self._area:
            self.values[self._area] = (self.values[self._area] + data).strip()


def form_of(page: str, element_id: str = "checkout-form") -> dict[str, str]:
    """What the browser would send with the form of ``page``, its buttons aside."""
    reader = _Form(element_id)
    reader.feed(page)
    return reader.values


def shown_fields(page: str, element_id: str = "checkout-form") -> list[str]:
    """The names of the text fields and selects that the form shows."""
    reader = _Form(element_id)
    reader.feed(page)
    return reader.shown


def heading(page: str) -> str:
    """The text of the first heading."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def errors(page: str) -> str:
    """Everything that the page says at its fields."""
    found = re.findall(r'class="field__error".*?<span>(.*?)</span>', page, re.DOTALL)
    return " ".join(found)
