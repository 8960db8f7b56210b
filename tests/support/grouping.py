"""Which tests share a worker: those that share a running shop, or load the machine by themselves.

pytest-xdist's own groups change the private name of a test, which pytest 9.2 no longer reads; until they
fit each other again, groups follow from where a test lies.
"""

from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tests/browser/": "browser",
    "tests/concurrency/": "races",
    "tests/jobs/test_worker.py": "workers",
    "tests/run/": "run",
    "tests/services/order/test_life.py": "life",
    "tests/web/catalog/test_window_browser.py": "browser",
}


class Grouped(LoadScopeScheduling):
    """Every test by itself, but for the groups."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)
