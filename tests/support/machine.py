"""What this machine cannot run is said, never passed over in silence."""

from typing import NoReturn

import pytest
from _pytest.terminal import TerminalReporter

PREFIX = "not on this machine: "


def cannot(reason: str) -> NoReturn:
    """Leave the present test out, and have `reason` named at the end of the run."""
    pytest.skip(PREFIX + reason)


def summarize(reporter: TerminalReporter) -> None:
    """Name everything that was left out, with its reason and how many tests it cost."""
    left_out: dict[str, list[str]] = {}
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ").removeprefix(PREFIX)
        left_out.setdefault(reason, []).append(report.nodeid)
    if not left_out:
        return
    reporter.section("Not run on this machine", yellow=True, bold=True)
    for reason, tests in sorted(left_out.items()):
        reporter.write_line(f"{reason}: {len(tests)} tests")
        for name in tests[:20]:
            reporter.write_line(f"    {name}")
        if len(tests) > 20:
            reporter.write_line(f"    … and {len(tests) - 20} more")
