"""Templates that a strict content policy and a browser without scripts can live with."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if "email" not in path.relative_to(TEMPLATES).parts
)
SANDBOX = sorted((ROOT / "shop" / "sandbox").rglob("*.html"))
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_DATA = {"application/json", "application/ld+json"}  # told, not run: the content policy lets it be


class Reader(HTMLParser):
    """Collects what breaks the rules, with its line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                self._fault(f"attribute {name} on <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self._fault(f"a javascript: address in {name}")
        if tag == "style":
            self._fault("<style>")
        if tag == "script" and "src" not in given and given.get("type") not in _DATA:
            self._fault("<script> without src")
        closes_a_dialog = given.get("method") == "dialog"
        if tag == "form" and not closes_a_dialog and not {"action", "method"} <= given.keys():
            self._fault("<form> without action and method")
        if tag == "a" and not {"href", "jinja"} & given.keys():
            self._fault("<a> without href")

    def _fault(self, what: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {what}")


def readable(source: str) -> str:
    """The template with each Jinja part replaced by a word that is good in text and in tags."""
    return _JINJA.sub(lambda part: "jinja" + "\n" * part[0].count("\n"), source)


@pytest.mark.parametrize("path", (*PAGES, *SANDBOX), ids=lambda path: str(path.relative_to(ROOT)))
def test_markup(path):
    reader = Reader()
    reader.feed(readable(path.read_text()))
    assert reader.faults == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_post_form_carries_the_token(path):
    source = path.read_text()
    posts = re.findall(r"<form\b[^>]*method=[\"']?post\b.*?</form>", source, re.DOTALL | re.I)
    # `hidden_fields(form)` writes the token beside the form's own hidden fields.
    marks = ("csrf", "hidden_fields(")
    assert [form[:120] for form in posts if not any(mark in form for mark in marks)] == []


def test_nothing_comes_from_another_party():
    """Pages ask nobody else for anything: no script, style, font or picture from elsewhere."""
    elsewhere = re.compile(r"(?:src|srcset|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", re.I)
    files = [
        *PAGES,
        *(ROOT / "static" / "css").rglob("*.css"),
        *(ROOT / "static" / "js").rglob("*.js"),
    ]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if elsewhere.search(line) and "<a " not in line and "www.w3.org" not in line
    ]
    assert found == []
