"""axe-core on a page that a browser has open; the version is vendored, so that a rule never comes overnight."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_SOURCE = Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js"
_RUN = """() => axe.run({
    resultTypes: ['violations'],
    reporter: 'v2',
}).then(found => found.violations.map(rule => ({
    id: rule.id,
    places: rule.nodes.map(node => node.target.join(' ')),
})))"""


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now: `rule (selector, selector, …)`, none when all is well."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())  # by the debugger: the page's security policy stays as it is
    return [f"{rule['id']} ({_some(rule['places'])})" for rule in page.evaluate(_RUN)]


@cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


def _some(places: list[str], limit: int = 4) -> str:
    more = [f"and {len(places) - limit} more"] if len(places) > limit else []
    return ", ".join(places[:limit] + more)
