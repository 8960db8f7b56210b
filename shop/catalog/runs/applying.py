"""Bringing in one product of a file, inside the edge's transaction: the command line and the desk do it so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select

from shop.catalog import products
from shop.catalog.imports import own_lookup
from shop.catalog.imports.contexts import Draft
from shop.catalog.imports.own_links import OnParts
from shop.catalog.imports.problems import Problem
from shop.catalog.imports.saving import Outcome, save
from shop.catalog.models import Product
from shop.catalog.runs import services, snapshots
from shop.catalog.runs.options import Options, dressed
from shop.catalog.runs.services import Before, ReadLevels
from shop.core.db import db


class Booking(Protocol):
    """Counts what the file says of one product: stock belongs to a higher package."""

    counted: int

    @property
    def unknown(self) -> Iterable[str]:
        """Names of places that the store does not have."""

    def count(self, variant_id: int, units: int, new: bool) -> None:
        """Set what lies at the store's first place."""

    def count_at(self, variant_id: int, place: str, units: int, new: bool) -> None:
        """Set what lies at a place."""

    def finish(self, product_id: int) -> None:
        """All was told."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How stock is read and booked: ``booking`` makes a new one for each product. ``compose`` makes a
    variant a bundle, or none."""

    levels: ReadLevels
    booking: Callable[[], Booking]
    keep_available: Callable[[int], None]
    compose: OnParts


@dataclass(frozen=True, slots=True)
class Brought:
    """Which product it was, what became of it, what had to be left out, how many levels were set.

    ``recorded`` is what was written down of it: a change, too, where its stock alone moved; ``later``: it
    is to be saved again after the goods further down in the file.
    """

    product_id: int
    outcome: Outcome
    recorded: str
    problems: list[Problem] = field(default_factory=list)
    counted: int = 0
    later: bool = False


def known(store_id: int, handle: str, *, complete: bool = False) -> tuple[int, str] | None:
    """Id and status of the store's product of a handle."""
    if complete:
        product_id = own_lookup.find(store_id, handle)
        where = Product.id == product_id
    else:
        where = (Product.store_id == store_id) & (Product.import_handle == handle)
    row = db.session.execute(select(Product.id, Product.status).where(where)).one_or_none()
    return None if row is None else (row.id, row.status)


def as_wanted(draft: Draft, options: Options) -> Draft:
    """The draft with the options in it, which may depend on how its product stands now."""
    if options.status != "draft":
        return dressed(draft, options, "")
    data = draft.data
    found = known(data.store_id, data.import_handle or "", complete=draft.complete)
    return dressed(draft, options, found[1] if found else None)


def bring(
    draft: Draft,
    before: Before,
    stock: Stock,
    *,
    set_stock: bool,
    run_id: int | None,
    row: int | None,
    was: str = "",
) -> Brought:
    """Save a product of a file, new or as the file has it now, and write down what was done.

    ``before`` is what ``services.look`` saw in this transaction. Without a run nothing is written down.
    ``was``: what became of it when it was saved before, with less of the file known. Raises as ``save``
    does, and ``Conflict("import-stopped")``.
    """
    booking = stock.booking()
    handle = draft.data.import_handle or ""
    saved = save(
        draft,
        set_stock=set_stock,
        on_stock=booking.count,
        on_place=booking.count_at,
        on_parts=stock.compose,
    )
    booking.finish(saved.product_id)
    if saved.outcome is not Outcome.UNCHANGED:
        # A variant may have gone, or another come that is not counted.
        stock.keep_available(saved.product_id)
    recorded = str(saved.outcome)
    if run_id is not None:
        recorded = services.record(
            run_id,
            before,
            product_id=saved.product_id,
            handle=handle,
            row=row,
            outcome=saved.outcome,
            levels=stock.levels,
            was=was,
        )
    unknown = [
        Problem("location-unknown", handle, None, False, {"value": place})
        for place in booking.unknown
    ]
    problems = [*saved.problems, *unknown]
    return Brought(
        saved.product_id, saved.outcome, recorded, problems, booking.counted, saved.later
    )


def archive(product_id: int, stock: Stock, *, run_id: int) -> bool:
    """Archive a product that the file does not name; False when there is nothing to archive any more.

    Written down as a change, so that undoing the run brings it back. Raises ``Conflict("import-stopped")``.
    """
    row = db.session.execute(
        select(Product.status, Product.import_handle, Product.public_id)
        .where(Product.id == product_id)
        .with_for_update()
    ).one_or_none()
    if row is None or row.status == "archived":
        return False
    before = Before(product_id, snapshots.take(product_id), stock.levels(product_id))
    products.set_status(product_id, "archived")
    services.record(
        run_id,
        before,
        product_id=product_id,
        handle=row.import_handle or row.public_id,
        row=None,
        outcome="updated",
        levels=stock.levels,
    )
    return True
