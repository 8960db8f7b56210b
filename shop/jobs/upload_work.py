"""An upload at work: its file, how far it is, and what became of a product."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from shop.catalog.imports.reader import Group, ProductFile
from shop.jobs.importing import Done, Plan


@dataclass(frozen=True, slots=True)
class Work:
    """An upload with its file, and how far it is."""

    id: int
    store_id: int
    run_id: int | None
    position: int
    source: ProductFile
    what: Plan
    ends: float

    def is_over(self) -> bool:
        """Whether the next job is to go on."""
        return time.monotonic() > self.ends


def groups(work: Work) -> Iterator[tuple[int, int, Group]]:
    """The products that are still to be done: place, rows read with it, and the product."""
    rows = 0
    for place, item in enumerate(work.source.groups()):
        rows += item.read
        if place >= work.position:
            yield place, rows, item


def verdict(done: Done) -> str:
    """What became of a product, as the page of the upload says it: a change, too, where stock moved."""
    if done.outcome is None:
        return "refused"
    stock = any(one["field"] == "stock" for one in done.changes)
    return {"created": "created", "updated": "changed"}.get(
        done.recorded, "changed" if stock else "unchanged"
    )
