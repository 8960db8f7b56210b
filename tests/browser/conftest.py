"""Chromium, and the whole shop running for it; one of each for all browser tests of a run."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.running import RunningShop
from tests.browser.watching import Watch
from tests.support.arriving import PATIENCE

Open = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def shop(run_folder: Path) -> Iterator[RunningShop]:
    """The shop, open. BROWSER_INSTANCE names a folder whose shop (running or not) is used instead."""
    running = RunningShop(Path(os.environ.get("BROWSER_INSTANCE") or run_folder / "browser-shop"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def opened(browser: Browser, shop: RunningShop) -> Iterator[Open]:
    """Opens windows (as of `new_context`); in the end nothing may have gone wrong in any of them.

    `statuses`: answers from 400 up that the test provokes.
    """
    watches: list[Watch] = []
    with ExitStack() as windows:

        def begin(statuses: Iterable[int] = (), **options: Any) -> BrowserContext:
            # Without motion: a locator that looks before a page's sheet has come would make Chromium give
            # up its fade between pages, and report that as an error.
            usual = {
                "base_url": shop.address,
                "viewport": {"width": 1280, "height": 900},
                "reduced_motion": "reduce",
            }
            context = browser.new_context(**usual | options)
            windows.callback(context.close)
            context.set_default_timeout(PATIENCE)
            watches.append(Watch(context, statuses))
            return context

        yield begin
    assert [said for watch in watches for said in watch.complaints] == []
