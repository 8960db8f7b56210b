"""What a task costs a merchant: every pointer and key action is logged, and too many fail the test.

Counted as ux.md counts: a click, a tap or a key command is one; a choice from a list is two (open it,
choose); a field that is typed into is a field, with the click that puts the cursor there; Enter that ends
a scan belongs to the scan.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page

_LISTEN = """
(() => {
  const TYPED = 'input:not([type=checkbox],[type=radio],[type=submit],[type=button],[type=file],[type=hidden]),textarea';
  const name = el => (el.id || el.name || el.textContent || el.tagName).trim().slice(0, 40);
  const tell = (kind, el) => window.__acted(kind, name(el));
  addEventListener('pointerdown', e => {
    if (!e.isTrusted || e.target.closest(TYPED) || e.target.closest('select')) return;
    tell('click', e.target.closest('a,button,label,summary,input') || e.target);
  }, true);
  addEventListener('keydown', e => {
    if (!e.isTrusted || ['Shift', 'Control', 'Alt', 'Meta'].includes(e.key)) return;
    const field = e.target.closest && e.target.closest(TYPED);
    if (field && e.key !== 'Enter' && e.key !== 'Tab' && e.key !== 'Escape') return;
    tell(field && e.key === 'Enter' ? 'enter' : 'key', field || {tagName: e.key});
  }, true);
  addEventListener('input', e => { if (e.target.matches(TYPED)) tell('field', e.target); }, true);
  addEventListener('change', e => { if (e.target.matches('select')) tell('choice', e.target); }, true);
})();
"""


class Log:
    """The actions in a window, as they happen."""

    def __init__(self, context: BrowserContext) -> None:
        self.acts: list[tuple[str, str]] = []
        context.expose_binding("__acted", lambda _, kind, what: self.acts.append((kind, what)))
        context.add_init_script(_LISTEN)

    def clicks(self, *, scans: bool) -> int:
        """Clicks, taps and key commands; a choice from a list counts twice."""
        cost = {"click": 1, "key": 1, "enter": 0 if scans else 1, "choice": 2}
        return sum(cost.get(kind, 0) for kind, _ in self.acts)

    def fields(self) -> int:
        """Fields that were typed into, each once."""
        return len({what for kind, what in self.acts if kind == "field"})


class Desk:
    """A merchant's window whose tasks have budgets."""

    def __init__(self, page: Page, log: Log) -> None:
        self.page, self.log = page, log

    @contextmanager
    def task(self, clicks: int, fields: int = 0, *, scans: bool = False) -> Iterator[None]:
        """From the dashboard on: at most so many clicks, and fields to type into."""
        self.page.goto("/en/admin")
        self.log.acts.clear()
        yield
        self.page.wait_for_load_state()
        spent, typed = self.log.clicks(scans=scans), self.log.fields()
        assert spent, "no action was heard of"
        assert spent <= clicks, f"{spent} clicks of {clicks}: {self.log.acts}"
        assert typed <= fields or scans, f"{typed} fields of {fields}: {self.log.acts}"
